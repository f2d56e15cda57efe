"""What the alias points to, and what the versions behind it would serve."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from model_store.errors import NotFound
from model_store.history.live import Alias, Version, read_alias, read_versions, version_of

from .clients import client

ALIAS = {"FunctionName": "lambent-iris", "Name": "live"}


@pytest.fixture
def functions() -> Iterator[Stubber]:
    with Stubber(client("lambda")) as stub:
        yield stub
        stub.assert_no_pending_responses()


def configuration(number: str, **more: str) -> dict[str, Any]:
    pinned = {"LAMBENT_VERSION": "1.0", "LAMBENT_DIGEST": "d" * 64, **more}
    published = "2030-01-01T12:00:00.000+0000"
    return {
        "Version": number,
        "LastModified": published,
        "Environment": {"Variables": pinned},
    }


def test_a_version_tells_the_model_that_it_pins_and_when_it_was_published() -> None:
    noon = datetime(2030, 1, 1, 12, tzinfo=UTC)
    assert version_of(configuration("3")) == Version("3", "1.0", "d" * 64, published=noon)


def test_versions_that_a_switch_made_are_told_apart() -> None:
    assert version_of(configuration("3", LAMBENT_FALLBACK_ONLY="on")).is_fallback_only
    assert version_of(configuration("3", LAMBENT_SHADOW="2")).is_shadowing


def test_a_version_that_lambent_did_not_make_is_read_too() -> None:
    assert (version_of({"Version": "1"}).model_version, version_of({"Version": "1"}).digest) == (
        "?",
        "",
    )


def test_the_alias_tells_weights_revision_and_description(functions: Stubber) -> None:
    weights = {"4": 0.1}
    described = {
        "FunctionVersion": "3",
        "RevisionId": "r",
        "Description": "moved",
        "RoutingConfig": {"AdditionalVersionWeights": weights},
    }
    functions.add_response("get_alias", described, ALIAS)
    functions.add_response("get_alias", {"FunctionVersion": "3", "RevisionId": "s"}, ALIAS)
    assert read_alias(functions.client, "lambent-iris") == Alias("3", "r", weights, "moved")
    assert read_alias(functions.client, "lambent-iris") == Alias("3", "s")


def test_without_an_alias_nothing_is_live(functions: Stubber) -> None:
    functions.add_client_error("get_alias", "ResourceNotFoundException", "none", 404)
    with pytest.raises(NotFound, match="lambent-iris:live"):
        read_alias(functions.client, "lambent-iris")


def test_every_published_version_is_read_over_all_pages(functions: Stubber) -> None:
    asked = {"FunctionName": "lambent-iris"}
    first = {"Versions": [configuration("$LATEST"), configuration("1")], "NextMarker": "more"}
    functions.add_response("list_versions_by_function", first, asked)
    functions.add_response(
        "list_versions_by_function", {"Versions": [configuration("2")]}, asked | {"Marker": "more"}
    )
    assert list(read_versions(functions.client, "lambent-iris")) == ["1", "2"]
