"""docs/ci.md and compose.yaml can be copied as they stand: they are YAML, and what they set are settings."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from conftest import ROOT, TOKEN, TRASH
from flask.testing import FlaskClient

from mockserver import config, loading
from mockserver.shipped import FIXTURES, SCHEMAS

BLOCKS = re.findall(r"^## (.*?)\n.*?```yaml\n(.*?)```", (ROOT / "docs/ci.md").read_text(), re.DOTALL | re.MULTILINE)
README = re.search(r"## For CI\n.*?```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCUMENTS = {**{name: yaml.safe_load(text) for name, text in BLOCKS}, "compose.yaml": COMPOSE}
if README:
    DOCUMENTS["README.md"] = yaml.safe_load(README[1])


def variables(tree: Any) -> Iterator[dict[str, str]]:
    """Each mapping of variables in which something of ours is set."""
    if isinstance(tree, dict):
        if found := {name: value for name, value in tree.items() if str(name).startswith(config.PREFIX)}:
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
    known = loading.load(SCHEMAS, FIXTURES).scenarios
    found = list(variables(DOCUMENTS[name]))
    assert found
    for environ in found:
        assert all(isinstance(value, str) for value in environ.values()), "YAML reads it as something else than text"
        assert config.unknown(environ) == []
        assert set(config.load({}, environ).scenarios) <= set(known)


def test_the_health_command_of_github_is_the_image_s_own_but_for_its_port() -> None:
    options = shlex.split(DOCUMENTS["GitHub Actions"]["jobs"]["test"]["services"]["mockserver"]["options"])
    said = shlex.split(options[options.index("--health-cmd") + 1])
    compile(said[2], "--health-cmd", "exec")
    assert said[:2] == ["python", "-c"]
    assert "/__admin/health" in said[2]
    assert "/__admin/health" in (ROOT / "Dockerfile").read_text()


CALLS = [(TRASH, False), (f"{TRASH}?limit=x", True), ("/api/nothing", True)]


@pytest.mark.parametrize(("path", "fails"), CALLS)
def test_gitlab_s_job_fails_for_what_any_sandbox_was_asked(client: FlaskClient, path: str, fails: bool) -> None:
    pattern = re.search(r"grep -E '(.*?)'", DOCUMENTS["GitLab"]["test"]["script"][-1])
    assert pattern
    client.get(f"/~job{path}", headers=TOKEN)
    assert bool(re.search(pattern[1], client.get("/__admin/metrics").text, re.MULTILINE)) == fails


def test_compose_has_the_servers_that_its_balancer_asks() -> None:
    services = COMPOSE["services"]
    asked = re.findall(r"^ *server (\S+) (\S+):8080$", (ROOT / "examples/compose/haproxy.cfg").read_text(), re.MULTILINE)
    assert asked == [(name, name) for name, each in services.items() if "MOCKSERVER_STORE" in each.get("environment", {})]
    assert services["balancer"]["volumes"][0].startswith("./examples/compose/haproxy.cfg:")
    assert [name for name, each in services.items() if "profiles" not in each] == ["mockserver"]
    assert all(port.startswith("127.0.0.1:") for each in services.values() for port in each.get("ports", ()))
