"""Settings: flags, environment variables, defaults and errors."""

import pytest

from mockserver.config.setting_sources import load_settings
from mockserver.config.settings import SETTINGS, Setting, Settings
from mockserver.config.unknown_variables import unknown_variables
from mockserver.errors import UsageError


def test_a_flag_overrides_the_environment_which_overrides_the_default() -> None:
    assert load_settings({}, {}).port == 8080
    assert load_settings({}, {"MOCKSERVER_PORT": "9000"}).port == 9000
    assert load_settings({"port": "9001"}, {"MOCKSERVER_PORT": "9000"}).port == 9001


def test_a_list_is_a_repeated_flag_or_a_comma_separated_variable() -> None:
    assert load_settings({"scenarios": ["a", "b"]}, {}).scenarios == ("a", "b")
    assert load_settings({}, {"MOCKSERVER_SCENARIOS": "a, b,"}).scenarios == ("a", "b")


INVALID_SETTINGS = [
    ({"MOCKSERVER_PORT": "x"}, "MOCKSERVER_PORT: expected an integer from 0 to 65535, got 'x'"),
    (
        {"MOCKSERVER_PORT": "70000"},
        "MOCKSERVER_PORT: expected an integer from 0 to 65535, got '70000'",
    ),
    (
        {"MOCKSERVER_ON_VIOLATION": "ignore"},
        "MOCKSERVER_ON_VIOLATION: expected refuse or warn, got 'ignore'",
    ),
    (
        {"MOCKSERVER_SCHEMAS": "/nowhere"},
        "MOCKSERVER_SCHEMAS: expected an existing folder, got '/nowhere'",
    ),
    ({"MOCKSERVER_RELOAD": "maybe"}, "MOCKSERVER_RELOAD: expected 1 or 0, got 'maybe'"),
    (
        {"MOCKSERVER_ACCESS_LOG": "maybe"},
        "MOCKSERVER_ACCESS_LOG: expected auto, on or off, got 'maybe'",
    ),
    (
        {"MOCKSERVER_CORS_ORIGINS": "example.com"},
        "expected an origin such as https://app.example.com, or * for any",
    ),
    (
        {"MOCKSERVER_CORS_ORIGINS": "https://example.com/app"},
        "expected an origin such as https://app.example.com, or * for any",
    ),
    (
        {"MOCKSERVER_ADMIN_TOKEN": ""},
        "MOCKSERVER_ADMIN_TOKEN: expected visible ASCII characters without spaces; unset it",
    ),
    (
        {"MOCKSERVER_TRUSTED_PROXIES": "proxy"},
        "expected an address such as 10.0.0.1, or a network such as 10.0.0.0/8, got 'proxy'",
    ),
    ({"MOCKSERVER_QUICK_PATH": "auto"}, "MOCKSERVER_QUICK_PATH: expected on or off, got 'auto'"),
    (
        {"MOCKSERVER_READ_TIMEOUT": "0"},
        "MOCKSERVER_READ_TIMEOUT: expected a number from 1 to 3600, got '0'",
    ),
    (
        {"MOCKSERVER_MAX_DELAY": "nan"},
        "MOCKSERVER_MAX_DELAY: expected a number from 0 to 600, got 'nan'",
    ),
]


@pytest.mark.parametrize(
    ("environ", "message"),
    INVALID_SETTINGS,
    ids=[f"{next(iter(case[0]))}-{index}" for index, case in enumerate(INVALID_SETTINGS)],
)
def test_an_invalid_variable_is_reported_with_the_expected_form(
    environ: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        load_settings({}, environ)
    assert message in str(caught.value)


def test_all_invalid_settings_are_reported_together() -> None:
    with pytest.raises(UsageError) as caught:
        load_settings({"port": "x"}, {"MOCKSERVER_WORKERS": "0", "MOCKSERVER_RELOAD": "maybe"})
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "--port",
        "MOCKSERVER_WORKERS",
        "MOCKSERVER_RELOAD",
    ]


def test_variables_that_docker_and_kubernetes_set_for_a_container_are_ignored() -> None:
    environ = {
        "MOCKSERVER_PORT": "tcp://10.0.0.1:8080",
        "MOCKSERVER_SERVICE_HOST": "10.0.0.1",
        "MOCKSERVER_PORT_8080_TCP": "tcp://",
    }
    assert load_settings({}, environ).port == 8080
    assert unknown_variables(environ) == []


