"""For this machine only: where it listens, and whom it answers."""

import json

import boto3
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


@pytest.mark.parametrize("excepted", ["", "intranet.example"])
def test_a_proxy_of_the_machine_is_not_asked_for_localhost(aws, monkeypatch, excepted):
    """Neither by clients nor by CloudFormation, which calls the other services."""
    monkeypatch.setenv("HTTP_PROXY", "http://localhost:9")
    monkeypatch.setenv("NO_PROXY", excepted)
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": f"of-{excepted}"}}
    template, name = json.dumps({"Resources": {"Group": group}}), f"stack-{len(excepted)}"
    boto3.client("cloudformation").create_stack(StackName=name, TemplateBody=template)
    groups = boto3.client("logs").describe_log_groups()["logGroups"]
    assert f"of-{excepted}" in [group["logGroupName"] for group in groups]


def test_what_is_said_of_proxies_stays_as_it_is_where_it_holds(aws, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://localhost:9")
    for enough in ("*", "localhost,intranet.example"):
        monkeypatch.setenv("NO_PROXY", enough)
        assert "no_proxy" not in aws.environment()
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    assert aws.environment()["no_proxy"] == "intranet.example,localhost"


def test_a_taken_port_is_named_with_the_way_out(aws):
    with pytest.raises(PortTaken) as refused:
        EmbeddedAws(aws.port).start()
    assert str(aws.port) in str(refused.value)
    assert "--port" in str(refused.value)
