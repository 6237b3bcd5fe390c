"""The settings: one table defines the flags, `--help`, the environment variables and `docs/settings.md`.

A flag overrides the environment variable, which overrides the default.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.errors import UsageError, similar_name

PREFIX = "MOCKSERVER_"
ADMIN_TOKEN_VARIABLE = f"{PREFIX}ADMIN_TOKEN"
"""The variable from which the server, and calls to its admin API, read the admin token."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a server. `SETTINGS` describes each field."""

    schemas: Path = SCHEMAS
    fixtures: Path = FIXTURES
    host: str = "localhost"
    port: int = 8080
    workers: int = min(os.cpu_count() or 1, 4)
    store: str = "sqlite:"
    scenarios: tuple[str, ...] = ()
    seed: int = 0
    tokens: tuple[str, ...] = ()
    on_violation: str = "refuse"
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    admin_token: str = field(default="", repr=False)
    admin_origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    max_body: int = 1024 * 1024
    max_delay: float = 30.0
    read_timeout: float = 30.0
    max_sandboxes: int = 20_000
    max_sandbox_bytes: int = 1024 * 1024
    journal_size: int = 1000
    log_format: str = "text"
    access_log: bool | None = None
    """`None`: on if stdout is a terminal. `cli.serve` resolves it; an embedded application writes no lines."""
    traces: bool = False
    reload: bool = False
    quick_path: bool = True

    @property
    def max_total_exchanges(self) -> int:
        """Maximum number of exchanges in all journals together; at least that of one journal."""
        return max(10_000, self.journal_size)


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table."""

    name: str
    """Field of `Settings`. The flag is `--name-with-dashes` by default."""
    read: Callable[[str], Any]
    """Convert a text to the value. Raises `ValueError` with the expected form."""
    help: str
    """One sentence for `--help` and the docs."""
    flag: str = ""
    many: bool = False
    """Whether the flag is repeatable and the environment variable is a comma-separated list."""
    secret: bool = False
    """Whether messages omit the value."""

    @property
    def option(self) -> str:
        """The flag, with its dashes."""
        return self.flag or "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.name.upper()

    @property
    def default(self) -> Any:
        """The value without flag and variable."""
        return next(f.default for f in fields(Settings) if f.name == self.name)


def _number(
    number_type: type[int] | type[float], minimum: float, maximum: float
) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            value = number_type(text)
        except ValueError:
            value = None
        if value is None or not minimum <= value <= maximum:
            kind = "an integer" if number_type is int else "a number"
            raise ValueError(f"expected {kind} from {minimum} to {maximum}")
        return value

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"expected {' or '.join(words)}")
        return text

    return read


def _switch(text: str) -> bool:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
        "": False,
    }
    if text.lower() not in words:
        raise ValueError("expected 1 or 0")
    return words[text.lower()]


def _on_or_off(text: str) -> bool:
    try:
        return _switch(text)
    except ValueError as error:
        raise ValueError("expected on or off") from error


def _switch_or_auto(text: str) -> bool | None:
    if text.lower() == "auto":
        return None
    try:
        return _switch(text)
    except ValueError as error:
        raise ValueError("expected auto, on or off") from error


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise ValueError("expected an existing folder")
    return path


_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/@?#*\s]+", re.IGNORECASE)
"""Scheme, host and port, without a path: as browsers send it (RFC 6454, section 7)."""


def _origin(text: str) -> str:
    if text != "*" and not _ORIGIN.fullmatch(text):
        raise ValueError("expected an origin such as https://app.example.com, or * for any")
    return text.lower()


def _token(text: str) -> str:
    name, equals, _ = text.partition("=")
    if not name or not equals:
        raise ValueError("expected NAME=FEATURE+FEATURE, NAME= or NAME=expired")
    return text


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False)) if "/" in text else str(ip_address(text))
    except ValueError as error:
        raise ValueError(
            "expected an address such as 10.0.0.1, or a network such as 10.0.0.0/8"
        ) from error


def _exact_origin(text: str) -> str:
    if not _ORIGIN.fullmatch(text):
        raise ValueError(
            "expected an origin such as https://app.example.com; * is not allowed here"
        )
    return text.lower()


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?", text):
        raise ValueError("expected a host name such as mock.example.com, without scheme, port or *")
    return text.lower()


def _secret(text: str) -> str:
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError(
            "expected visible ASCII characters without spaces; unset it for a server without a token"
        )
    return text


SETTINGS: tuple[Setting, ...] = (
    Setting("schemas", _folder, "Folder with one folder per API, each with a blueprint and JSON Schemas."),
    Setting("fixtures", _folder, "Folder with one folder per API, each with records, effects and scenarios."),
    Setting("host", str, "Address to listen on: `localhost` (127.0.0.1 and ::1), `0.0.0.0` (all IPv4 addresses) or `::` (all IPv6 addresses)."),  # noqa: E501
    Setting("port", _number(int, 0, 65535), "Port to listen on; `0` picks a free port."),
    Setting("workers", _number(int, 1, 64), "Number of worker processes; `WEB_CONCURRENCY` is also read."),
    Setting("store", str, "Where sandboxes are stored: `sqlite:` (temporary file), `sqlite:///FILE` (persistent file), `redis://HOST:PORT/DB` (shared by several servers) or `memory:` (one worker only)."),  # noqa: E501
    Setting("scenarios", str, "Scenario that is on at start and after each reset. Repeatable.", flag="--scenario", many=True),
    Setting("seed", _number(int, 0, 1 << 53), "Default random seed for scenarios with a `probability`."),
    Setting("tokens", _token, "Access token and its features, in addition to `tokens.yaml`: `NAME=FEATURE+FEATURE`, `NAME=` (no features) or `NAME=expired`. Repeatable.", flag="--token", many=True),  # noqa: E501
    Setting("on_violation", _one_of("refuse", "warn"), "What to do when a response violates the contract: `refuse` (respond with a 500 problem) or `warn` (send it with a header and log a warning)."),  # noqa: E501
    Setting("cors_origins", _origin, "Origin allowed to call the API from a browser, in addition to loopback origins; `*` allows any. Repeatable.", flag="--cors-origin", many=True),  # noqa: E501
    Setting("trusted_proxies", _network, "Address or network of a proxy whose `X-Forwarded-For` header is trusted. Repeatable.", many=True),  # noqa: E501
    Setting("admin_token", _secret, "Token required by the admin API, except for health and version. Prefer the environment variable: arguments are visible in process lists.", secret=True),  # noqa: E501
    Setting("admin_origins", _exact_origin, "Origin whose pages may call the admin API, in addition to the server itself. Repeatable.", flag="--admin-origin", many=True),  # noqa: E501
    Setting("allowed_hosts", _host, "Host name accepted by the admin API, in addition to IP addresses, `localhost` and names without a dot. Repeatable.", many=True),  # noqa: E501
    Setting("max_body", _number(int, 0, 1 << 30), "Maximum request body size, in bytes."),
    Setting("max_delay", _number(float, 0, 600), "Maximum delay that a scenario or a `Prefer` header can request, in seconds."),
    Setting("read_timeout", _number(float, 1, 3600), "Seconds without a byte after which an incomplete request gets a 408."),
    Setting("max_sandboxes", _number(int, 1, 10**6), "Maximum number of sandboxes; the least recently used is evicted."),
    Setting("max_sandbox_bytes", _number(int, 1024, 1 << 30), "Maximum size of the changes in one sandbox, in bytes of JSON."),
    Setting("journal_size", _number(int, 0, 100_000), "Maximum number of exchanges in the journal of one sandbox."),
    Setting("log_format", _one_of("text", "json"), "Log format: `text` or `json` (one object per line)."),
    Setting("access_log", _switch_or_auto, "Write one log line per API request to stdout: `on`, `off` or `auto` (on if stdout is a terminal). The flag without a value means `on`."),  # noqa: E501
    Setting("traces", _switch, "Send OpenTelemetry spans, configured by the `OTEL_*` variables (needs `mockserver[otel]`)."),
    Setting("reload", _switch, "Reload blueprints, schemas and YAML files when they change. Requires one worker."),
    Setting("quick_path", _on_or_off, "Send the kept response to a repeated request: `on` or `off`. The responses are the same."),
)  # fmt: skip
"""All settings, in the order of `--help` and the docs."""


def load_settings(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Return the settings of one run.

    Args:
        flags: The values of the flags by field name: a text, a list of texts, or `True`.
        environ: The environment variables.

    Raises:
        UsageError: Some settings are invalid; a line for each names the flag or the variable.
    """
    values, messages = {}, []
    for setting in SETTINGS:
        source, text = setting.option, flags.get(setting.name)
        if text is None:
            source, text = _from_environment(setting, environ)
        # Where a container is named "mockserver", Docker and Kubernetes set MOCKSERVER_PORT to a URL of their own.
        if text is None or (source == setting.variable and text.startswith("tcp://")):
            continue
        try:
            values[setting.name] = _read(setting, text)
        except ValueError as error:
            actual = "" if setting.secret else f", got {text!r}"
            messages.append(f"{source}: {error}{actual}")
    if values.get("reload") and values.setdefault("workers", 1) > 1:
        messages.append(
            "--reload requires --workers 1: several workers would reload at different times"
        )
    if messages:
        raise UsageError("\n".join(messages))
    return Settings(**values)


