"""What comparing tells CloudWatch: counts and milliseconds, by the version that is asked."""

from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)

from functions.inference.shadowing.comparison import Difference
from model_store.request_metrics import NAMESPACE

Measurement = tuple[str, str, float]
"""Name, unit, value."""


class Measures:
    """Metrics of service and shadow (the number of the Lambda version that is asked).

    A sink that fails costs the measurement and nothing else.
    """

    def __init__(self, service: str, shadow: str) -> None:
        self._metrics = AmazonCloudWatchEMFProvider(
            namespace=NAMESPACE,
            service=service,
            default_dimensions={"service": service, "shadow": shadow},
        )

    def compared(self, request_id: str, found: Difference, seconds: float) -> None:
        self._tell(
            [
                ("ShadowRequests", "Count", 1.0),
                ("ShadowErrors", "Count", 0.0),
                ("ShadowPredictions", "Count", float(found.predictions)),
                ("ShadowDisagreements", "Count", float(found.disagreements)),
                ("ShadowAbstentions", "Count", float(found.shadow_abstentions)),
                ("ShadowedAbstentions", "Count", float(found.live_abstentions)),
                ("ShadowFallbacks", "Count", float(found.shadow_fallbacks)),
                ("ShadowedFallbacks", "Count", float(found.live_fallbacks)),
                ("ShadowLatency", "Milliseconds", seconds * 1000),
            ]
            + (
                [("ShadowConfidenceShift", "None", found.confidence)]
                if found.confidence is not None
                else []
            ),
            request=request_id,
        )

    def failed(self, request_id: str, kind: str) -> None:
        """The other version gave nothing to compare with."""
        failed = [("ShadowRequests", "Count", 1.0), ("ShadowErrors", "Count", 1.0)]
        self._tell(failed, request=request_id, shadow_error=kind)

    def skipped(self, request_id: str, why: str) -> None:
        """A request was not copied although it was its turn."""
        self._tell([("ShadowSkipped", "Count", 1.0)], request=request_id, shadow_skipped=why)

    def _tell(self, found: list[Measurement], **metadata: str) -> None:
        try:
            for name, unit, value in found:
                self._metrics.add_metric(name, unit, value)
            for key, text in metadata.items():
                self._metrics.add_metadata(key, text)
            self._metrics.flush_metrics()
        except Exception:  # noqa: BLE001 - whatever the sink raises, the function goes on
            self._metrics.clear_metrics()
