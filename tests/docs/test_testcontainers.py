"""The examples of docs/testcontainers.md run with packages that start this server as a process."""

import subprocess
import sys
from pathlib import Path

import pytest
from helpers.console import named_files
from helpers.own_api import OWN_API_PAGE
from helpers.processes import clean_environ
from helpers.repository import ROOT
from helpers.tools import require_tool

pytestmark = pytest.mark.server

FILES = dict(named_files((ROOT / "docs/testcontainers.md").read_text()))
NOTES = dict(named_files(OWN_API_PAGE))["notes.apib"]
UNMATCHED = {
    "test_notes.py": """

def test_another(api_url: str) -> None:
    with pytest.raises(OSError):
        urlopen(f"{api_url}/nothing")
""",
    "notes.test.mjs": 'test("another", () => fetch(`${api}/nothing`));',
}
"""Another test of each example, whose request matches no operation."""

BANNER = r"docs +(http://\S+)/docs"
"""The server prints its URL."""

PYTHON = """
import os, re, subprocess, sys
from types import SimpleNamespace
from urllib.parse import urlsplit

class DockerContainer:
    def __init__(self, image):
        self.command = [sys.executable, "-m", "mockserver"]
        self.environ = {**os.environ, "MOCKSERVER_WORKERS": "1"}
        self.copies = {}
        assert image == "mockserver"

    def with_copy_into_container(self, transferable, destination, mode):
        self.copies[destination] = str(transferable)
        return self

    def with_env(self, name, value):
        self.environ[name] = self.copies[value]
        return self

    def with_exposed_ports(self, port):
        assert port == 8080
        return self

    def waiting_for(self, strategy):
        return self

    def __enter__(self):
        serve = [*self.command, "serve", "--port", "0"]
        self.process = subprocess.Popen(serve, env=self.environ, stdout=subprocess.PIPE, text=True)
        line = next(line for line in self.process.stdout if re.search(r"BANNER", line))
        self.url = urlsplit(re.search(r"BANNER", line)[1])

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def get_container_host_ip(self):
        return self.url.hostname

    def get_exposed_port(self, port):
        return self.url.port

    def exec(self, command):
        words = command.replace("8080", str(self.url.port)).split()[1:]
        ended = subprocess.run([*self.command, *words], env=self.environ, stdout=subprocess.PIPE)
        return SimpleNamespace(exit_code=ended.returncode, output=ended.stdout)
"""
NODE = r"""
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

export const Wait = { forHealthCheck() {} };

export class GenericContainer {
  constructor(image) { assert.equal(image, "mockserver"); }
  withCopyFilesToContainer([file]) { this.file = file; return this; }
  withEnvironment(variables) {
    assert.equal(variables.MOCKSERVER_FILES, this.file.target);
    this.env = { ...process.env, MOCKSERVER_FILES: this.file.source, MOCKSERVER_WORKERS: "1" };
    return this;
  }
  withExposedPorts(port) { assert.equal(port, 8080); return this; }
  withWaitStrategy() { return this; }
  async start() {
    const call = ["-m", "mockserver", "serve", "--port", "0"];
    this.server = spawn(process.env.PYTHON, call, { env: this.env });
    let text = "";
    for await (const part of this.server.stdout.iterator({ destroyOnReturn: false })) {
      text += part;
      if (/BANNER/.test(text)) break;
    }
    this.server.stdout.resume();
    this.url = new URL(/BANNER/.exec(text)[1]);
    return this;
  }
  getHost() { return this.url.hostname; }
  getMappedPort() { return this.url.port; }
  async exec(words) {
    const call = words.slice(1).map((word) => word.replace("8080", this.url.port));
    const ended = spawnSync(process.env.PYTHON, ["-m", "mockserver", ...call], { env: this.env });
    return { exitCode: ended.status, output: String(ended.stdout) };
  }
  async stop() { this.server.kill(); await once(this.server, "exit"); }
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the blueprint, and with the packages that stand for Testcontainers."""
    (tmp_path / "notes.apib").write_text(NOTES)
    package = tmp_path / "testcontainers/core"
    package.mkdir(parents=True)
    (package / "container.py").write_text(PYTHON.replace("BANNER", BANNER))
    (package / "wait_strategies.py").write_text("class HealthcheckWaitStrategy: pass")
    module = tmp_path / "node_modules/testcontainers/index.mjs"
    module.parent.mkdir(parents=True)
    (module.parent / "package.json").write_text('{"exports": "./index.mjs"}')
    module.write_text(NODE.replace("BANNER", BANNER.replace("/", r"\/")))
    return tmp_path


def run_example(folder: Path, name: str, text: str) -> subprocess.CompletedProcess[str]:
    """Run an example with its test runner."""
    (folder / name).write_text(text)
    if name.endswith(".py"):
        call = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", name]
    else:
        call = [require_tool("node"), "--test", name]
    environ = clean_environ(PYTHONPATH=f"{ROOT}:{folder}", PYTHON=sys.executable)
    return subprocess.run(call, cwd=folder, env=environ, capture_output=True, text=True)


@pytest.mark.parametrize("name", FILES)
def test_an_example_passes(folder: Path, name: str) -> None:
    ended = run_example(folder, name, FILES[name])
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.usefixtures("thorough")
@pytest.mark.parametrize("name", FILES)
def test_an_example_fails_for_an_unmatched_request(folder: Path, name: str) -> None:
    ended = run_example(folder, name, FILES[name] + UNMATCHED[name])
    assert ended.returncode != 0
    assert "1 of 2 exchanges with violations or unmatched" in ended.stdout
