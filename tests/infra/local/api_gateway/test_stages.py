"""A stage serves what its deployment froze, and keeps an access log."""

import json


def test_a_deployment_keeps_the_body_it_froze(cloud):
    code = "def handler(e, c): return {'statusCode': 200, 'body': e['resource']}"
    name = cloud.function(code)
    api = cloud.rest_api({"/old": {"get": cloud.proxy(name)}})
    cloud.write(api.id, {"openapi": "3.0.1", "paths": {"/new": {"get": cloud.proxy(name)}}})
    assert [api("GET", "/old").status, api("GET", "/new").status] == [200, 403]
    gateway = cloud("apigateway")
    deployment = gateway.create_deployment(restApiId=api.id)["id"]
    operation = {"op": "replace", "path": "/deploymentId", "value": deployment}
    gateway.update_stage(restApiId=api.id, stageName="live", patchOperations=[operation])
    assert [api("GET", "/old").status, api("GET", "/new").status] == [403, 200]


def test_the_access_log_has_a_line_per_request_in_the_stages_format(cloud, eventually):
    function = cloud.function("def handler(event, context): return 'no proxy response'")
    api = cloud.rest_api({"/a": {"get": cloud.proxy(function)}})
    form = '{"status":"$context.status","error":"$context.error.responseType","key":"$context.no"}'
    for path, value in {
        "destinationArn": "arn:aws:logs:us-east-1:123456789012:log-group:/access",
        "format": form,
    }.items():
        operation = {"op": "replace", "path": f"/accessLogSettings/{path}", "value": value}
        cloud("apigateway").update_stage(
            restApiId=api.id, stageName="live", patchOperations=[operation]
        )
    api("GET", "/a")
    api("GET", "/nowhere")
    eventually(lambda: len(cloud.messages("/access")) == 2)
    assert [json.loads(message) for message in cloud.messages("/access")] == [
        {"status": "502", "error": "DEFAULT_5XX", "key": "-"},
        {"status": "403", "error": "MISSING_AUTHENTICATION_TOKEN", "key": "-"},
    ]
