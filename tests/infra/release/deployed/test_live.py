"""What Lambda tells of the alias and of the versions behind it."""

import pytest

from infra.errors import NotFound
from infra.release.deployed.live import (
    FALLBACK_ONLY,
    read_function,
    read_live,
    read_version,
    read_versions,
    require_live,
)
from tests.infra.release.conftest import lambda_version
from tests.infra.release.stubs import configuration, stubbed

ALIAS = {"FunctionName": "lambent-scaled", "Name": "live"}
AT_2 = {"FunctionVersion": "2", "RevisionId": "r"}


def test_what_is_live_is_the_model_that_its_version_pins() -> None:
    aws, functions = stubbed("lambda_")
    functions.add_response("get_alias", AT_2, ALIAS)
    asked = {"FunctionName": "lambent-scaled", "Qualifier": "2"}
    functions.add_response("get_function_configuration", configuration("2", "b"), asked)
    live = require_live(aws, "scaled")
    assert (live.version.number, live.version.model_version) == ("2", "b")
    assert live.version.digest == "b" * 64
    assert (live.weights, live.revision) == ({}, "r")


def test_a_version_that_is_known_is_not_asked_for_again() -> None:
    aws, functions = stubbed("lambda_")
    functions.add_response("get_alias", AT_2)
    known = (lambda_version(1, "1"), lambda_version(2, "2"))
    assert require_live(aws, "scaled", known).version is known[1]


def test_weights_are_told_so_that_a_rollback_can_clear_them() -> None:
    """Fault row 46."""
    aws, functions = stubbed("lambda_")
    weights = {"AdditionalVersionWeights": {"3": 0.1}}
    functions.add_response("get_alias", AT_2 | {"RoutingConfig": weights})
    assert require_live(aws, "scaled", (lambda_version(2, "2"),)).weights == {"3": 0.1}


def test_without_a_function_nothing_is_live() -> None:
    aws, functions = stubbed("lambda_")
    for operation in ("get_alias", "list_versions_by_function", "get_alias"):
        functions.add_client_error(operation, "ResourceNotFoundException", "none", 404)
    assert read_live(aws, "scaled") is None
    assert read_versions(aws, "scaled") == ()
    with pytest.raises(NotFound, match="lambent deploy scaled"):
        require_live(aws, "scaled")


def test_versions_are_in_the_order_of_their_numbers_and_without_the_draft() -> None:
    """Over all pages; as text, 10 would come before 9."""
    aws, functions = stubbed("lambda_")
    pages = (["$LATEST", "9"], ["10", "1"])
    for number, page in enumerate(pages):
        answer = {"Versions": [configuration(version, "a") for version in page]}
        more = {"NextMarker": "more"} if number == 0 else {}
        functions.add_response("list_versions_by_function", answer | more)
    assert [v.number for v in read_versions(aws, "scaled")] == ["1", "9", "10"]


def test_settings_are_named_as_the_parameters_of_the_template() -> None:
    aws, functions = stubbed("lambda_")
    runs = {"Runtime": "python3.13", "MemorySize": 512, "Timeout": 5, "Architectures": ["arm64"]}
    functions.add_response("get_function_configuration", configuration("2", "b", **runs))
    assert read_version(aws, "scaled", "2").settings == {
        "Runtime": "python3.13",
        "MemorySize": "512",
        "Timeout": "5",
        "Architecture": "arm64",
    }


def test_a_version_that_lambent_did_not_make_is_told_as_unknown() -> None:
    aws, functions = stubbed("lambda_")
    functions.add_response("get_function_configuration", {"Version": "2"})
    version = read_version(aws, "scaled", "2")
    assert (version.model_version, version.digest, version.standby) == ("?", "", "")


def test_a_version_tells_whether_it_answers_from_the_fallback_alone() -> None:
    aws, functions = stubbed("lambda_")
    only, model, draft = (configuration(number, "a") for number in ("3", "2", "$LATEST"))
    only["Environment"]["Variables"] |= FALLBACK_ONLY
    draft |= {"CodeSha256": "c0de", "RevisionId": "r", "SnapStart": {"ApplyOn": "None"}}
    functions.add_response("list_versions_by_function", {"Versions": [draft, only, model]})
    latest, versions = read_function(aws, "scaled")
    assert [v.is_fallback_only for v in versions] == [False, True]
    assert latest
    assert (latest.code, latest.revision) == ("c0de", "r")
    assert latest.settings == {"SnapStart": "Off"}