def test_an_unknown_variable_is_a_warning_with_a_similar_name() -> None:
    assert unknown_variables({"MOCKSERVER_PRT": "1"}) == [
        "Unknown setting MOCKSERVER_PRT (ignored). Did you mean MOCKSERVER_PORT?"
    ]
    assert unknown_variables({"MOCKSERVER_SCENARIO": "slow"}) == [
        "Unknown setting MOCKSERVER_SCENARIO (ignored). Did you mean MOCKSERVER_SCENARIOS?"
    ]
    assert unknown_variables({"MOCKSERVER_URL": "http://localhost:8080"}) == []
    assert unknown_variables({"MOCKSERVER_COLOUR": "1"}) == [
        "Unknown setting MOCKSERVER_COLOUR (ignored)."
    ]


@pytest.mark.parametrize(
    "setting",
    [setting for setting in SETTINGS if not setting.secret],
    ids=lambda setting: setting.name,
)
def test_an_empty_variable_counts_as_unset(setting: Setting) -> None:
    assert load_settings({}, {setting.variable: ""}) == load_settings({}, {})


ACCESS_LOG_VALUES = {
    "auto": None,
    "AUTO": None,
    "on": True,
    "1": True,
    "yes": True,
    "off": False,
    "0": False,
    "False": False,
    "": None,
}


@pytest.mark.parametrize(("text", "value"), ACCESS_LOG_VALUES.items())
def test_the_access_log_is_on_or_off_or_depends_on_the_terminal(
    text: str, value: bool | None
) -> None:
    assert load_settings({}, {"MOCKSERVER_ACCESS_LOG": text}).access_log is value
    assert load_settings({"access_log": True}, {"MOCKSERVER_ACCESS_LOG": text}).access_log is True


@pytest.mark.parametrize(
    ("text", "value"), [("", True), ("on", True), ("1", True), ("OFF", False), ("0", False)]
)
def test_the_quick_path_is_on_by_default_and_can_be_switched_off(text: str, value: bool) -> None:
    assert load_settings({}, {"MOCKSERVER_QUICK_PATH": text}).quick_path is value
    assert load_settings({"quick_path": "off"}, {"MOCKSERVER_QUICK_PATH": text}).quick_path is False


def test_the_table_has_a_row_for_each_field_of_settings() -> None:
    assert [setting.name for setting in SETTINGS] == list(Settings.__dataclass_fields__)


def test_reload_requires_one_worker_which_becomes_the_default() -> None:
    assert load_settings({"reload": True}, {}).workers == 1
    with pytest.raises(UsageError, match="--reload requires --workers 1"):
        load_settings({"reload": True, "workers": "2"}, {})


def test_web_concurrency_sets_the_workers_if_no_setting_does() -> None:
    assert load_settings({}, {"WEB_CONCURRENCY": "3"}).workers == 3
    assert load_settings({}, {"WEB_CONCURRENCY": "3", "MOCKSERVER_WORKERS": "2"}).workers == 2
    assert load_settings({}, {"WEB_CONCURRENCY": "3", "MOCKSERVER_WORKERS": ""}).workers == 3


INVALID_ADMIN_SETTINGS = [
    ({"MOCKSERVER_ADMIN_TOKEN": ""}, "MOCKSERVER_ADMIN_TOKEN: expected visible ASCII characters"),
    (
        {"MOCKSERVER_ADMIN_TOKEN": "two words"},
        "MOCKSERVER_ADMIN_TOKEN: expected visible ASCII characters",
    ),
    ({"MOCKSERVER_ADMIN_ORIGINS": "*"}, "MOCKSERVER_ADMIN_ORIGINS: expected an origin such as"),
    ({"MOCKSERVER_ADMIN_ORIGINS": "null"}, "MOCKSERVER_ADMIN_ORIGINS: expected an origin such as"),
    (
        {"MOCKSERVER_ADMIN_ORIGINS": "http://a.test/"},
        "MOCKSERVER_ADMIN_ORIGINS: expected an origin such as",
    ),
    (
        {"MOCKSERVER_ALLOWED_HOSTS": "http://a.test"},
        "MOCKSERVER_ALLOWED_HOSTS: expected a host name such as",
    ),
    (
        {"MOCKSERVER_ALLOWED_HOSTS": "a.test:8080"},
        "MOCKSERVER_ALLOWED_HOSTS: expected a host name such as",
    ),
    ({"MOCKSERVER_ALLOWED_HOSTS": "*"}, "MOCKSERVER_ALLOWED_HOSTS: expected a host name such as"),
]


@pytest.mark.parametrize(
    ("environ", "message"),
    INVALID_ADMIN_SETTINGS,
    ids=[str(case[0]) for case in INVALID_ADMIN_SETTINGS],
)
def test_an_invalid_admin_setting_is_rejected_and_a_secret_is_not_shown(
    environ: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        load_settings({}, environ)
    assert message in str(caught.value)
    assert "two words" not in str(caught.value)
