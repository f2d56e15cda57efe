"""Everything that CloudFormation takes from moto's internals, which a canary test checks.

moto's own CloudFormation (which neither expands SAM nor fails on what it does not know) is
replaced whole.
"""

from collections.abc import Callable
from typing import Any

from moto.cloudformation import urls

# moto looks an error up in the service that the module of its class is named after.
from moto.cloudformation.exceptions import CloudFormationError as WireError
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.core.utils import camelcase_to_underscores, utcnow
from moto.moto_api._internal import mock_random
from moto.s3.exceptions import S3ClientError
from moto.s3.models import s3_backends

from infra.local.cloudformation.stacks import Stacks

__all__ = ["ActionResult", "BaseResponse", "EmptyResult", "WireError", "camelcase_to_underscores"]


class Backend(BaseBackend):  # type: ignore[misc]
    """Holds the stacks of one region, so that resetting moto forgets them too."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.stacks = Stacks(region_name, account_id, utcnow, lambda: str(mock_random.uuid4()))


BACKENDS = BackendDict(Backend, "cloudformation")


def stacks_of(account: str, region: str) -> Stacks:
    found: Stacks = BACKENDS[account][region].stacks
    return found


def object_text(account: str, bucket: str, key: str) -> str | None:
    """An S3 object's text, None when there is none."""
    try:
        found = s3_backends[account]["aws"].get_object(bucket, key)
    except S3ClientError:
        return None
    return found.value.decode() if found is not None else None


def install(dispatch: Callable[..., Any]) -> None:
    """Give CloudFormation's URLs to our responses."""
    urls.url_paths.clear()
    urls.url_paths["{0}/$"] = dispatch
