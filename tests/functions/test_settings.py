"""What the environment of the function is taken to say."""

import pytest

from functions.inference.errors import ConfigurationError
from functions.inference.settings import Limits, Pin, Settings, Shadow, read_settings

REQUIRED = {
    "LAMBENT_MODEL": "penguins",
    "LAMBENT_VERSION": "7",
    "LAMBENT_DIGEST": "ab" * 32,
    "LAMBENT_BUCKET": "artifacts",
}


def test_what_must_be_set_is_enough() -> None:
    pin = Pin("penguins", "7", "ab" * 32)
    assert read_settings(REQUIRED) == Settings(pin, "artifacts", service="lambent-penguins")
    assert str(pin) == "penguins@7"


def test_what_may_be_set_is_read() -> None:
    found = read_settings(
        REQUIRED
        | {
            "POWERTOOLS_SERVICE_NAME": "birds",
            "LAMBENT_STANDBY": "packed",
            "LAMBENT_CORS_ORIGINS": "https://a.example",
            "LAMBENT_TRACING": "on",
            "UNRELATED": "x",
        }
    )
    assert (found.service, found.standby, found.tracing) == ("birds", "packed", True)
    assert found.cors_origins == ("https://a.example",)


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("empty", [{}, {"": ""}], ids=["absent", "empty"])
def test_a_variable_that_is_absent_or_empty_is_named_with_the_way_out(
    name: str, empty: dict[str, str]
) -> None:
    env = {key: value for key, value in REQUIRED.items() if key != name}
    with pytest.raises(ConfigurationError, match=rf"^{name}: is not set.*`lambent deploy`"):
        read_settings(env | ({name: ""} if empty else {}))


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()),
        (" , ", ()),
        ("https://a.example/", ("https://a.example",)),
        (
            " https://a.example , https://b.example:8443/,",
            ("https://a.example", "https://b.example:8443"),
        ),
    ],
)
def test_origins_are_read_as_browsers_send_them(text: str, origins: tuple[str, ...]) -> None:
    """Without the slash at the end, and without the spaces of a list."""
    assert read_settings(REQUIRED | {"LAMBENT_CORS_ORIGINS": text}).cors_origins == origins


@pytest.mark.parametrize("text", ["*", "https://a.example,*", "https://*.example"])
def test_threat_api8_an_origin_with_a_wildcard_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="wildcard"):
        read_settings(REQUIRED | {"LAMBENT_CORS_ORIGINS": text})


@pytest.mark.parametrize(("text", "on"), [("on", True), ("ON", True), ("off", False), ("", False)])
def test_tracing_is_off_unless_it_is_asked_for(text: str, on: bool) -> None:
    assert read_settings(REQUIRED | {"LAMBENT_TRACING": text}).tracing is on


def test_fault_row_21_the_largest_body_is_one_that_lambda_lets_through() -> None:
    """Its limit is 6 MB for the whole event, of which the headers need some."""
    assert Limits().body <= 6_000_000


def test_fault_row_27_the_reserve_is_less_than_the_time_a_fair_run_needs() -> None:
    """Else a function with little time could never blame its model for hanging."""
    assert 0 < Limits().reserve < Limits().fair_run < Limits().time_without_context


def test_a_version_to_copy_requests_to_is_read_with_its_share() -> None:
    asked = REQUIRED | {"LAMBENT_SHADOW": "7", "LAMBENT_SHADOW_PERCENT": "25"}
    assert read_settings(asked).shadow == Shadow("7", 0.25)
    assert read_settings(REQUIRED | {"LAMBENT_SHADOW": ""}).shadow is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAMBENT_SHADOW", "live"),
        ("LAMBENT_SHADOW_PERCENT", "101"),
        ("LAMBENT_SHADOW_PERCENT", "-1"),
        ("LAMBENT_SHADOW_PERCENT", "x"),
    ],
)
def test_a_shadow_that_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        read_settings(REQUIRED | {"LAMBENT_SHADOW": "7", name: value})


@pytest.mark.parametrize(
    ("text", "level"), [({}, "INFO"), ({"POWERTOOLS_LOG_LEVEL": "debug"}, "DEBUG")]
)
def test_the_level_of_the_log_is_read(text: dict[str, str], level: str) -> None:
    assert read_settings(REQUIRED | text).log_level == level


def test_a_level_that_is_none_is_named_with_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match=r"POWERTOOLS_LOG_LEVEL.*DEBUG, INFO"):
        read_settings(REQUIRED | {"POWERTOOLS_LOG_LEVEL": "loud"})
