"""A stage's access log: one line per request, in the stage's own format.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
"""

import re
from collections.abc import Mapping

from infra.local import moto_logs
from infra.local.api_gateway.model import Stage
from infra.local.api_gateway.request import Request

_VARIABLE = re.compile(r"\$context\.([\w.]+)")
_GROUP = re.compile(r":log-group:(?P<name>[^:]+)")
STREAM = "local"


def write(stage: Stage, values: Mapping[str, str | None], at: float) -> None:
    """Nothing when the stage has no access log. Values that are not known appear as `-`."""
    group = _GROUP.search(stage.access_log_arn or "")
    if group is None or stage.access_log_format is None:
        return
    line = _VARIABLE.sub(lambda found: values.get(found[1]) or "-", stage.access_log_format)
    moto_logs.write(stage.account, stage.region, group["name"], STREAM, at, [line])


def of_request(request: Request) -> dict[str, str | None]:
    """What only a routed request has."""
    authorizer = request.authorizer or {}
    return {
        "resourcePath": request.resource.path,
        "identity.apiKeyId": request.api_key[0] if request.api_key else None,
        "authorizer.principalId": authorizer.get("principalId"),
    }
