"""The routes of the Open Inference Protocol V2, for the clients that exist already."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from functions.inference.envelope import observation_of
from functions.inference.errors import (
    InvalidRequest,
    NoSuchModel,
    TensorRefused,
    TooManyRows,
)
from functions.inference.open_inference import columns, messages
from functions.inference.reading import read_object, time_left
from functions.inference.routes.documented import answers
from functions.inference.routes.responses import json_response
from functions.inference.service import Service

MODEL = "/v2/models/{name}"
VERSION = "/v2/models/{name}/versions/{version}"
OPEN_INFERENCE = ("/v2/health/", "/v2/models/")
"""The protocol's own paths: contracts of major version 2 are asked beside them."""


def open_inference_routes(service: Service) -> APIRouter:
    router = APIRouter(tags=["open inference protocol v2"])
    _server_routes(router, service)
    name = {"name": service.pin.name}
    for path, parameters in ((MODEL, name), (VERSION, name | {"version": service.pin.version})):
        _model_routes(router, service, path, parameters)
    return router


def _server_routes(router: APIRouter, service: Service) -> None:
    @router.get("/v2", openapi_extra=answers("ServerMetadata"))
    async def server_metadata() -> Response:
        """What this server is."""
        return json_response(messages.ServerMetadata(name="lambent", version="2", extensions=[]))

    @router.get("/v2/health/live", openapi_extra=answers("ServerLive"))
    async def server_live() -> Response:
        """The process is up."""
        return json_response(messages.ServerLive(live=True))

    @router.get("/v2/health/ready", openapi_extra=answers("ServerReady", 503))
    async def server_ready(request: Request) -> Response:
        """The model is loaded."""
        service.manifest(time_left(request, service.limits))
        return json_response(messages.ServerReady(ready=True))


def _model_routes(
    router: APIRouter, service: Service, path: str, parameters: dict[str, str]
) -> None:
    versioned = "_of_version" if path == VERSION else ""

    @router.get(
        path,
        operation_id=f"model_metadata{versioned}",
        openapi_extra=answers("ModelMetadata", 404, 503, parameters=parameters),
    )
    async def model_metadata(request: Request) -> Response:
        """The tensors that the model takes and gives."""
        _check_model(request, service)
        manifest = service.manifest(time_left(request, service.limits))
        return json_response(
            messages.ModelMetadata(
                name=manifest.name,
                versions=[manifest.version],
                platform="onnxruntime_onnx",
                inputs=columns.inputs_of(manifest.contract),
                outputs=columns.outputs_of(service.example),
            )
        )

    @router.get(
        f"{path}/ready",
        operation_id=f"model_ready{versioned}",
        openapi_extra=answers("ServerReady", 404, 503, parameters=parameters),
    )
    async def model_ready(request: Request) -> Response:
        """The model is loaded."""
        _check_model(request, service)
        service.manifest(time_left(request, service.limits))
        return json_response(messages.ServerReady(ready=True))

    @router.post(
        f"{path}/infer",
        operation_id=f"infer{versioned}",
        openapi_extra=answers(
            "InferResponse", 400, 404, 413, 415, 422, 503,
            body="InferRequest", parameters=parameters,
        ),
    )  # fmt: skip
    async def infer(request: Request) -> Response:
        """Predict the rows of a batch of tensors, one tensor per feature."""
        _check_model(request, service)
        _refuse_binary(request)
        sent = columns.read_request(await read_object(request, service.limits))
        return json_response(_infer(request, service, sent))


def _infer(
    request: Request, service: Service, sent: messages.InferRequest
) -> messages.InferResponse:
    contract = service.contract_now(time_left(request, service.limits))
    most = max(len(tensor.data) for tensor in sent.inputs)
    if most > service.limits.rows:
        raise TooManyRows(most, service.limits.rows)
    rows = columns.rows_of(sent, contract)
    try:
        found = service.predict(rows, lambda: time_left(request, service.limits))
    except InvalidRequest as error:
        raise InvalidRequest(columns.point_to_tensors(sent, error.violations)) from None
    observation = observation_of(request)
    observation.note(found.predictions, found.failure)
    request_id = observation.request_id
    return messages.InferResponse(
        model_name=service.pin.name,
        model_version=service.pin.version,
        id=sent.id or request_id,
        outputs=columns.write_outputs(
            found.predictions, [out.name for out in sent.outputs], service.example
        ),
        parameters={
            "request_id": request_id,
            "digest": service.pin.digest,
            "contract_version": contract.version,
            "contract_digest": contract.digest,
        },
    )


def _check_model(request: Request, service: Service) -> None:
    asked = (request.path_params["name"], request.path_params.get("version", service.pin.version))
    if asked != (service.pin.name, service.pin.version):
        raise NoSuchModel(str(service.pin))


def _refuse_binary(request: Request) -> None:
    octets = request.headers.get("content-type", "").startswith("application/octet-stream")
    if octets or "inference-header-content-length" in request.headers:
        raise TensorRefused(
            "body",
            "holds binary tensors, and only JSON is read",
            "With tritonclient: set_data_from_numpy(array, binary_data=False)",
        )
