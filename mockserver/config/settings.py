"""The settings: one table defines flags, `--help`, environment variables and `docs/settings.md`."""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from mockserver.config import named_contracts, processes, setting_types
from mockserver.config.named_contracts import MAIN_CONTRACT
from mockserver.config.shipped import FIXTURES, SCHEMAS

PREFIX = "MOCKSERVER_"
ADMIN_TOKEN_VARIABLE = f"{PREFIX}ADMIN_TOKEN"
"""The variable from which the server, and calls to its admin API, read the admin token."""
URL_VARIABLE = f"{PREFIX}URL"
"""The variable with the URL of a running server, for commands and tests that call one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a server. `SETTINGS` describes each field."""

    files: tuple[str, ...] = ()
    schemas: Path = SCHEMAS
    fixtures: Path = FIXTURES
    contracts: tuple[str, ...] = ()
    contract: str = MAIN_CONTRACT
    scenarios_folder: Path | None = None
    host: str = "localhost"
    port: int = 8080
    workers: int = processes.DEFAULT_WORKERS
    store: str = "sqlite:"
    scenarios: tuple[str, ...] = ()
    progression: str = "manual"
    seed: int = 0
    tokens: tuple[str, ...] = ()
    on_violation: str = "refuse"
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    admin_token: str = field(default="", repr=False)
    admin_origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    max_body: int = 1024 * 1024
    max_upload: int = 5 * 1024 * 1024
    max_delay: float = 30.0
    read_timeout: float = 30.0
    require_sandbox: bool = False
    max_sandboxes: int = 20_000
    max_sandbox_bytes: int = 1024 * 1024
    journal_size: int = 1000
    log_format: str = "text"
    access_log: bool | None = None
    """`None`: on if stdout is a terminal. `cli.serve` resolves it. Embedded servers have it off."""
    traces: bool = False
    reload: bool = False
    no_cache: bool = False
    quick_path: bool = True
    coverage: bool = True

    @property
    def max_total_exchanges(self) -> int:
        """Maximum number of exchanges in all journals together; at least that of one journal."""
        return max(10_000, self.journal_size)


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table."""

    name: str
    """Field of `Settings`. The flag is `--name-with-dashes` by default."""
    convert: setting_types.Converter
    """Convert a text to the value. Raises `ValueError` with the expected form."""
    help: str
    """The description for `--help` and the docs."""
    flag: str = ""
    short: str = ""
    """The short flag; empty without one."""
    heading: str = ""
    """The heading of its group in `--help`; empty for the group of the row before."""
    many: bool = False
    """Whether the flag is repeatable and the environment variable is a comma-separated list."""
    secret: bool = False
    """Whether messages omit the value."""

    @property
    def option(self) -> str:
        """The flag, with its dashes."""
        return self.flag or "--" + self.name.replace("_", "-")

    @property
    def is_argument(self) -> bool:
        """Whether the values are arguments of the command, without a flag."""
        return not self.option.startswith("-")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.name.upper()

    @property
    def default(self) -> Any:
        """The value without flag and variable."""
        return _DEFAULTS[self.name]


_DEFAULTS = {setting_field.name: setting_field.default for setting_field in fields(Settings)}

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "files",
        str,
        "Blueprint, folder of blueprints or pattern (`'docs/**/*.apib'`) to serve without folders "
        "of schemas and fixtures. Repeatable.",
        flag="FILE",
        heading="what is served",
        many=True,
    ),
    Setting(
        "schemas",
        setting_types.folder,
        "Folder with one folder per API, each with a blueprint and JSON Schemas.",
    ),
    Setting(
        "fixtures",
        setting_types.folder,
        "Folder with one folder per API, each with records, effects and scenarios.",
    ),
    Setting(
        "contracts",
        named_contracts.named_contract,
        "Further contract for sandboxes to choose: `NAME=BLUEPRINT` or `NAME=FOLDER`. Repeatable.",
        flag="--contract",
        many=True,
    ),
    Setting(
        "contract",
        str,
        "Name of the contract of sandboxes that have not chosen one.",
        flag="--default-contract",
    ),
    Setting(
        "scenarios_folder",
        setting_types.scenarios_folder,
        "Folder with more scenarios: `NAME.yaml`, or `API/NAME.yaml` for several APIs.",
        flag="--scenarios",
    ),
    Setting(
        "host",
        str,
        "Address to listen on: `localhost` (127.0.0.1 and ::1), `0.0.0.0` (all IPv4 addresses) "
        "or `::` (all IPv6 addresses).",
        heading="address and processes",
    ),
    Setting(
        "port",
        setting_types.integer(0, 65535),
        "Port to listen on. `0` selects a free port.",
        short="-p",
    ),
    Setting(
        "workers",
        setting_types.workers,
        "Number of worker processes, always 1 on Windows. `WEB_CONCURRENCY` is also read.",
    ),
    Setting(
        "store",
        str,
        "Where sandboxes are stored: `sqlite:` (temporary file), `sqlite:///FILE` (persistent "
        "file), `redis://HOST:PORT/DB` (shared by several servers) or `memory:` (one worker "
        "only).",
        heading="sandboxes, scenarios and tokens",
    ),
    Setting(
        "scenarios",
        str,
        "Scenario that is active at start and after each reset. Repeatable.",
        flag="--scenario",
        many=True,
    ),
    Setting(
        "progression",
        setting_types.one_of("manual", "polls", "time"),
        "How records advance at start and after each reset: `manual` (by operations only), `polls` "
        "(each retrieve advances a record) or `time` (with the sandbox's clock, which starts "
        "frozen).",
    ),
    Setting(
        "seed",
        setting_types.integer(0, 1 << 53),
        "Default random seed for scenarios with a `probability` or a random `delay`.",
    ),
    Setting(
        "tokens",
        setting_types.token,
        "Access token and its features, in addition to `tokens.yaml`: `NAME=FEATURE+FEATURE`, "
        "`NAME=` (no features) or `NAME=expired`. Repeatable.",
        flag="--token",
        many=True,
    ),
    Setting(
        "on_violation",
        setting_types.one_of("refuse", "warn"),
        "What to do when a response violates the contract: `refuse` (respond with a 500 problem) "
        "or `warn` (send it with a header and log a warning).",
    ),
    Setting(
        "cors_origins",
        setting_types.origin,
        "Origin allowed to call the API from a browser, in addition to loopback origins. "
        "`*` allows any. Repeatable.",
        flag="--cors-origin",
        heading="browsers, proxies and the admin API",
        many=True,
    ),
    Setting(
        "trusted_proxies",
        setting_types.network,
        "Address or network of a proxy whose `X-Forwarded-For` header is trusted. Repeatable.",
        many=True,
    ),
    Setting(
        "admin_token",
        setting_types.secret,
        "Token required by the admin API, except for health and version. Prefer the environment "
        "variable: arguments are visible in process lists.",
        secret=True,
    ),
    Setting(
        "admin_origins",
        setting_types.exact_origin,
        "Origin whose pages may call the admin API, in addition to the server itself. Repeatable.",
        flag="--admin-origin",
        many=True,
    ),
    Setting(
        "allowed_hosts",
        setting_types.host,
        "Host name accepted by the admin API, in addition to IP addresses, `localhost` and names "
        "without a dot. Repeatable.",
        many=True,
    ),
    Setting(
        "max_body",
        setting_types.integer(0, 1 << 30),
        "Maximum request body size, in bytes.",
        heading="limits",
    ),
    Setting(
        "max_upload",
        setting_types.integer(0, 1 << 26),
        "Maximum body size of an uploaded API (`PUT /__admin/apis/NAME`), in bytes.",
    ),
    Setting(
        "max_delay",
        setting_types.number(0, 600),
        "Maximum delay that a scenario or a `Prefer` header can request, in seconds.",
    ),
    Setting(
        "read_timeout",
        setting_types.number(1, 3600),
        "Seconds without a byte after which an incomplete request gets a 408.",
    ),
    Setting(
        "require_sandbox",
        setting_types.switch,
        "Reject an API request that names no sandbox. The problem shows how to name one.",
    ),
    Setting(
        "max_sandboxes",
        setting_types.integer(1, 10**6),
        "Maximum number of sandboxes. The least recently used sandbox is evicted.",
    ),
    Setting(
        "max_sandbox_bytes",
        setting_types.integer(1024, 1 << 30),
        "Maximum size of the changes in one sandbox, in bytes of JSON.",
    ),
    Setting(
        "journal_size",
        setting_types.integer(0, 100_000),
        "Maximum number of exchanges in the journal of one sandbox.",
    ),
    Setting(
        "log_format",
        setting_types.one_of("text", "json"),
        "Log format: `text` or `json` (one object per line).",
        heading="logs and traces",
    ),
    Setting(
        "access_log",
        setting_types.switch_or_auto,
        "Write one log line per API request to stdout: `on`, `off` or `auto` (on if stdout is a "
        "terminal). The flag without a value means `on`.",
    ),
    Setting(
        "traces",
        setting_types.switch,
        "Send OpenTelemetry spans, configured by the `OTEL_*` variables "
        "(needs `apib-mockserver[otel]`).",
    ),
    Setting(
        "reload",
        setting_types.switch,
        "Reload blueprints, schemas and YAML files when they change. Runs one worker.",
        heading="reload, cache and quick path",
    ),
    Setting(
        "no_cache",
        setting_types.switch,
        "Generate schemas and records from `FILE` at each start, and keep nothing in the cache.",
    ),
    Setting(
        "quick_path",
        setting_types.on_or_off,
        "Send the kept response to a repeated request: `on` or `off`. The responses are the same.",
    ),
    Setting(
        "coverage",
        setting_types.on_or_off,
        "Count which parts of the contract the responses serve: `on` or `off`.",
    ),
)
"""All settings, in the order of `--help` and the docs."""
