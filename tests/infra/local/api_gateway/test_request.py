"""The event a function gets is the one API Gateway sends."""

import base64
import json
import subprocess

import pytest

from tests.infra.local.support import SAM

RETURN_EVENT = """
import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"""


@pytest.fixture(scope="module")
def api(cloud):
    name = cloud.function(RETURN_EVENT)
    cloud("lambda").publish_version(FunctionName=name)
    cloud("lambda").create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return cloud.rest_api(
        {
            "/{proxy+}": {"x-amazon-apigateway-any-method": cloud.proxy(name, "live")},
            "/models/{name}": {"get": cloud.proxy(name, "live")},
        },
        stage={"variables": {"colour": "green"}},
        **{"x-amazon-apigateway-binary-media-types": ["application/octet-stream", "image~1*"]},
    )


@pytest.fixture(scope="module")
def sample():
    """What sam-cli holds for a proxy event."""
    command = [SAM, "local", "generate-event", "apigateway", "aws-proxy"]
    environment = {"SAM_CLI_TELEMETRY": "0", "PATH": "/usr/bin:/bin", "HOME": "/tmp"}
    output = subprocess.run(command, capture_output=True, check=True, env=environment).stdout
    return json.loads(output)


def kinds(value):
    """The type of a value; of an object, those of its keys. Strings and null may swap."""
    if isinstance(value, dict):
        return {key: kinds(inner) for key, inner in value.items()}
    return "text" if value is None or isinstance(value, str) else type(value).__name__


def missing(sample, event, path=""):
    """Keys of the sample that the event lacks or has with another type."""
    for key, kind in sample.items():
        if key not in event:
            yield f"{path}{key} is missing"
        elif isinstance(kind, dict) and isinstance(event[key], dict):
            yield from missing(kind, event[key], f"{path}{key}.")
        elif kind != event[key]:
            yield f"{path}{key}: {event[key]} instead of {kind}"


def test_it_has_every_field_of_sams_sample_with_its_type(api, sample):
    body = base64.b64decode(sample["body"])
    sent = {name: value for name, value in sample["headers"].items() if name in {"User-Agent"}}
    sent["Content-Type"] = "application/octet-stream"
    event = api("POST", "/path/to/resource?foo=bar", body, sent).json
    for gone in ("headers", "multiValueHeaders", "stageVariables"):
        assert isinstance(event.pop(gone), dict)
        sample = {key: value for key, value in sample.items() if key != gone}
    assert list(missing(kinds(sample), kinds(event))) == []
    for same in (
        "body",
        "isBase64Encoded",
        "resource",
        "path",
        "httpMethod",
        "queryStringParameters",
        "multiValueQueryStringParameters",
    ):
        assert event[same] == sample[same], same


def test_headers_come_once_and_as_lists(api):
    event = api("GET", "/x", headers={"accept": "a/b", "x-island": "Dream"}).json
    assert event["headers"]["X-Island"] == "Dream"
    assert event["multiValueHeaders"]["Accept"] == ["a/b"]
    assert event["headers"]["X-Forwarded-For"] == event["requestContext"]["identity"]["sourceIp"]
    assert event["headers"]["X-Forwarded-Proto"] == "http"
    assert event["headers"]["X-Amzn-Trace-Id"].startswith("Root=1-")


def test_a_repeated_query_parameter_keeps_all_values_and_shows_the_last(api):
    event = api("GET", "/x?a=1&a=2&empty=&b=%C3%BC+z").json
    assert event["queryStringParameters"] == {"a": "2", "empty": "", "b": "ü z"}
    assert event["multiValueQueryStringParameters"] == {
        "a": ["1", "2"],
        "empty": [""],
        "b": ["ü z"],
    }


def test_without_query_body_or_parameters_they_are_null(api):
    event = api("GET", "/x").json
    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None
    assert event["body"] is None
    assert event["isBase64Encoded"] is False


def test_path_parameters_are_decoded_and_the_path_is_as_sent(api):
    event = api("GET", "/models/a%20b%2Fc").json
    assert event["resource"] == "/models/{name}"
    assert event["pathParameters"] == {"name": "a b/c"}
    assert event["path"] == "/models/a%20b%2Fc"


def test_the_context_names_stage_api_and_the_path_the_client_asked_for(api):
    context = api("DELETE", "/v1/things").json["requestContext"]
    assert context["stage"] == "live"
    assert context["apiId"] == api.id
    assert context["resourcePath"] == "/{proxy+}"
    assert context["httpMethod"] == "DELETE"
    assert context["path"] == f"/_aws/execute-api/{api.id}/live/v1/things"
    assert context["domainName"] == f"{api.id}.execute-api.us-east-1.amazonaws.com"


def test_stage_variables_come_along(api):
    assert api("GET", "/x").json["stageVariables"] == {"colour": "green"}


@pytest.mark.parametrize(
    ("content_type", "binary"),
    [
        ("application/octet-stream", True),
        ("application/octet-stream; x=y", True),
        ("image/png", True),
        ("application/json", False),
    ],
)
def test_binary_media_types_travel_as_base64(api, content_type, binary):
    event = api("POST", "/x", b'{"a":1}', {"Content-Type": content_type}).json
    assert event["isBase64Encoded"] is binary
    assert event["body"] == (base64.b64encode(b'{"a":1}').decode() if binary else '{"a":1}')


def test_each_request_has_an_id_of_its_own_that_the_answer_repeats(api):
    one, other = api("GET", "/x"), api("GET", "/x")
    assert one.json["requestContext"]["requestId"] == one.headers["x-amzn-RequestId"]
    assert one.headers["x-amz-apigw-id"] == one.json["requestContext"]["extendedRequestId"]
    assert one.headers["x-amzn-RequestId"] != other.headers["x-amzn-RequestId"]
