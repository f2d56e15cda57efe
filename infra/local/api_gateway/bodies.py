"""The OpenAPI bodies of REST APIs, whole: moto keeps only what it understands of them.

One process holds one embedded AWS, as it holds one moto, so this is one object.
Keys are ``(region, rest_api_id)``; values are copied in, never shared with the caller.
"""

import copy
from dataclasses import dataclass, field
from typing import Any

OpenApiBody = dict[str, Any]
ApiKey = tuple[str, str]


@dataclass
class Bodies:
    """As last written, and as frozen by each deployment.

    `rest_api_body`: what AWS::ApiGateway::RestApi `Body` (or PutRestApi) holds now.
    `deployed_body`: ``(region, rest_api_id, deployment_id)`` → the body at that deployment.
    """

    rest_api_body: dict[ApiKey, OpenApiBody] = field(default_factory=dict)
    deployed_body: dict[tuple[str, str, str], OpenApiBody] = field(default_factory=dict)

    def freeze(self, region: str, api_id: str, deployment_id: str) -> None:
        """Copy the current body to the deployment. Raises KeyError when the API has none."""
        body = self.rest_api_body[region, api_id]
        self.deployed_body[region, api_id, deployment_id] = copy.deepcopy(body)

    def reset(self) -> None:
        self.rest_api_body.clear()
        self.deployed_body.clear()


BODIES = Bodies()
