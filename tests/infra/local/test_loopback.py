"""For this machine only: where it listens, and whom it answers."""

import psutil
import pytest
import urllib3

from infra.local.errors import PortTaken
from infra.local.server import EmbeddedAws


@pytest.fixture(scope="module")
def aws():
    with EmbeddedAws() as running:
        yield running


def health(aws, **headers):
    return urllib3.request("GET", f"{aws.endpoint}/_lambent/health", headers=headers).status


def test_it_listens_on_loopback_and_on_nothing_else(aws):
    listening = {
        connection.laddr.ip
        for connection in psutil.Process().net_connections("inet")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == aws.port
    }
    assert "127.0.0.1" in listening
    assert listening <= {"127.0.0.1", "::1"}


def test_localhost_reaches_it_whichever_address_is_tried_first(aws):
    assert health(aws) == 200


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "bucket.localhost"])
def test_hosts_of_this_machine_are_answered(aws, host):
    assert health(aws, Host=f"{host}:{aws.port}") == 200
    assert health(aws, Host=host) == 200


@pytest.mark.parametrize("host", ["shop.example", "localhost.shop.example", "127.0.0.1.example"])
def test_a_foreign_host_is_refused_lest_a_web_page_binds_its_name_here(aws, host):
    """DNS rebinding: the browser believes that it talks to the page's own server."""
    assert health(aws, Host=f"{host}:{aws.port}") == 403


def test_a_page_of_another_origin_may_not_call_the_services(aws):
    answers = {
        origin: urllib3.request("GET", aws.endpoint, headers={"Origin": origin}).status
        for origin in ("https://shop.example", "null", "http://localhost:3000")
    }
    assert answers.pop("http://localhost:3000") != 403
    assert set(answers.values()) == {403}


def test_a_taken_port_is_named_with_the_way_out(aws):
    with pytest.raises(PortTaken) as refused:
        EmbeddedAws(aws.port).start()
    assert str(aws.port) in str(refused.value)
    assert "--port" in str(refused.value)
