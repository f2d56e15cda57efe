"""A deployment that could not be served is refused; a stage's method settings can be removed."""

import pytest
from botocore.exceptions import ClientError

INTEGRATION = {"type": "http_proxy", "uri": "https://example.com"}


def test_it_is_refused_when_deployed_not_when_called(cloud):
    with pytest.raises(ClientError, match=r"GET /a.*integration type http_proxy"):
        cloud.rest_api({"/a": {"get": {"x-amazon-apigateway-integration": INTEGRATION}}})


def test_a_method_setting_that_is_removed_no_longer_throttles(cloud):
    answering = "def handler(event, context): return {'statusCode': 200}"
    api = cloud.rest_api({"/a": {"get": cloud.proxy(cloud.function(answering))}})

    def patch(*operations):
        cloud("apigateway").update_stage(
            restApiId=api.id, stageName="live", patchOperations=list(operations)
        )

    limits = {"rateLimit": "0.001", "burstLimit": "1"}
    patch(
        *(
            {"op": "replace", "path": f"/*/*/throttling/{name}", "value": value}
            for name, value in limits.items()
        )
    )
    assert [api("GET", "/a").status for _ in range(2)] == [200, 429]
    patch({"op": "remove", "path": "/*/*"})
    assert api("GET", "/a").status == 200


def test_a_usage_plan_keeps_a_quota_that_can_be_counted(cloud):
    gateway, year = cloud("apigateway"), {"limit": 1, "period": "YEAR"}
    with pytest.raises(ClientError, match="YEAR"):
        gateway.create_usage_plan(name="yearly", quota=year)
    plan = gateway.create_usage_plan(name="daily", quota=year | {"period": "DAY"})["id"]
    change = {"op": "replace", "path": "/quota/period", "value": "YEAR"}
    with pytest.raises(ClientError, match="YEAR"):
        gateway.update_usage_plan(usagePlanId=plan, patchOperations=[change])
    assert gateway.get_usage_plan(usagePlanId=plan)["quota"]["period"] == "DAY"
