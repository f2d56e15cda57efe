"""The messages of the Open Inference Protocol V2."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MOST_PARAMETERS = 16


def _few(sent: object) -> object:
    """Before any of them is looked at: for a dict, pydantic has no `fail_fast`."""
    if isinstance(sent, dict) and len(sent) > MOST_PARAMETERS:
        raise ValueError("too many")
    return sent


Parameters = Annotated[dict[str, bool | int | float | str], BeforeValidator(_few)]


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)


class InputTensor(Message):
    """`data`: N values, flat or as N lists of one; null for a missing value."""

    name: str
    datatype: str
    shape: list[int] = Field(min_length=1, max_length=2, fail_fast=True)
    data: list[Any]
    parameters: Parameters = {}


class RequestedOutput(Message):
    name: str
    parameters: Parameters = {}


class InferRequest(Message):
    """One input per feature, all with the same number of rows."""

    id: str | None = Field(default=None, max_length=128)
    inputs: list[InputTensor] = Field(min_length=1, max_length=1000, fail_fast=True)
    outputs: list[RequestedOutput] = Field(default=[], fail_fast=True)
    parameters: Parameters = {}


class OutputTensor(Message):
    name: str
    datatype: str
    shape: list[int]
    data: list[Any]


class InferResponse(Message):
    """`decision` says per row whether the model or a fallback gave `value`, or nobody: abstain.

    `reason` is empty where the model answered. `confidence` is null where there is none. `value`
    of a row without an answer is "" or, of type FP64, null, which tritonclient reads as NaN;
    INT64 and BOOL cannot say it, and the request is refused. `needs_review`: a person should look.
    """

    model_name: str
    model_version: str
    id: str
    outputs: list[OutputTensor]
    parameters: Parameters


class TensorMetadata(Message):
    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(Message):
    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class ServerMetadata(Message):
    name: str
    version: str
    extensions: list[str]


class ServerLive(Message):
    live: bool


class ServerReady(Message):
    ready: bool
