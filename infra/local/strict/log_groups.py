"""CloudWatch Logs: the key of a log group can be changed, which moto has no action for."""

from typing import Any

from moto.core.responses import EmptyResult
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.responses import LogsResponse


def patch() -> None:
    LogsResponse.associate_kms_key = associate_kms_key
    LogsResponse.disassociate_kms_key = disassociate_kms_key


def associate_kms_key(self: Any) -> EmptyResult:
    _group(self).kms_key_id = self._get_param("kmsKeyId")
    return EmptyResult()


def disassociate_kms_key(self: Any) -> EmptyResult:
    _group(self).kms_key_id = None
    return EmptyResult()


def _group(response: Any) -> Any:
    groups = response.logs_backend.groups
    name = response._get_param("logGroupName")
    if name not in groups:
        raise ResourceNotFoundException
    return groups[name]
