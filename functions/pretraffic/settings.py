"""What the environment of the hook says, read once by the Lambda entry."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.pretraffic.errors import HookNotConfigured
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


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read the LAMBENT_* variables that template.yaml sets; raises HookNotConfigured."""
    signed = env.get("LAMBENT_REQUIRE_SIGNATURE", "false").lower() == "true"
    return Settings(
        reference=ModelReference(_text(env, "MODEL"), _text(env, "VERSION")),
        digest=_text(env, "DIGEST"),
        candidate=_text(env, "CANDIDATE"),
        function=_text(env, "FUNCTION"),
        bucket=_text(env, "BUCKET"),
        history=_text(env, "HISTORY"),
        latency=_number(env, "LATENCY_MS"),
        churn=_number(env, "CHURN_PERCENT") / 100,
        tolerance=_number(env, "TOLERANCE_PERCENT") / 100,
        alarms=tuple(filter(None, env.get("LAMBENT_CANARY_ALARMS", "").split(","))),
        traffic=env.get("LAMBENT_TRAFFIC") or ALL_AT_ONCE,
        signing_key=_text(env, "SIGNING_KEY") if signed else "",
        topic=env.get("LAMBENT_ALARM_TOPIC", ""),
    )


def _text(env: Mapping[str, str], name: str) -> str:
    if value := env.get(f"LAMBENT_{name}"):
        return value
    raise _not_configured(name, "is not set")


def _number(env: Mapping[str, str], name: str) -> float:
    try:
        return float(_text(env, name))
    except ValueError:
        raise _not_configured(name, "is not a number") from None


def _not_configured(name: str, what: str) -> HookNotConfigured:
    return HookNotConfigured(f"LAMBENT_{name}", what, "Deploy with `lambent deploy`, which sets it")
