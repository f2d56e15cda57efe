"""What the environment of the hook says."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.operations.environment import Environment
from model_store.artifact.reference import ModelReference

ALL_AT_ONCE = "AllAtOnce"


@dataclass(frozen=True, slots=True)
class Settings:
    """reference, digest: the model of the version that is about to go live, whose Lambda version
    number is `candidate`. function: the name of the inference function.

    latency: milliseconds that one request may take. churn, tolerance: shares of rows. alarms:
    those that watch the candidate. signing_key: the ARN of the KMS key that must have signed the
    manifest; empty where the platform asks for no signature. topic: an SNS topic, or empty.
    """

    reference: ModelReference
    digest: str
    candidate: str
    function: str
    bucket: str
    history: str
    latency: float
    churn: float
    tolerance: float
    alarms: tuple[str, ...] = ()
    traffic: str = ALL_AT_ONCE
    signing_key: str = ""
    topic: str = ""


def read_settings(variables: Mapping[str, str]) -> Settings:
    """Raises NotConfigured."""
    env = Environment(variables)
    signed = env.optional("REQUIRE_SIGNATURE").lower() != "false"
    return Settings(
        reference=ModelReference(env.text("MODEL"), env.text("VERSION")),
        digest=env.text("DIGEST"),
        candidate=env.text("CANDIDATE"),
        function=env.text("FUNCTION"),
        bucket=env.text("BUCKET"),
        history=env.text("HISTORY"),
        latency=env.number("LATENCY_MS", 1, 900_000),
        churn=env.share("CHURN_PERCENT", most=100),
        tolerance=env.share("TOLERANCE_PERCENT", most=50),
        alarms=env.names("CANARY_ALARMS"),
        traffic=env.optional("TRAFFIC") or ALL_AT_ONCE,
        signing_key=env.text("SIGNING_KEY") if signed else "",
        topic=env.optional("ALARM_TOPIC"),
    )
