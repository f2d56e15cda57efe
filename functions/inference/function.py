"""The composition root: from an environment to a Lambda handler."""

import functools
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from functions.inference.breaker import Breaker
from functions.inference.direct import DirectPath
from functions.inference.events import prepare
from functions.inference.identity import identity_of
from functions.inference.last_resort import refuse_unreadable
from functions.inference.late_import import without_delay
from functions.inference.lines import Lines
from functions.inference.loading.artifact_loader import ArtifactLoader
from functions.inference.loading.blob_cache import BlobCache
from functions.inference.loading.head_start import HeadStart
from functions.inference.loading.model_holder import ModelHolder
from functions.inference.loading.s3 import BucketReader
from functions.inference.service import Service
from functions.inference.settings import Limits, Settings, read_settings
from functions.inference.sources import StoredSources
from functions.inference.telemetry import Telemetry
from functions.inference.tracing import Handler, traced
from model_store.artifact import standby
from model_store.artifact.manifest import Manifest
from model_store.artifact.standby import Standby
from model_store.errors import ArtifactError
from model_store.predictor import Predictor

TRACE = "_X_AMZN_TRACE_ID"
"""In the environment; Lambda's runtime sets it anew for every invocation."""


def build_handler(
    env: Mapping[str, str],
    cache: Path,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    begun: HeadStart | None = None,
) -> Handler:
    """Load the pinned model and return the function that Lambda calls with each event.

    `cache` is a writable folder; what is read from it is hashed again. clock: monotonic seconds.
    now: the time of day, which says how old a popular list is. begun: what reads the artifact
    since before this module was imported.
    The handler is returned even if the model cannot be loaded: the fallback answers then.
    Raises ConfigurationError if the environment does not name a model.
    """
    settings = read_settings(env)
    lines = Lines(settings.service, settings.log_level, trace=lambda: env.get(TRACE))
    telemetry = Telemetry(lines, settings.pin, clock, settings.lambda_version)
    service = build_service(settings, env, cache, limits, telemetry, clock, now, begun)
    service.start()
    direct = DirectPath(service, telemetry, settings.cors_origins, clock)

    @functools.cache
    def app() -> Handler:
        with nullcontext() if settings.starts_ahead else without_delay():
            from functions.inference.app import adapted  # costs half of a cold start
        return adapted(service, telemetry, settings.cors_origins, clock)

    if settings.starts_ahead:
        app()
    if settings.is_snapshot:
        from functions.inference.snapshot import register  # of the runtime that takes snapshots

        register(service, telemetry)

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            telemetry.invoked(context, (event.get("requestContext") or {}).get("requestId"))
            return direct.answer(event, context) or app()(prepare(event), context)
        except Exception as error:  # noqa: BLE001 - an odd event must not look like a crash
            telemetry.crashed(error)
            return refuse_unreadable(event, settings.cors_origins, identity_of(service))

    answering = traced(handler, settings.service) if settings.tracing else handler
    if settings.shadow is None:
        return answering
    from functions.inference.shadowing.shadow import shadowed  # no other version pays for it

    return shadowed(answering, settings.shadow, settings.service, env, telemetry)


def build_service(
    settings: Settings,
    env: Mapping[str, str],
    cache: Path,
    limits: Limits,
    telemetry: Telemetry,
    clock: Callable[[], float],
    now: Callable[[], datetime],
    begun: HeadStart | None = None,
) -> Service:
    blobs = BlobCache(cache, telemetry.cache_trouble)
    if begun:
        bucket = begun.bucket
        loader = ArtifactLoader(settings.pin, begun, blobs, _from(begun))
    else:
        bucket = BucketReader(settings.bucket, env)
        loader = ArtifactLoader(settings.pin, bucket, blobs)
    return Service(
        pin=settings.pin,
        standby=read_standby(settings, telemetry),
        holder=ModelHolder(loader.load, limits, clock, telemetry, lambda: loader.manifest),
        breaker=Breaker(limits.breaker_failures, limits.breaker_cooldown, clock),
        limits=limits,
        sources=StoredSources(settings.pin, bucket, loader, limits, telemetry, clock, now),
        switched_off=settings.fallback_only,
    )


def _from(begun: HeadStart) -> Callable[[bytes, Manifest], Predictor]:
    return lambda model, manifest: Predictor(model, manifest, session=begun.session_of(model))


def read_standby(settings: Settings, telemetry: Telemetry) -> Standby | None:
    """What answers while S3 is down; one that is unreadable or of another model is not used."""
    if not settings.standby:
        return None
    try:
        found = standby.unpack(settings.standby)
    except ArtifactError as error:
        telemetry.warned("standby_unusable", error)
        return None
    if found.digest == settings.pin.digest:
        return found
    next_step = "Deploy with `lambent deploy`"
    mismatch = ArtifactError("LAMBENT_STANDBY", "belongs to another artifact", next_step)
    telemetry.warned("standby_unusable", mismatch)
    return None
