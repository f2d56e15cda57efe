"""What a function still answers while S3 is down."""

import string
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from model_store.artifact.facts import FileEntry, OutputNames
from model_store.artifact.manifest import LONGEST_CHAIN, Manifest
from model_store.artifact.standby import LIMIT, Standby, pack, unpack
from model_store.canonical import sha256_hex
from model_store.contract import Contract, default_tensors, normalise
from model_store.errors import ArtifactError
from model_store.fallbacks.chain import NoSources, fall_back
from model_store.fallbacks.records import Constant, Fallback, OtherModel, Popular, Rule, Rules
from model_store.packaging.fallbacks.rules import compile_rule
from model_store.packaging.model_file import load_model
from model_store.predictions import Reason

EXAMPLES = Path(__file__).parents[3] / "examples"
Make = Callable[..., Manifest]


def test_carries_what_names_checks_and_answers(make_manifest: Make):
    manifest = make_manifest(fallbacks=(Constant(value="Adelie"),))
    text = pack(manifest, manifest.digest)
    standby = unpack(text)
    assert set(text) <= set(string.ascii_letters + string.digits + "-_=")
    assert (standby.name, standby.version) == ("penguins", "1")
    assert standby.digest == manifest.digest
    assert standby.contract == manifest.contract
    assert standby.fallbacks == manifest.fallbacks


def wide(features: int, described: int = 0) -> Contract:
    """Features with names, and descriptions of so many characters, that do not compress."""
    random = Random(0)

    def text(length: int) -> str:
        return "".join(random.choices(string.ascii_letters, k=length))

    found = [
        {"kind": "number", "name": text(60), "description": text(described), "unit": "mm"}
        for _ in range(features)
    ]
    return Contract.model_validate({"name": "wide", "version": "1.0", "features": found})


def chain_over(contract: Contract) -> tuple[Fallback, ...]:
    text = f"{contract.names[0]} > 3"
    rule = Rule(when=text, condition=compile_rule(contract, text), value="Gentoo")
    return (
        Rules(rules=(rule,)),
        OtherModel(role="baseline", inputs=default_tensors(contract), outputs=OutputNames()),
        Popular(list="top", max_age=60),
        Constant(value="Adelie", note="the most common"),
    )


def packed(make_manifest: Make, contract: Contract) -> Standby:
    files = {name: FileEntry(sha256="0" * 64, size=1) for name in ("model.onnx", "baseline.onnx")}
    chain = chain_over(contract)
    manifest = make_manifest(
        contract=contract, inputs=default_tensors(contract), fallbacks=chain, files=files
    )
    text = pack(manifest, manifest.digest)
    assert len(text) <= LIMIT
    return unpack(text)


def test_holds_every_fallback_that_is_no_model(make_manifest: Make) -> None:
    contract = wide(3)
    standby = packed(make_manifest, contract)
    rules, _, popular, constant = chain_over(contract)
    assert standby.fallbacks == (rules, popular, constant)
    assert standby.contract == contract


def test_what_only_people_read_is_dropped_before_the_contract(make_manifest: Make) -> None:
    contract = wide(20, described=200)
    standby = packed(make_manifest, contract)
    assert standby.contract is not None
    assert standby.contract.names == contract.names
    row: dict[str, object] = dict.fromkeys(contract.names, 4.0)
    assert normalise(standby.contract, row) == normalise(contract, row)
    reasons = [Reason.MODEL_UNAVAILABLE]
    (answer,) = fall_back(
        standby.fallbacks, [normalise(standby.contract, row)], reasons, NoSources()
    )
    assert (answer and answer.value, answer and answer.source) == ("Gentoo", "rules")


def test_a_contract_too_large_for_the_environment_is_left_out_with_its_rules(
    make_manifest: Make,
) -> None:
    standby = packed(make_manifest, wide(100))
    assert standby.contract is None
    assert standby.fallbacks == (Popular(list="top", max_age=60), Constant(value="Adelie"))


def test_the_longest_chain_without_a_contract_fits(make_manifest: Make) -> None:
    random, letters = Random(0), string.ascii_lowercase + string.digits
    names = ["".join(random.choices(letters, k=40)) for _ in range(LONGEST_CHAIN - 1)]
    lists = tuple(Popular(list=name, max_age=60) for name in names)
    contract = wide(100)
    manifest = make_manifest(
        contract=contract,
        inputs=default_tensors(contract),
        fallbacks=(*lists, Constant(value="Adelie")),
    )
    text = pack(manifest, manifest.digest)
    assert len(text) <= LIMIT
    assert unpack(text).fallbacks == manifest.fallbacks


TEN_RULES = {
    "flipper_length_mm > 205 && island != 'Dream'": "Gentoo",
    "body_mass_g > 5000": "Gentoo",
    "bill_length_mm > 45 && bill_depth_mm < 16": "Gentoo",
    "island == 'Torgersen'": "Adelie",
    "bill_length_mm / bill_depth_mm > 2.8": "Gentoo",
    "island in ['Biscoe', 'Dream'] && sex == 'male' && body_mass_g > 4200": "Gentoo",
    "flipper_length_mm == null && body_mass_g < 3500": "Adelie",
    "bill_depth_mm > 18.5 || bill_length_mm < 40": "Adelie",
    "sex == 'female' && !(island == 'Biscoe')": "Chinstrap",
    "body_mass_g >= 3000 && body_mass_g <= 3600": "Adelie",
}


def test_the_penguins_with_ten_rules_fit_whole(make_manifest: Make) -> None:
    contract = load_model(EXAMPLES / "penguins/model.py", "1").contract
    rules = tuple(
        Rule(when=text, condition=compile_rule(contract, text), value=answer)
        for text, answer in TEN_RULES.items()
    )
    chain = (Rules(rules=rules), Constant(value="Adelie", note="the most common species"))
    manifest = make_manifest(contract=contract, inputs=default_tensors(contract), fallbacks=chain)
    text = pack(manifest, manifest.digest)
    assert len(text) <= LIMIT / 2
    assert (unpack(text).contract, unpack(text).fallbacks) == (contract, chain)


def test_labels_go_along_as_long_as_there_is_room(make_manifest: Make) -> None:
    """A popular list is held to them; a contract is worth more than that."""
    few = make_manifest()
    assert unpack(pack(few, few.digest)).labels == few.labels
    labels = tuple(sha256_hex(str(number).encode()) for number in range(200))
    many = make_manifest(task="multiclass", labels=labels, golden=(), fallbacks=())
    found = unpack(pack(many, many.digest))
    assert (found.labels, found.contract is None) == ((), False)


def test_a_model_without_fallback_still_has_a_standby(make_manifest: Make):
    manifest = make_manifest()
    assert unpack(pack(manifest, manifest.digest)).fallbacks == ()


@pytest.mark.parametrize("text", ["", "é", "AAAA", "not base64!", "e30="])
def test_refuses_anything_else(text: str):
    with pytest.raises(ArtifactError, match=r"LAMBENT_STANDBY.*lambent deploy"):
        unpack(text)


def test_refuses_a_cut_record(make_manifest: Make):
    manifest = make_manifest()
    text = pack(manifest, manifest.digest)
    with pytest.raises(ArtifactError):
        unpack(text[: len(text) // 8 * 4])
