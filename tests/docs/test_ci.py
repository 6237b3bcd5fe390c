"""The examples of docs/ci.md and compose.yaml are valid YAML, and their variables are settings."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from helpers.console import sections
from helpers.processes import clean_environ
from helpers.repository import ROOT

from mockserver.config.setting_sources import load_settings
from mockserver.config.settings import PREFIX
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.config.unknown_variables import unknown_variables
from mockserver.contract import loader

PAGE = (ROOT / "docs/ci.md").read_text()
README = re.search(r"## For CI\n.*?```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCUMENTS: dict[str, Any] = {}
"""The first YAML block of each section of the page, and of the other files."""

for heading, section in sections(PAGE).items():
    block = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    if block:
        DOCUMENTS[heading] = yaml.safe_load(block[1])
DOCUMENTS["compose.yaml"] = COMPOSE
if README:
    DOCUMENTS["README.md"] = yaml.safe_load(README[1])
CONFIGURED = ["Compose", "Settings for a job", "compose.yaml", "README.md"]
"""The examples that set variables of the server."""


def variables(tree: Any) -> Iterator[dict[str, str]]:
    """Yield the settings of each mapping of variables."""
    if isinstance(tree, dict):
        environ = {name: tree[name] for name in tree if str(name).startswith(PREFIX)}
        if environ:
            yield environ
        for value in tree.values():
            yield from variables(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from variables(item)


def test_each_example_is_tested() -> None:
    jobs = ["GitHub Actions", "The action", "GitLab", "Without a container"]
    upload = "Your own API without a mount"
    assert sorted(DOCUMENTS) == sorted([*jobs, upload, *CONFIGURED])
    for name in (*jobs, upload):
        assert list(variables(DOCUMENTS[name])) == [], "the first job needs no settings"


@pytest.mark.parametrize("name", CONFIGURED)
def test_each_variable_of_an_example_is_a_setting(name: str) -> None:
    scenarios = loader.load_contract(SCHEMAS, FIXTURES).scenarios
    environs = list(variables(DOCUMENTS[name]))
    assert environs or name == "README.md", "the README shows a service without settings"
    for environ in environs:
        assert all(isinstance(value, str) for value in environ.values()), (
            "YAML reads the value as another type than text"
        )
        assert unknown_variables(environ) == []
        assert set(load_settings({}, environ).scenarios) <= set(scenarios)


def image_check() -> list[str]:
    """Return the command of the image's health check; a backslash continues a line."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    match = re.search(r"^HEALTHCHECK .*?CMD (\[.*?\])$", text, re.DOTALL | re.MULTILINE)
    assert match
    command: list[str] = json.loads(match[1])
    return command


def exit_code(command: list[str], port: int, host: str) -> int:
    """Run a health check with an unreachable HTTP proxy, as many companies set one.

    A check that uses the proxy fails.
    """
    environ = clean_environ(
        MOCKSERVER_PORT=str(port), MOCKSERVER_HOST=host, http_proxy="http://127.0.0.1:1"
    )
    assert command[0] == "python"
    return subprocess.run(
        [sys.executable, *command[1:]], env=environ, capture_output=True
    ).returncode


@pytest.mark.server
def test_the_health_check_of_the_image_calls_the_server_without_the_proxy(live: str) -> None:
    port = urlsplit(live).port or 0
    assert exit_code(image_check(), port, "localhost") == 0
    assert exit_code(image_check(), port, "127.0.0.2") == 1, "the server listens elsewhere"
    assert exit_code(image_check(), 1, "127.0.0.1") == 1


def test_the_balancer_of_compose_uses_its_replicas() -> None:
    services = COMPOSE["services"]
    balanced = re.findall(
        r"^ *server (\S+) (\S+):8080$",
        (ROOT / "examples/compose/haproxy.cfg").read_text(),
        re.MULTILINE,
    )
    replicas = [
        (name, name)
        for name, service in services.items()
        if "MOCKSERVER_STORE" in service.get("environment", {})
    ]
    assert balanced == replicas
    assert services["balancer"]["volumes"][0].startswith("./examples/compose/haproxy.cfg:")
    defaults = [name for name, service in services.items() if "profiles" not in service]
    assert defaults == ["mockserver"]
    ports = []
    for service in services.values():
        ports += service.get("ports", [])
    assert [port.startswith("127.0.0.1:") for port in ports] == [True, True]
