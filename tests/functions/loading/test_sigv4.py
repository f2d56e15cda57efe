"""Our signatures, of an S3 GET and a Lambda POST, are those that botocore makes."""

from datetime import UTC, datetime
from unittest import mock

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from functions.inference.loading.s3 import BucketReader
from functions.inference.loading.sigv4 import Credentials, sign_get, sign_post

NOW = datetime(2026, 11, 22, 10, 30, 5, tzinfo=UTC)
SEGMENT = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_characters="/?#\\[]\x7f"),
    min_size=1,
    max_size=12,
).filter(lambda text: text.strip(".") != "")


def botocore_signature(url: str, region: str, credentials: Credentials) -> str:
    request = AWSRequest("GET", url)
    with mock.patch("botocore.auth.get_current_datetime", return_value=NOW.replace(tzinfo=None)):
        S3SigV4Auth(
            BotocoreCredentials(
                credentials.access_key, credentials.secret_key, credentials.session_token
            ),
            "s3",
            region,
        ).add_auth(request)
    return request.headers["Authorization"]


@pytest.mark.parametrize(
    "url",
    [
        "https://artifacts.s3.eu-central-1.amazonaws.com/models/penguins/1/manifest.json",
        "http://localhost:4566/artifacts/blobs/sha256/" + "0f" * 32,
        "https://s3.cn-north-1.amazonaws.com.cn/my.bucket/a%20b%2Bc%3Dd~e_f-g.h",
    ],
)
@pytest.mark.parametrize("token", [None, "a/session+token=="])
def test_the_signature_is_botocores(url: str, token: str | None) -> None:
    credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
    ours = sign_get(url, "eu-central-1", credentials, NOW)
    assert ours["authorization"] == botocore_signature(url, "eu-central-1", credentials)
    assert ours.get("x-amz-security-token") == token


@given(key=st.lists(SEGMENT, min_size=1, max_size=3).map("/".join), token=st.booleans())
def test_any_key_is_signed_like_botocore_signs_it(key: str, token: bool) -> None:
    credentials = Credentials("AKID", "secret", "token" if token else None)
    url = BucketReader("artifacts", {}).url(key)
    ours = sign_get(url, "us-east-1", credentials, NOW)
    assert ours["authorization"] == botocore_signature(url, "us-east-1", credentials)


def test_secrets_are_not_shown_by_repr() -> None:
    shown = repr(Credentials("AKID", "the-secret", "the-token"))
    assert "the-secret" not in shown
    assert "the-token" not in shown


@given(body=st.binary(max_size=100), token=st.booleans(), version=st.integers(1, 10**6))
def test_invoking_a_version_is_signed_like_botocore_signs_it(
    body: bytes, token: bool, version: int
) -> None:
    credentials = Credentials("AKID", "secret", "a/token==" if token else None)
    url = (
        "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/lambent-a-b/invocations"
        f"?Qualifier={version}"
    )
    ours = sign_post(url, "eu-west-1", "lambda", body, credentials, NOW)
    named = {"x-amz-content-sha256": ours["x-amz-content-sha256"]}
    request = AWSRequest("POST", url, data=body, headers=named)
    keys = BotocoreCredentials(*("AKID", "secret", credentials.session_token))
    with mock.patch("botocore.auth.get_current_datetime", return_value=NOW.replace(tzinfo=None)):
        SigV4Auth(keys, "lambda", "eu-west-1").add_auth(request)
    assert ours["authorization"] == request.headers["Authorization"]
