"""What every answer says of itself: which request it answers, which model, which contract."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from functions.inference.observation import Observation
from functions.inference.service import Service
from model_store.contract import Contract
from model_store.gateway_event import REHEARSAL

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def observed(
    method: str, sent_id: str, asked: Mapping[str, Any], context: Any, started: float
) -> Observation:
    """A request that begins. asked: what API Gateway, and no caller, says about it.

    sent_id: of the caller's own choice. context: Lambda's, if there is one.
    """
    arn: str = getattr(context, "invoked_function_arn", "") or ""
    return Observation(
        request_id=request_id(sent_id, asked),
        method=method,
        started=started,
        # Lambda was asked for the alias that callers meet, rather than for one version.
        through_live=arn.endswith(":live"),
        is_rehearsal=asked.get("stage") == REHEARSAL,
    )


def request_id(sent: str, asked: Mapping[str, Any]) -> str:
    """The caller's if it is a UUID (anything else could be personal data), else the gateway's."""
    if sent and _UUID.fullmatch(sent):
        return sent
    given = asked.get("requestId")
    return str(given) if given else str(uuid4())


def identity_of(service: Service, contract: Contract | None = None) -> dict[str, str]:
    """Headers of every answer, by names in lower case: which model, which contract.

    contract: the model's own by default.
    """
    contract = contract or service.contract
    known = f"{contract.version}+{contract.digest[:12]}" if contract else "unknown"
    return {"lambent-model": str(service.pin), "lambent-contract": known}


def headers_of(service: Service, observation: Observation) -> dict[str, str]:
    """Of every answer. An answer may itself say how long it may be kept: `Cache-Control`."""
    return {
        "x-request-id": observation.request_id,
        **identity_of(service, observation.contract),
        "x-content-type-options": "nosniff",
    }


NOT_KEPT = {"cache-control": "no-store"}
"""Of every answer that says nothing about caches itself."""
