"""SnapStart: what is done before the snapshot is taken, and in every sandbox that starts from it.

Little has to be made anew: credentials are read for every load, connections last for one read,
chance comes from the system, and the time of day is asked for when it is needed.
"""

import json

from functions.inference.answering import answered
from functions.inference.observation import Observation
from functions.inference.reading import Sent
from functions.inference.service import Service
from functions.inference.telemetry import Telemetry


def register(service: Service, telemetry: Telemetry) -> None:
    """Tell Lambda's runtime, which has this module itself, what to call when."""
    from snapshot_restore_py import (  # type: ignore[import-not-found]
        register_after_restore,
        register_before_snapshot,
    )

    register_before_snapshot(warm, service, telemetry)
    register_after_restore(restored, service)


def warm(service: Service, telemetry: Telemetry) -> None:
    """Answer the golden examples once, so that whatever is built at first use is in the snapshot.

    Nobody asked: nothing is logged or measured of them.
    """
    model = service.holder.model
    if model is None:
        return
    manifest, seconds = model.manifest, service.limits.time_without_context
    body = json.dumps({"instances": [example.row for example in manifest.golden]}).encode()
    observation = Observation("snapshot", "POST", 0.0, is_rehearsal=True)
    sent = Sent("application/json", body)
    try:
        answered(service, str(manifest.contract.major), sent, observation, lambda: seconds)
    except Exception as error:  # noqa: BLE001 - a version that only answers late is still a version
        telemetry.crashed(error)


def restored(service: Service) -> None:
    """Days may have passed: what failed then is tried again by the first request."""
    service.breaker.succeeded()
    service.holder.try_again()
    service.sources.try_again()
