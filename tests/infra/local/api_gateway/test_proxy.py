"""The event a function gets is the one API Gateway sends; what it returns becomes the answer."""

import base64
import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from tests.infra.local.support import SAM

RETURN_EVENT = """
import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"""
# Returns whatever the request's body says.
MIRROR = """
import json, os, time
def handler(event, context):
    asked = json.loads(event["body"] or "{}")
    if "sleep" in asked:
        time.sleep(asked["sleep"])
    if asked.get("crash"):
        os._exit(1)
    if asked.get("raise"):
        raise ValueError("no")
    if "size" in asked:
        return {"statusCode": 200, "body": "x" * asked["size"]}
    return asked["return"]
"""


@pytest.fixture(scope="module")
def echo(cloud):
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


def test_it_has_every_field_of_sams_sample_with_its_type(echo, sample):
    body = base64.b64decode(sample["body"])
    sent = {name: value for name, value in sample["headers"].items() if name in {"User-Agent"}}
    sent["Content-Type"] = "application/octet-stream"
    event = echo("POST", "/path/to/resource?foo=bar", body, sent).json
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


def test_headers_come_once_and_as_lists(echo):
    event = echo("GET", "/x", headers={"accept": "a/b", "x-island": "Dream"}).json
    assert event["headers"]["X-Island"] == "Dream"
    assert event["multiValueHeaders"]["Accept"] == ["a/b"]
    assert event["headers"]["X-Forwarded-For"] == event["requestContext"]["identity"]["sourceIp"]
    assert event["headers"]["X-Forwarded-Proto"] == "http"
    assert event["headers"]["X-Amzn-Trace-Id"].startswith("Root=1-")


def test_a_repeated_query_parameter_keeps_all_values_and_shows_the_last(echo):
    event = echo("GET", "/x?a=1&a=2&empty=&b=%C3%BC+z").json
    assert event["queryStringParameters"] == {"a": "2", "empty": "", "b": "ü z"}
    assert event["multiValueQueryStringParameters"] == {
        "a": ["1", "2"],
        "empty": [""],
        "b": ["ü z"],
    }


def test_without_query_body_or_parameters_they_are_null(echo):
    event = echo("GET", "/x").json
    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None
    assert event["body"] is None
    assert event["isBase64Encoded"] is False


def test_path_parameters_are_decoded_and_the_path_is_as_sent(echo):
    event = echo("GET", "/models/a%20b%2Fc").json
    assert event["resource"] == "/models/{name}"
    assert event["pathParameters"] == {"name": "a b/c"}
    assert event["path"] == "/models/a%20b%2Fc"


def test_the_context_names_stage_api_and_the_path_the_client_asked_for(echo):
    context = echo("DELETE", "/v1/things").json["requestContext"]
    assert context["stage"] == "live"
    assert context["apiId"] == echo.id
    assert context["resourcePath"] == "/{proxy+}"
    assert context["httpMethod"] == "DELETE"
    assert context["path"] == f"/_aws/execute-api/{echo.id}/live/v1/things"
    assert context["domainName"] == f"{echo.id}.execute-api.us-east-1.amazonaws.com"


def test_stage_variables_come_along(echo):
    assert echo("GET", "/x").json["stageVariables"] == {"colour": "green"}


@pytest.mark.parametrize(
    ("content_type", "binary"),
    [
        ("application/octet-stream", True),
        ("application/octet-stream; x=y", True),
        ("image/png", True),
        ("application/json", False),
    ],
)
def test_binary_media_types_travel_as_base64(echo, content_type, binary):
    event = echo("POST", "/x", b'{"a":1}', {"Content-Type": content_type}).json
    assert event["isBase64Encoded"] is binary
    assert event["body"] == (base64.b64encode(b'{"a":1}').decode() if binary else '{"a":1}')


def test_each_request_has_an_id_of_its_own_that_the_answer_repeats(echo):
    one, other = echo("GET", "/x"), echo("GET", "/x")
    assert one.json["requestContext"]["requestId"] == one.headers["x-amzn-RequestId"]
    assert one.headers["x-amz-apigw-id"] == one.json["requestContext"]["extendedRequestId"]
    assert one.headers["x-amzn-RequestId"] != other.headers["x-amzn-RequestId"]


@pytest.fixture(scope="module")
def function(cloud):
    return cloud.function(MIRROR, Timeout=30, MemorySize=512)


@pytest.fixture(scope="module")
def api(cloud, function):
    quick = cloud.proxy(function)
    quick["x-amazon-apigateway-integration"]["timeoutInMillis"] = 500
    return cloud.rest_api(
        {"/mirror": {"post": cloud.proxy(function)}, "/quick": {"post": quick}},
        **{"x-amazon-apigateway-binary-media-types": ["image/png"]},
    )


@pytest.fixture(scope="module")
def returning(api):
    def ask(response, headers=None):
        return api("POST", "/mirror", json.dumps({"return": response}).encode(), headers)

    return ask


def test_status_headers_and_body_arrive(returning):
    answer = returning({"statusCode": 201, "headers": {"X-Model": "penguins@1"}, "body": '{"a":1}'})
    assert answer.status == 201
    assert answer.headers["X-Model"] == "penguins@1"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json == {"a": 1}


def test_several_values_of_one_header_arrive_each(returning):
    answer = returning(
        {
            "statusCode": 200,
            "headers": {"set-cookie": "lost=1"},
            "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
        }
    )
    assert answer.headers.getlist("Set-Cookie") == ["a=1", "b=2"]


