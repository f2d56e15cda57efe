"""Nothing that a caller can see is without a rule: a new field needs one, or a reason why not."""

from typing import get_args

import pytest
from pydantic import BaseModel

from model_store.artifact.facts import OutputNames
from model_store.artifact.manifest import Manifest
from model_store.compatibility.changes import (
    CONTRACT,
    FEATURES_ARE_MATCHED_BY,
    NOT_PROMISED,
    OF_KIND,
    RULES_OF_A_MANIFEST,
)
from model_store.compatibility.feature_rules import COMMON
from model_store.contract import Contract, Feature
from model_store.contract.features import FeatureBase
from model_store.policy import Policy
from model_store.uncertainty.conformal import Intervals, Level, PredictionSets
from model_store.uncertainty.novelty import Novelty

KINDS: tuple[type[FeatureBase], ...] = get_args(get_args(Feature)[0])
INSIDE: dict[str, tuple[type[BaseModel], ...]] = {
    "outputs": (OutputNames,),
    "policy": (Policy,),
    "conformal": (PredictionSets, Intervals),
    "conformal.levels": (Level,),
    "novelty": (Novelty,),
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_field_of_every_kind_of_feature_has_a_rule(kind: type[FeatureBase]) -> None:
    name = kind.model_fields["kind"].default
    ruled = {field for rule in (*COMMON, *OF_KIND[name]) for field in rule.reads}
    assert set(kind.model_fields) - ruled - {FEATURES_ARE_MATCHED_BY} == set()


def test_every_kind_of_feature_has_rules() -> None:
    assert set(OF_KIND) == {kind.model_fields["kind"].default for kind in KINDS}


def test_every_field_of_a_contract_has_a_rule() -> None:
    ruled = {field for rule in CONTRACT for field in rule.reads}
    assert set(Contract.model_fields) - ruled == {"version", "features"}


def test_every_field_of_a_manifest_has_a_rule_or_a_reason_for_none() -> None:
    fields = set(Manifest.model_fields) - {"contract"}
    for name, records in INSIDE.items():
        fields |= {f"{name}.{field}" for record in records for field in record.model_fields}
        fields.discard(name)
    ruled = {field for rule in RULES_OF_A_MANIFEST for field in rule.reads}
    assert fields - ruled - set(NOT_PROMISED) == set()
    assert ruled & set(NOT_PROMISED) == set()
    assert (ruled | set(NOT_PROMISED)) - fields <= set(INSIDE)
