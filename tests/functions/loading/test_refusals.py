"""What each error answer of S3 is taken for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.inference.loading.errors import (
    AccessRefused,
    KeyUnusable,
    LoadError,
    ObjectMissing,
    StoreRefused,
    StoreUnavailable,
)
from functions.inference.loading.refusals import read_refusal

WHERE = "s3://artifacts/blobs/x"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0e1d"
ROLE = "User: arn:aws:sts::1:assumed-role/r/f is not authorized to perform: "


def xml(code: str, message: str = "") -> str:
    return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"


@pytest.mark.parametrize(
    ("status", "body", "kind", "told"),
    [
        (500, xml("InternalError"), StoreUnavailable, "InternalError"),
        (503, "", StoreUnavailable, "HTTP 503"),
        (429, "", StoreUnavailable, "HTTP 429"),
        (400, xml("RequestTimeout"), StoreUnavailable, "RequestTimeout"),
        (404, xml("NoSuchKey"), ObjectMissing, "NoSuchKey"),
        (404, xml("NoSuchBucket"), ObjectMissing, "NoSuchBucket"),
        (400, xml("KMS.DisabledException", f"{KEY} is disabled."), KeyUnusable, KEY),
        (400, xml("KMS.NotFoundException"), KeyUnusable, "KMS key of the bucket"),
        (403, xml("AccessDenied", f"{ROLE}kms:Decrypt on resource: {KEY}"), KeyUnusable, KEY),
        (403, xml("AccessDenied", "Access Denied"), AccessRefused, "lacks s3:GetObject"),
        (403, "", AccessRefused, "lacks s3:GetObject"),
        (403, xml("AccessDenied", f"{ROLE}s3:GetObjectVersion on"), AccessRefused, "ObjectVersion"),
        (403, xml("RequestTimeTooSkewed"), AccessRefused, "RequestTimeTooSkewed"),
        (403, xml("InvalidAccessKeyId"), AccessRefused, "InvalidAccessKeyId"),
        (301, xml("PermanentRedirect"), StoreRefused, "PermanentRedirect"),
        (400, "<html>a proxy</html>", StoreRefused, "HTTP 400"),
    ],
)
def test_fault_rows_1_7_8_and_9_an_answer_is_told_apart_by_status_and_code(
    status: int, body: str, kind: type[LoadError], told: str
) -> None:
    found = read_refusal(status, body, WHERE)
    assert type(found) is kind
    assert found.where == WHERE
    assert told in found.what
    assert found.next_step


def test_fault_row_9_the_action_that_the_key_needs_is_named() -> None:
    denied = xml("AccessDenied", f"{ROLE}kms:GenerateDataKey on resource: {KEY}")
    assert "kms:GenerateDataKey" in read_refusal(403, denied, WHERE).next_step
    assert "kms:Decrypt" in read_refusal(400, xml("KMS.DisabledException"), WHERE).next_step


def test_a_refused_signature_points_at_the_clock() -> None:
    assert "clock" in read_refusal(403, xml("RequestTimeTooSkewed"), WHERE).next_step


@given(status=st.integers(300, 599), body=st.text())
def test_any_answer_is_told_in_one_short_line(status: int, body: str) -> None:
    """Whatever a proxy puts there, it does not reach the log as it is."""
    found = read_refusal(status, f"{body}<Code>{body}</Code>" if status % 2 else body, WHERE)
    assert "\n" not in str(found)
    assert len(str(found)) < 400


@given(status=st.integers(500, 599), code=st.from_regex(r"[A-Za-z.]{1,20}", fullmatch=True))
def test_fault_row_1_trouble_of_s3_is_tried_again_whatever_it_calls_it(
    status: int, code: str
) -> None:
    assert read_refusal(status, xml(code, KEY), WHERE).tries == StoreUnavailable.tries == 3
