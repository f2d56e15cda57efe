"""What a deployment moves: the AppSpec of a Lambda function, read and written."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.codedeploy.errors import CodeDeployError, NotSupported

HOOKS = ("BeforeAllowTraffic", "AfterAllowTraffic")


@dataclass(frozen=True)
class Revision:
    """An alias of a function, on its way from one version to another.

    `hooks`: lifecycle event → function that is asked.
    """

    function: str
    alias: str
    current: str
    target: str
    hooks: Mapping[str, str]

    def reversed(self) -> "Revision":
        """The way back, which no hook is asked about."""
        return Revision(self.function, self.alias, self.target, self.current, {})

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content.encode()).hexdigest()

    @property
    def content(self) -> str:
        """The AppSpec. https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html"""
        properties = {
            "Name": self.function,
            "Alias": self.alias,
            "CurrentVersion": self.current,
            "TargetVersion": self.target,
        }
        resource = {"Type": "AWS::Lambda::Function", "Properties": properties}
        hooks = [{event: function} for event, function in self.hooks.items()]
        return json.dumps({"version": 0.0, "Resources": [{"Function": resource}], "Hooks": hooks})


def read(location: Mapping[str, Any]) -> Revision:
    """From a RevisionLocation. Raises CodeDeployError."""
    if location.get("revisionType") != "AppSpecContent":
        raise NotSupported(f"the revision type {location.get('revisionType')}")
    try:
        document = json.loads(location["appSpecContent"]["content"])
        (resource,) = (item for entry in document["Resources"] for item in entry.values())
        names = ("Name", "Alias", "CurrentVersion", "TargetVersion")
        function, alias, current, target = (str(resource["Properties"][name]) for name in names)
        hooks = {event: name for item in document.get("Hooks", []) for event, name in item.items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"The AppSpec is not one of a single Lambda function, as JSON: {error!r}"
        raise CodeDeployError("InvalidRevisionException", message) from error
    if unknown := sorted(hooks.keys() - set(HOOKS)):
        raise NotSupported(f"the hook {', '.join(unknown)}")
    return Revision(function, alias, current, target, hooks)
