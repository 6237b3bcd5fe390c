"""Who is measured by `bench/peers.py`: one row for each, with its version, how it is started, and what it says of itself.

The versions are the newest of their registries on 2026-11-23, but for Prism, of which 5.14.2 is the last that runs on Node 20; of
json-server, the newest that is not a beta.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import same_api
from throughput import ours

ADMIN_TOKEN = "bench"
OUT_OF_REACH = {"Microcks": "it is had as a container, or as an archive of its project's, not from npm, PyPI or Debian"}


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """One server in one way of starting it.

    `write` writes the API for it into a folder; `command` takes the node_modules that hold it, that folder and a port. `below` is what
    its paths start with, `missing` the headers that ask for the 404, `journal` the path where its journal is read; `responses` says
    when it validates what it answers, as it is documented: nothing here can try it.
    """

    name: str
    package: str | None
    needs: tuple[str, ...]
    write: Callable[[same_api.World, Path], None]
    command: Callable[[Path, Path, int], list[str]]
    below: str = "/api"
    missing: dict[str, str] = field(default_factory=dict)
    journal: str | None = None
    responses: str = "no"


def own(server: str) -> Contender:
    return Contender(
        f"mockserver, {server}",
        None,
        (),
        same_api.nothing,
        lambda modules, folder, port: ours(2, server, port),
        journal="/__admin/requests",
        responses="each",
    )


def wiremock(name: str, *options: str) -> Contender:
    def command(modules: Path, folder: Path, port: int) -> list[str]:
        jar = next((modules / "wiremock").rglob("wiremock-standalone-*.jar"))
        where = ["--port", str(port), "--bind-address", "127.0.0.1", "--root-dir", str(folder)]
        return ["java", "-jar", str(jar), *where, "--disable-banner", *options]

    needs, journal = ("npm", "java"), "/__admin/requests"
    return Contender(name, "wiremock@3.13.2", needs, same_api.wiremock, command, journal=journal)


def in_node(modules: Path, script: str, *options: str) -> list[str]:
    """npm's own starter would be one process more, which a signal does not pass."""
    return ["node", str(modules / script), *options]


CONTENDERS = (
    own("granian"),
    own("gunicorn"),
    # Its journal has no bound as it comes, and would fill the heap; ours keeps as many.
    wiremock("WireMock, journal", "--max-request-journal-entries=1000"),
    # Asynchronous responses are for delayed ones: with them it had 1,600 pages a second, without 3,800.
    wiremock("WireMock, tuned", "--no-request-journal", "--disable-request-logging", "--container-threads=32"),
    Contender(
        "Mockoon",
        "@mockoon/cli@9.9.0",
        ("npm", "node"),
        same_api.mockoon,
        lambda modules, folder, port: in_node(
            modules,
            "@mockoon/cli/bin/run.js",
            "start",
            f"--data={folder}/exports.json",
            f"--port={port}",
            "--hostname=127.0.0.1",
            "--disable-log-to-file",
            f"--admin-api-token={ADMIN_TOKEN}",
            "--repair",
        ),
        journal="/mockoon-admin/logs",
    ),
    Contender(
        "Prism",
        "@stoplight/prism-cli@5.14.2",
        ("npm", "node"),
        same_api.prism,
        lambda modules, folder, port: in_node(
            modules,
            "@stoplight/prism-cli/dist/index.js",
            "mock",
            f"{folder}/openapi.json",
            f"--port={port}",
            "--host=127.0.0.1",
            "--multiprocess=false",
            "--verboseLevel=silent",
        ),
        missing={"Prefer": "code=404"},
        responses="each",
    ),
    Contender(
        "Specmatic",
        "specmatic@2.55.1",
        ("npm", "java"),
        same_api.specmatic,
        lambda modules, folder, port: [
            "java",
            "-jar",
            f"{modules}/specmatic/specmatic.jar",
            "mock",
            f"{folder}/openapi.json",
            f"--data={folder}/examples",
            "--host=127.0.0.1",
            f"--port={port}",
            "--noConsoleLog",
        ],
        responses="at start",
    ),
    Contender(
        "json-server",
        "json-server@0.17.4",
        ("npm", "node"),
        same_api.json_server,
        lambda modules, folder, port: in_node(
            modules,
            "json-server/lib/cli/bin.js",
            f"{folder}/db.json",
            f"--routes={folder}/routes.json",
            f"--port={port}",
            "--host=127.0.0.1",
            "--quiet",
        ),
    ),
    Contender(
        "Drakov",
        "drakov@2.0.1",
        ("npm", "node"),
        same_api.drakov,
        lambda modules, folder, port: in_node(
            modules, "drakov/drakov", f"--sourceFiles={folder}/exports.apib", f"--serverPort={port}", "--stealthmode"
        ),
        below="",
    ),
)
