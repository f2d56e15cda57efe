"""Every error that a caller can cause or meet has one row in the table."""

import pytest
from starlette.exceptions import HTTPException

from functions.inference import errors
from functions.inference.loading.errors import AccessRefused, LoadError
from functions.inference.problems import KINDS, Problem, problem_of, unrouted
from model_store.contract import Code, Violation
from model_store.errors import LambentError, ModelFailed

CANARY = "canary-0d4e"
NEVER_ANSWERED = {
    errors.ConfigurationError,  # the function does not start
    LoadError,  # logged; callers are told ModelNotReady or the fallback
}


def family(kind: type[Exception]) -> set[type[Exception]]:
    return {kind}.union(*(family(below) for below in kind.__subclasses__()))


def test_every_error_of_serving_has_a_row() -> None:
    ours = {
        kind
        for kind in family(errors.ServingError) - {errors.ServingError}
        if kind.__module__ == errors.__name__
    }
    assert ours - NEVER_ANSWERED == {kind for kind in KINDS if kind in ours}


def test_each_row_has_a_name_of_its_own() -> None:
    slugs = [kind.slug for kind in KINDS.values()]
    assert len(set(slugs)) == len(slugs)


def test_headers_have_names_in_lower_case_as_the_direct_path_sends_them() -> None:
    assert all(name == name.lower() for kind in KINDS.values() for name in kind.headers)


def test_fault_row_31_what_may_pass_says_when_to_retry_and_a_mistake_does_not() -> None:
    for kind in KINDS.values():
        assert 400 <= kind.status < 500 or kind.status == 503
        assert ("retry-after" in kind.headers) is (kind.status == 503)


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError(CANARY),
        ModelFailed(CANARY, CANARY, CANARY),
        AccessRefused(f"s3://{CANARY}", CANARY, CANARY),
        LambentError(CANARY, CANARY, CANARY),
        HTTPException(418, CANARY),
    ],
    ids=lambda error: type(error).__name__,
)
def test_threat_personal_data_an_error_without_a_row_is_a_500_that_says_nothing(
    error: Exception,
) -> None:
    problem = problem_of(error)
    assert (problem.kind.status, problem.kind.slug) == (500, "internal-error")
    assert CANARY not in str(problem.body("id"))


def test_an_error_is_told_as_where_what_and_the_next_step() -> None:
    error = errors.TooManyRows(5, 3)
    problem = problem_of(error)
    assert (problem.kind.status, problem.detail) == (413, str(error))


def test_fault_row_16_each_violation_is_a_pointer_a_code_and_a_message() -> None:
    found = [
        Violation(("instances", 0, "sex"), Code.MISSING, "is required"),
        Violation(("instances", 1), Code.NOT_AN_OBJECT, "must be a JSON object"),
    ]
    problem = problem_of(errors.InvalidRequest(found))
    assert problem.errors == (
        {"pointer": "/instances/0/sex", "code": "missing", "message": "is required"},
        {"pointer": "/instances/1", "code": "not_an_object", "message": "must be a JSON object"},
    )


@pytest.mark.parametrize(("status", "slug"), [(404, "not-found"), (405, "method-not-allowed")])
def test_an_unknown_route_or_method_keeps_its_headers_and_loses_its_text(
    status: int, slug: str
) -> None:
    problem = unrouted(status, {"Allow": "POST"})
    assert problem is not None
    assert (problem.kind.status, problem.kind.slug) == (status, slug)
    assert problem.kind.headers == {"Allow": "POST"}
    assert CANARY not in str(problem.body("id"))


def test_a_problem_is_written_as_rfc_9457_wants_it() -> None:
    kind = KINDS[errors.BodyNotJson]
    assert Problem(kind, "It is not.").body("request-1") == {
        "type": "urn:lambent:problem:invalid-json",
        "title": kind.title,
        "status": 400,
        "detail": "It is not.",
        "instance": "request-1",
    }
