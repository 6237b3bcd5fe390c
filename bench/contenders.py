"""The servers that `bench/peers.py` measures: name, version, command and documented features.

The versions were the newest of their registries on 2026-11-23. Exceptions: Prism 5.14.2 is the last that runs on Node 20, and
json-server is the newest that is not a beta.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import same_api
from throughput import BIN

ADMIN_TOKEN = "bench"
NOT_INSTALLABLE = {"Microcks": "available as a container or an archive, not from npm, PyPI or Debian"}


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """One server with one command.

    `write` writes the API into a folder. `command` is split at spaces; it contains that folder, a port, and the node_modules of
    the package. `below` is the prefix of its paths, `missing` the headers that request the 404, and `journal` the path of its
    journal. `responses` is when it validates responses, according to its documentation; the bench does not check this.
    """

    name: str
    package: str | None
    needs: tuple[str, ...]
    write: Callable[[same_api.MeasuredApi, Path], None]
    command: str
    below: str = "/api"
    missing: dict[str, str] = field(default_factory=dict)
    journal: str | None = None
    responses: str = "no"

    def arguments(self, modules: Path, folder: Path, port: int) -> list[str]:
        return [part.format(bin=BIN, modules=modules, folder=folder, port=port) for part in self.command.split()]


# Scripts are started with node directly: npm would be one more process.
NODE, JAVA = ("npm", "node"), ("npm", "java")
OURS = "{bin}/mockserver serve --port {port} --workers 2 --server "
WIREMOCK = (
    "java -jar {modules}/wiremock/build/wiremock-standalone-3.13.2.jar "
    "--root-dir {folder} --bind-address 127.0.0.1 --port {port} --disable-banner "
)

CONTENDERS = (
    Contender(
        name="mockserver, gunicorn",
        package=None,
        needs=(),
        write=same_api.no_files,
        command=OURS + "gunicorn",
        journal="/__admin/requests",
        responses="each",
    ),
    Contender(
        name="mockserver, granian",
        package=None,
        needs=(),
        write=same_api.no_files,
        command=OURS + "granian",
        journal="/__admin/requests",
        responses="each",
    ),
    # Its journal has no limit by default. With our limit (--max-request-journal-entries=1000) it handled a third fewer requests.
    Contender(
        name="WireMock, defaults",
        package="wiremock@3.13.2",
        needs=JAVA,
        write=same_api.wiremock,
        command=WIREMOCK,
        journal="/__admin/requests?limit=1",
    ),
    # Asynchronous responses help delayed responses only: with them it had 1,600 lists a second, without them 3,800.
    Contender(
        name="WireMock, tuned",
        package="wiremock@3.13.2",
        needs=JAVA,
        write=same_api.wiremock,
        command=WIREMOCK + "--no-request-journal --disable-request-logging --container-threads=32",
        journal="/__admin/requests?limit=1",
    ),
    Contender(
        name="Mockoon",
        package="@mockoon/cli@9.9.0",
        needs=NODE,
        write=same_api.mockoon,
        command="node {modules}/@mockoon/cli/bin/run.js start --data={folder}/exports.json --hostname=127.0.0.1 --port={port} "
        f"--repair --disable-log-to-file --admin-api-token={ADMIN_TOKEN}",
        journal="/mockoon-admin/logs",
    ),
    Contender(
        name="Prism",
        package="@stoplight/prism-cli@5.14.2",
        needs=NODE,
        write=same_api.prism,
        command="node {modules}/@stoplight/prism-cli/dist/index.js mock {folder}/openapi.json --host=127.0.0.1 --port={port} "
        "--multiprocess=false --verboseLevel=silent",
        missing={"Prefer": "code=404"},
        responses="each, by a header",
    ),
    Contender(
        name="Specmatic",
        package="specmatic@2.55.1",
        needs=JAVA,
        write=same_api.specmatic,
        command="java -jar {modules}/specmatic/specmatic.jar mock {folder}/openapi.json --data={folder}/examples "
        "--host=127.0.0.1 --port={port} --noConsoleLog",
        responses="at start",
    ),
    Contender(
        name="json-server",
        package="json-server@0.17.4",
        needs=NODE,
        write=same_api.json_server,
        command="node {modules}/json-server/lib/cli/bin.js {folder}/db.json --routes={folder}/routes.json --host=127.0.0.1 "
        "--port={port} --quiet",
    ),
    Contender(
        name="Drakov",
        package="drakov@2.0.1",
        needs=NODE,
        write=same_api.drakov,
        command="node {modules}/drakov/drakov --sourceFiles={folder}/exports.apib --serverPort={port} --stealthmode",
        below="",
    ),
)
