"""API Gateway takes changes as JSON patches: properties → patch operations."""

import re
from typing import Any

from infra.local.cloudformation.errors import ResourceFailed
from infra.local.cloudformation.parameters import text
from infra.local.cloudformation.provision.record import Resource
from infra.local.cloudformation.provision.sources import (
    items_gone,
    items_of,
)

Patch = dict[str, str]
# All paths, or one of them with each slash but the very first escaped.
_RESOURCE_PATH = re.compile(r"/(\*|(~1[^/]+)*)")

METHOD_SETTINGS = {
    "CacheDataEncrypted": "caching/dataEncrypted",
    "CacheTtlInSeconds": "caching/ttlInSeconds",
    "CachingEnabled": "caching/enabled",
    "DataTraceEnabled": "logging/dataTrace",
    "LoggingLevel": "logging/loglevel",
    "MetricsEnabled": "metrics/enabled",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
}


def rest_api_patch(resource: Resource, name: str, had: set[str], wanted: set[str]) -> list[Patch]:
    """`had` and `wanted` are binary media types."""
    return [
        _replace("/name", name),
        _replace("/description", resource.get("Description", "")),
        _replace("/apiKeySource", resource.get("ApiKeySourceType", "HEADER")),
        *(_media_type("remove", kind) for kind in sorted(had - wanted)),
        *(_media_type("add", kind) for kind in sorted(wanted - had)),
    ]


def stage_patch(resource: Resource) -> list[Patch]:
    """Everything of a stage but its creation: settings, access log, and on update the rest."""
    return [
        *(_stage_changes(resource) if resource.previous else ()),
        *_access_log(resource),
        *_method_settings(resource),
    ]


def plan_patch(resource: Resource) -> list[Patch]:
    return [
        _replace("/name", resource.get("UsagePlanName") or resource.generated_name),
        _replace("/description", resource.get("Description", "")),
        *(
            {"op": "remove", "path": "/apiStages", "value": stage_name(stage)}
            for stage in items_gone("ApiStages")(resource)
        ),
        *(
            {"op": "add", "path": "/apiStages", "value": stage_name(stage)}
            for stage in items_of("ApiStages")(resource)
            if stage not in resource.previous.get("ApiStages", [])
        ),
        *_limits(resource, "Throttle", "/throttle"),
        *_limits(resource, "Quota", "/quota"),
    ]


def api_key_patch(resource: Resource) -> list[Patch]:
    return [
        _replace("/description", resource.get("Description", "")),
        _replace("/enabled", resource.get("Enabled", False)),
        _replace("/customerId", resource.get("CustomerId", "")),
    ]


def stage_name(stage: dict[str, Any]) -> str:
    return f"{stage['ApiId']}:{stage['Stage']}"


def _stage_changes(resource: Resource) -> list[Patch]:
    gone = resource.previous.get("Variables", {}).keys() - resource.get("Variables", {}).keys()
    return [
        _replace("/deploymentId", resource.get("DeploymentId")),
        _replace("/description", resource.get("Description", "")),
        _replace("/tracingEnabled", resource.get("TracingEnabled", False)),
        *(_replace(f"/variables/{k}", v) for k, v in resource.get("Variables", {}).items()),
        *({"op": "remove", "path": f"/variables/{name}"} for name in sorted(gone)),
    ]


def _access_log(resource: Resource) -> list[Patch]:
    setting = resource.get("AccessLogSetting")
    if setting is None:
        had = resource.previous.get("AccessLogSetting") is not None
        return [{"op": "remove", "path": "/accessLogSettings"}] if had else []
    return [
        _replace(f"/accessLogSettings/{name[0].lower()}{name[1:]}", value)
        for name, value in setting.items()
    ]


def _method_settings(resource: Resource) -> list[Patch]:
    wanted = {_method(setting): setting for setting in items_of("MethodSettings")(resource)}
    had = {_method(setting) for setting in resource.previous.get("MethodSettings") or []}
    # A setting starts from its defaults, so that what the template no longer says is gone.
    return [
        *({"op": "remove", "path": f"/{method}"} for method in sorted(had)),
        *(
            _replace(f"/{method}/{path}", setting[name])
            for method, setting in wanted.items()
            for name, path in METHOD_SETTINGS.items()
            if name in setting
        ),
    ]


def _method(setting: dict[str, Any]) -> str:
    """The name of a setting in its stage: */GET, or ~1v1~1x/GET. Raises ResourceFailed."""
    path = str(setting.get("ResourcePath", "/*"))
    if not _RESOURCE_PATH.fullmatch(path):
        raise ResourceFailed(f"Invalid method setting path {path}: /v1/x is written as /~1v1~1x")
    return f"{path[1:] or '~1'}/{setting.get('HttpMethod', '*')}"


def _limits(resource: Resource, name: str, path: str) -> list[Patch]:
    limits = resource.get(name)
    if limits is None:
        return [{"op": "remove", "path": path}] if resource.previous.get(name) else []
    return [_replace(f"{path}/{key[0].lower()}{key[1:]}", value) for key, value in limits.items()]


def _media_type(operation: str, kind: str) -> Patch:
    # moto reads the type from the value, AWS from the path.
    return {"op": operation, "path": f"/binaryMediaTypes/{_escaped(kind)}", "value": kind}


def _replace(path: str, value: Any) -> Patch:
    return {"op": "replace", "path": path, "value": text(value)}


def _escaped(path: str) -> str:
    return path.replace("~", "~0").replace("/", "~1")