def test_headers_that_belong_to_the_gateway_are_renamed(returning):
    answer = returning(
        {"statusCode": 401, "headers": {"WWW-Authenticate": "Bearer", "Content-Length": "99"}}
    )
    assert answer.headers["x-amzn-remapped-www-authenticate"] == "Bearer"
    assert answer.body == b""


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("image/png", b"\x89PNG\x00"),
        ("image/png, */*", b"\x89PNG\x00"),
        ("application/json", base64.b64encode(b"\x89PNG\x00")),
    ],
)
def test_base64_is_decoded_for_who_accepts_the_binary_type(returning, accept, expected):
    body = base64.b64encode(b"\x89PNG\x00").decode()
    response = {"statusCode": 200, "headers": {"Content-Type": "image/png"}, "body": body}
    answer = returning({**response, "isBase64Encoded": True}, {"Accept": accept})
    assert answer.body == expected


@pytest.mark.parametrize(
    "response",
    [
        None,
        "just a string",
        {"body": "no status"},
        {"statusCode": "abc"},
        {"statusCode": 99},
        {"statusCode": True},
        {"statusCode": 200, "body": {"an": "object"}},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"X-A": {}}},
        {"statusCode": 200, "headers": {"X-A": "b\r\nX-Injected: 1"}},
        {"statusCode": 200, "multiValueHeaders": {"X-A": "b"}},
        {"statusCode": 200, "unknown": 1},
    ],
)
def test_what_is_no_proxy_response_is_a_502(returning, response):
    answer = returning(response)
    assert answer.status == 502
    assert answer.json == {"message": "Internal server error"}
    assert answer.headers["x-amzn-ErrorType"] == "InternalServerErrorException"
    assert "X-Injected" not in answer.headers


@pytest.mark.parametrize("how", ["raise", "crash"])
def test_a_function_that_fails_is_a_502_and_the_next_request_is_served(api, returning, how):
    """fault row 29: the request of the crash is 5xx, the next is served."""
    answer = api("POST", "/mirror", json.dumps({how: True}).encode())
    assert answer.status == 502
    assert answer.json == {"message": "Internal server error"}
    assert returning({"statusCode": 200}).status == 200


def test_a_slow_function_is_a_504_and_runs_on(cloud, function, api):
    before = cloud.log(function).count("END RequestId")
    answer = api("POST", "/quick", b'{"sleep": 1, "return": {"statusCode": 200}}')
    assert answer.status == 504
    assert answer.json == {"message": "Endpoint request timed out"}
    time.sleep(1)
    assert cloud.log(function).count("END RequestId") > before


def test_a_request_over_10_mb_is_a_413(api):
    answer = api("POST", "/mirror", b"x" * (10 * 2**20 + 1))
    assert answer.status == 413
    assert answer.json == {"message": "Request Too Long"}
    assert answer.headers["x-amzn-ErrorType"] == "RequestTooLargeException"


def test_an_event_over_lambdas_6_mb_is_a_413(api):
    assert api("POST", "/mirror", b"x" * (7 * 2**20)).status == 413


def test_an_answer_over_lambdas_6_mb_is_a_502(api):
    assert api("POST", "/mirror", b'{"size": 7000000}').status == 502
    assert len(api("POST", "/mirror", b'{"size": 5000000}').body) == 5_000_000


def test_a_function_out_of_places_is_a_500(cloud):
    """fault row 34: REST APIs turn Lambda's 429 into a 500; nothing ran, so a retry is safe."""
    name = cloud.function(MIRROR)
    api = cloud.rest_api({"/": {"post": cloud.proxy(name)}})
    cloud("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    slow = b'{"sleep": 1, "return": {"statusCode": 200}}'
    with ThreadPoolExecutor(3) as threads:
        statuses = sorted(
            answer.status for answer in threads.map(lambda _: api("POST", "/", slow), range(3))
        )
    assert statuses == [200, 500, 500]
    assert cloud.log(name).count("START RequestId") == 1


def test_an_alias_that_moves_moves_the_very_next_answer(cloud):
    """fault row 32: what started on the old version also finishes there, and says so."""
    code = (
        "import time\n"
        "def handler(event, context):\n"
        "    time.sleep({seconds})\n"
        "    return {{'statusCode': 200, 'body': context.function_version}}"
    )
    name = cloud.function(code.format(seconds=1))
    cloud("lambda").publish_version(FunctionName=name)
    cloud.release(name, code.format(seconds=0))
    cloud("lambda").create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    api = cloud.rest_api({"/": {"get": cloud.proxy(name, "live")}})
    with ThreadPoolExecutor(1) as threads:
        in_flight = threads.submit(api, "GET")
        while "START RequestId" not in cloud.log(name):
            time.sleep(0.02)
        cloud("lambda").update_alias(FunctionName=name, Name="live", FunctionVersion="2")
        assert api("GET").body == b"2"
        assert in_flight.result().body == b"1"


def test_requests_are_counted_in_cloudwatch(cloud, api):
    api("POST", "/mirror", b'{"return": {"statusCode": 404}}')
    name = cloud("apigateway").get_rest_api(restApiId=api.id)["name"]
    metrics = cloud("cloudwatch").list_metrics(
        Namespace="AWS/ApiGateway", Dimensions=[{"Name": "ApiName", "Value": name}]
    )["Metrics"]
    assert {metric["MetricName"] for metric in metrics} == {
        "Count",
        "4XXError",
        "5XXError",
        "Latency",
    }


def test_the_worker_of_a_request_is_a_process_of_this_machine(cloud):
    code = "import os\ndef handler(e, c): return {'statusCode': 200, 'body': str(os.getpid())}"
    api = cloud.rest_api({"/": {"get": cloud.proxy(cloud.function(code))}})
    assert "awslambdaric" in psutil.Process(int(api("GET").body)).cmdline()