def _from_environment(setting: Setting, environ: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the variable and its text. Hosting platforms set `WEB_CONCURRENCY` for every server."""
    if (
        setting.name == "workers"
        and not environ.get(setting.variable)
        and environ.get("WEB_CONCURRENCY")
    ):
        return "WEB_CONCURRENCY", environ["WEB_CONCURRENCY"]
    text = environ.get(setting.variable)
    # Compose and CI set an empty variable for no value (`${STORE:-}`). But an empty token would leave the server open.
    return setting.variable, text if text or setting.secret else None


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Return a warning for each environment variable that starts like a setting but is unknown."""
    variables = {setting.variable for setting in SETTINGS}
    foreign = re.compile(rf"{PREFIX}(SERVICE|PORT)(_.*)?")
    warnings = []
    for name in sorted(environ):
        is_setting_like = name.startswith(PREFIX) and not foreign.fullmatch(name)
        if is_setting_like and name not in variables:
            warnings.append(f"Unknown setting {name} (ignored).{_did_you_mean(name, variables)}")
    return warnings


def _did_you_mean(name: str, variables: Iterable[str]) -> str:
    candidates = [variable.removeprefix(PREFIX) for variable in variables]
    candidate = similar_name(name.removeprefix(PREFIX), candidates, 0.8)
    return f" Did you mean {PREFIX}{candidate}?" if candidate else ""


def _read(setting: Setting, value: Any) -> Any:
    if not setting.many:
        return value if value is True else setting.read(value)
    texts = value.split(",") if isinstance(value, str) else value
    return tuple(setting.read(text.strip()) for text in texts if text.strip())
