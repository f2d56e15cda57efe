"""moto's server as an ASGI application, and its state."""

from typing import Any

from a2wsgi import WSGIMiddleware
from moto.core.base_backend import BackendDict
from moto.core.config import default_user_config
from moto.core.model_instances import reset_model_data
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from infra.local.api_gateway.stages import BODIES

# Calls nest (CloudFormation calls every service), and each holds a thread while it waits.
WORKER_THREADS = 64


def reset() -> None:
    """Forget every resource: a fresh account."""
    BackendDict.reset()
    reset_model_data()
    BODIES.reset()


def application() -> Any:
    """All of moto's services behind one ASGI callable."""
    # moto's other mode needs Docker even to look at a function.
    default_user_config["lambda"] = {"use_docker": False}
    default_user_config["iam"] = {"load_aws_managed_policies": True}
    dispatcher = DomainDispatcherApplication(_service)

    def with_raw_path(environ: dict[str, Any], start_response: Any) -> Any:
        # moto needs the path as it was sent (S3 keys hold encoded slashes), and chunked uploads
        # have no length.
        scope = environ["asgi.scope"]
        environ["RAW_URI"] = scope["raw_path"].decode("latin-1")
        environ["wsgi.input_terminated"] = True
        return dispatcher(environ, start_response)

    return WSGIMiddleware(with_raw_path, workers=WORKER_THREADS)


def _service(name: str) -> Any:
    """moto's application of one service, made when it is first called; CloudFormation is ours."""
    if name == "cloudformation":
        # Here, because it takes seconds to import.
        from infra.local.cloudformation import wire

        wire.patch()
    return create_backend_app(name)
