"""What the local gateway takes from an OpenAPI body or refuses by name, and how it routes."""

import pytest

from infra.local.api_gateway import openapi
from infra.local.api_gateway.openapi import LambdaProxy, Resource, RestApi
from infra.local.errors import UnsupportedApi

X = "x-amazon-apigateway-"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f:live"
URI = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
PROXY = {"type": "aws_proxy", "httpMethod": "POST", "uri": URI}


def body(integration=PROXY, operation=None, **top):
    method = {f"{X}integration": integration, **(operation or {})}
    return {"openapi": "3.0.1", "paths": {"/a": {"get": method}}, **top}


def test_a_proxy_integration_names_its_function_and_time():
    method = openapi.parse(body({**PROXY, "timeoutInMillis": 5000})).resources[0].methods["GET"]
    assert method.integration == LambdaProxy(FUNCTION, 5.0)
    assert openapi.parse(body()).resources[0].methods["GET"].integration == LambdaProxy(
        FUNCTION, 29
    )


UNSUPPORTED = {
    "integration type http_proxy": body({**PROXY, "type": "http_proxy"}),
    "integration type mock": body({"type": "mock"}),
    "integration type AWS": body({**PROXY, "type": "AWS"}),
    "integration property requestParameters": body({**PROXY, "requestParameters": {}}),
    "integration uri arn:aws:apigateway:us-east-1:s3:path/x": body(
        {**PROXY, "uri": "arn:aws:apigateway:us-east-1:s3:path/x"}
    ),
    "${stageVariables.name}": body(
        {**PROXY, "uri": URI.replace("f:live", "${stageVariables.name}")}
    ),
    "a method without an integration": {"paths": {"/a": {"get": {}}}},
    "x-amazon-apigateway-request-validator": body(operation={f"{X}request-validator": "all"}),
    "x-amazon-apigateway-request-validators": body(**{f"{X}request-validators": {}}),
    "x-amazon-apigateway-policy": body(**{f"{X}policy": {}}),
    "security scheme sigv4": body(
        operation={"security": [{"sigv4": []}]},
        components={
            "securitySchemes": {
                "sigv4": {
                    "type": "apiKey",
                    "name": "Authorization",
                    "in": "header",
                    f"{X}authtype": "awsSigv4",
                }
            }
        },
    ),
    "which the body does not define": body(operation={"security": [{"unknown": []}]}),
    "authorizer pool: type cognito_user_pools": body(
        components={
            "securitySchemes": {
                "pool": {"name": "Authorization", f"{X}authorizer": {"type": "cognito_user_pools"}}
            }
        }
    ),
    "authorizer by_request: type request": body(
        components={
            "securitySchemes": {"by_request": {"name": "A", f"{X}authorizer": {"type": "request"}}}
        }
    ),
    "authorizer jwt: authorizer property identityValidationExpression": body(
        components={
            "securitySchemes": {
                "jwt": {
                    "name": "A",
                    f"{X}authorizer": {
                        "type": "token",
                        "identityValidationExpression": "Bearer .+",
                    },
                }
            }
        }
    ),
    "authorizer jwt: identity source method.request.querystring.a": body(
        components={
            "securitySchemes": {
                "jwt": {
                    "name": "A",
                    f"{X}authorizer": {
                        "type": "token",
                        "identitySource": "method.request.querystring.a",
                    },
                }
            }
        }
    ),
    "gateway response DEFAULT_4XX: the VTL": body(
        **{f"{X}gateway-responses": {"DEFAULT_4XX": {"responseTemplates": {"a/b": "#if(1)"}}}}
    ),
    "gateway response DEFAULT_4XX: parameter value": body(
        **{
            f"{X}gateway-responses": {
                "DEFAULT_4XX": {
                    "responseParameters": {"gatewayresponse.header.A": "stageVariables.a"}
                }
            }
        }
    ),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_is_not_supported_is_refused_by_name(name):
    with pytest.raises(UnsupportedApi) as refused:
        openapi.parse(UNSUPPORTED[name])
    told = str(refused.value)
    assert name.split(": ")[-1] in told
    assert all(part in told for part in name.split(": "))


PATHS = ["/", "/v1", "/v1/{proxy+}", "/v1/models", "/v1/models/{name}", "/{any}", "/a/{x}/c"]
API = RestApi(tuple(Resource(path, {}) for path in PATHS), {}, {}, (), None)


@pytest.mark.parametrize(
    ("path", "resource", "parameters"),
    [
        ("/", "/", {}),
        ("/v1", "/v1", {}),
        ("/v1/", "/v1", {}),
        ("/v1/models", "/v1/models", {}),
        ("//v1//models", "/v1/models", {}),
        ("/v1/models/iris", "/v1/models/{name}", {"name": "iris"}),
        ("/v1/models/iris/x", "/v1/{proxy+}", {"proxy": "models/iris/x"}),
        ("/v1/other%20one", "/v1/{proxy+}", {"proxy": "other one"}),
        ("/other", "/{any}", {"any": "other"}),
        ("/a/b/c", "/a/{x}/c", {"x": "b"}),
    ],
)
def test_the_most_specific_resource_is_chosen(path, resource, parameters):
    found = API.route(path)
    assert found is not None
    assert (found[0].path, found[1]) == (resource, parameters)


@pytest.mark.parametrize("path", ["/a/b", "/a/b/d", "/other/deep"])
def test_a_path_of_no_resource_has_no_match(path):
    assert API.route(path) is None
