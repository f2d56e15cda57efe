"""Lambent's app for any ASGI server, without events of API Gateway."""

import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from functions.inference.app import create_app
from functions.inference.function import build_service
from functions.inference.lines import Lines
from functions.inference.settings import Limits, read_settings
from functions.inference.telemetry import Telemetry

settings = read_settings(os.environ)
telemetry = Telemetry(Lines(settings.service, settings.log_level), settings.pin, time.monotonic)
service = build_service(
    settings,
    os.environ,
    Path(tempfile.gettempdir()),
    Limits(),
    telemetry,
    time.monotonic,
    lambda: datetime.now(UTC),
)
service.start()
app = create_app(service, telemetry, settings.cors_origins, time.monotonic)
