"""What a function still answers while S3 is down."""

import string
from collections.abc import Callable
from random import Random

import pytest

from model_store.artifact.manifest import Manifest
from model_store.artifact.standby import LIMIT, pack, unpack
from model_store.contract import Contract, default_tensors
from model_store.errors import ArtifactError
from model_store.fallbacks.records import Constant

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


def test_a_contract_too_large_for_the_environment_is_left_out(make_manifest: Make):
    random = Random(0)
    features = [
        {"kind": "number", "name": "".join(random.choices(string.ascii_letters, k=60))}
        for _ in range(100)
    ]
    contract = Contract.model_validate({"name": "wide", "version": "1.0", "features": features})
    manifest = make_manifest(
        contract=contract, inputs=default_tensors(contract), fallbacks=(Constant(value="Adelie"),)
    )
    text = pack(manifest, manifest.digest)
    assert len(text) <= LIMIT
    assert unpack(text).contract is None
    assert unpack(text).fallbacks == (Constant(value="Adelie"),)


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
