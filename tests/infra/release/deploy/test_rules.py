"""What cannot work is refused at once, all of it together, with the way out."""

import json
from dataclasses import replace
from typing import Any

import pytest

from infra.errors import Refused
from infra.release.deploy.parameters import Choices, defaults
from infra.release.deploy.rules import (
    ENVIRONMENT,
    OTHERS,
    RETENTIONS,
    check_choices,
    check_environment,
)


@pytest.mark.parametrize("local", [True, False])
def test_what_is_chosen_by_default_is_allowed(local: bool) -> None:
    check_choices(defaults(local=local), local=local)


@pytest.mark.parametrize(
    ("change", "told", "way_out"),
    [
        ({"runtime": "python3.11", "snapstart": True}, "SnapStart", "--runtime python3.13"),
        ({"log_retention_days": 6}, "no logs for 6 days", "--log-retention-days 1, 3, 5, 7"),
        ({"architecture": "mips"}, "mips is none of arm64, x86_64", "one of them"),
        ({"runtime": "python2.7"}, "python2.7 is none of", "one of them"),
        ({"traffic": "Canary"}, "Canary is none of AllAtOnce, Canary10Percent5", "one of them"),
        ({"log_level": "LOUD"}, "LOUD is none of DEBUG", "one of them"),
        ({"cors_origins": ("https://a.example", "*")}, "lets every site in", "in full"),
        ({"cors_origins": ("https://*.example",)}, "lets every site in", "in full"),
        ({"throttle_rate": 50, "throttle_burst": 49}, "never reached", "--throttle-burst"),
    ],
)
def test_what_cannot_work_is_refused_here_and_on_aws(
    change: dict[str, object], told: str, way_out: str
) -> None:
    """Threat API8 for CORS: never *."""
    for local in (True, False):
        with pytest.raises(Refused) as refusal:
            check_choices(replace(Choices(), **change), local=local)
        assert told in refusal.value.what
        assert way_out in refusal.value.next_step


def test_a_runtime_too_old_for_aws_does_on_this_machine() -> None:
    check_choices(Choices(runtime="python3.11"), local=True)
    with pytest.raises(Refused, match="too old a system for onnxruntime"):
        check_choices(Choices(runtime="python3.11"), local=False)


@pytest.mark.parametrize(
    "choices",
    [
        Choices(runtime="python3.12", snapstart=True),
        Choices(throttle_rate=50, throttle_burst=50),
        Choices(cors_origins=("https://shop.example",)),
        *(Choices(log_retention_days=days) for days in RETENTIONS),
    ],
)
def test_what_is_just_allowed(choices: Choices) -> None:
    check_choices(choices, local=False)


def test_everything_that_is_wrong_is_told_at_once_and_each_way_out_once() -> None:
    wrong = Choices(runtime="python3.11", snapstart=True, log_level="LOUD")
    with pytest.raises(Refused) as refusal:
        check_choices(wrong, local=False)
    assert refusal.value.what.count(";") == 2
    assert refusal.value.next_step == "Use --runtime python3.13; Use one of them"


def test_origins_that_the_environment_has_no_room_for_are_refused_before_the_build() -> None:
    origins = tuple(f"https://shop-{n:02}.example" for n in range(40))
    check_environment("s" * 2000, Choices(cors_origins=origins))
    with pytest.raises(Refused, match="40 CORS origins take 960 bytes, and 296 are left"):
        check_environment("s" * 3000, Choices(cors_origins=origins))
    beyond_ascii = (f"https://{'ü' * 70}.example", "https://ä.example")
    with pytest.raises(Refused, match="2 CORS origins take 176 bytes"):
        check_environment("s" * 3200, Choices(cors_origins=beyond_ascii))


LONGEST = {
    "LAMBENT_MODEL": "m" * 40,
    "LAMBENT_VERSION": "v" * 32,
    "LAMBENT_DIGEST": "d" * 64,
    "LAMBENT_FALLBACK_ONLY": "on",
    "LAMBENT_RELEASE": "r" * 64,
    "LAMBENT_BUCKET": "b" * 63,
    "LAMBENT_TRACING": "off",
    "POWERTOOLS_SERVICE_NAME": "lambent-" + "m" * 40,
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "MALLOC_ARENA_MAX": "1",
    "LAMBENT_STANDBY": "",
    "LAMBENT_CORS_ORIGINS": "",
}


def test_what_else_is_in_the_environment_fits_beside_them(load_template: Any) -> None:
    """With what `lambent shadow` adds."""
    template = load_template("template.yaml")
    variables = template["Resources"]["InferenceFunction"]["Properties"]["Environment"]["Variables"]
    assert set(variables) == set(LONGEST)
    shadow = {"LAMBENT_SHADOW": "9" * 10, "LAMBENT_SHADOW_PERCENT": "100"}
    assert len(json.dumps(LONGEST | shadow)) <= OTHERS < ENVIRONMENT
