"""Who asks for a move."""

import pytest

from infra.release.deployed.history import who_am_i
from tests.infra.release.stubs import stubbed


def test_the_history_knows_who_it_was_even_if_aws_does_not_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aws, identity = stubbed("sts")
    arn = "arn:aws:sts::123456789012:assumed-role/ops/ada"
    identity.add_response("get_caller_identity", {"Arn": arn})
    identity.add_client_error("get_caller_identity", "AccessDenied", "no", 403)
    monkeypatch.setattr("getpass.getuser", lambda: "ada")
    monkeypatch.setattr("socket.gethostname", lambda: "laptop")
    assert [who_am_i(aws), who_am_i(aws)] == [arn, "ada@laptop"]
