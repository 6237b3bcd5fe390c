"""docs/ci.md and compose.yaml can be copied: they are YAML, and their variables are settings."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from flask.testing import FlaskClient
from helpers.processes import clean_environ
from helpers.repository import ROOT
from helpers.shipped_api import TOKEN, TRASH

from mockserver.config import settings
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract import loader

BLOCKS = re.findall(
    r"^## (.*?)\n.*?```yaml\n(.*?)```", (ROOT / "docs/ci.md").read_text(), re.DOTALL | re.MULTILINE
)
README = re.search(r"## For CI\n.*?```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCUMENTS = {**{name: yaml.safe_load(text) for name, text in BLOCKS}, "compose.yaml": COMPOSE}
if README:
    DOCUMENTS["README.md"] = yaml.safe_load(README[1])


def variables(tree: Any) -> Iterator[dict[str, str]]:
    """Each mapping of variables in which something of ours is set."""
    if isinstance(tree, dict):
        if found := {
            name: value for name, value in tree.items() if str(name).startswith(settings.PREFIX)
        }:
            yield found
        for value in tree.values():
            yield from variables(value)
    elif isinstance(tree, list):
        for each in tree:
            yield from variables(each)


def test_there_is_one_of_each() -> None:
    assert list(DOCUMENTS) == ["GitHub Actions", "GitLab", "Compose", "compose.yaml", "README.md"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_set_is_a_setting(name: str) -> None:
    known = loader.load_contract(SCHEMAS, FIXTURES).scenarios
    found = list(variables(DOCUMENTS[name]))
    assert found
    for environ in found:
        assert all(isinstance(value, str) for value in environ.values()), (
            "YAML reads it as something else than text"
        )
        assert settings.unknown_variables(environ) == []
        assert set(settings.load_settings({}, environ).scenarios) <= set(known)


def image_check() -> list[str]:
    """The health check of the Dockerfile, as the image has it: a backslash at the end of a line goes with the line's end."""
    found = re.search(
        r"^HEALTHCHECK .*?CMD (\[.*?\])$",
        (ROOT / "Dockerfile").read_text().replace("\\\n", ""),
        re.DOTALL | re.MULTILINE,
    )
    assert found
    command: list[str] = json.loads(found[1])
    return command


def github_check(port: int) -> list[str]:
    options = shlex.split(
        DOCUMENTS["GitHub Actions"]["jobs"]["test"]["services"]["mockserver"]["options"]
    )
    command = shlex.split(options[options.index("--health-cmd") + 1])
    assert "8080" in command[2]
    return [*command[:2], command[2].replace("8080", str(port))]


def ended(command: list[str], port: int, host: str) -> int:
    """With a proxy that is not there, as in many a company: nothing may ask it."""
    environ = clean_environ(
        MOCKSERVER_PORT=str(port), MOCKSERVER_HOST=host, http_proxy="http://127.0.0.1:1"
    )
    assert command[0] == "python"
    return subprocess.run(
        [sys.executable, *command[1:]], env=environ, capture_output=True
    ).returncode


@pytest.mark.server
def test_the_health_checks_ask_the_server_and_no_proxy(live: str) -> None:
    port = urlsplit(live).port or 0
    assert ended(github_check(port), port, "localhost") == 0
    assert ended(image_check(), port, "localhost") == 0
    assert ended(image_check(), port, "127.0.0.2") == 1, "the server listens elsewhere"
    assert ended(image_check(), 1, "127.0.0.1") == 1


CALLS = [(TRASH, False), (f"{TRASH}?limit=x", True), ("/api/nothing", True)]


@pytest.mark.parametrize(("path", "fails"), CALLS)
def test_the_gitlab_job_fails_for_requests_of_any_sandbox(
    client: FlaskClient, path: str, fails: bool
) -> None:
    pattern = re.search(r"grep -E '(.*?)'", DOCUMENTS["GitLab"]["test"]["script"][-1])
    assert pattern
    client.get(f"/~job{path}", headers=TOKEN)
    assert bool(re.search(pattern[1], client.get("/__admin/metrics").text, re.MULTILINE)) == fails


def test_compose_has_the_servers_that_its_balancer_asks() -> None:
    services = COMPOSE["services"]
    asked = re.findall(
        r"^ *server (\S+) (\S+):8080$",
        (ROOT / "examples/compose/haproxy.cfg").read_text(),
        re.MULTILINE,
    )
    assert asked == [
        (name, name)
        for name, each in services.items()
        if "MOCKSERVER_STORE" in each.get("environment", {})
    ]
    assert services["balancer"]["volumes"][0].startswith("./examples/compose/haproxy.cfg:")
    assert [name for name, each in services.items() if "profiles" not in each] == ["mockserver"]
    ports = [port for each in services.values() for port in each.get("ports", ())]
    assert [port.startswith("127.0.0.1:") for port in ports] == [True, True]
