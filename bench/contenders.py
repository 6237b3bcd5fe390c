"""The servers that `bench/peers.py` measures: name, version, command and documented features.

The versions were the newest of their registries on 2026-11-26. Exceptions: Prism 5.14.2 is the
last that runs on Node 20, and nginx is the package of Debian.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import same_api
from checkouts import BIN
from load import EXPORTS

ADMIN_TOKEN = "bench"
NOT_INSTALLABLE = {
    "Microcks": "available as a container or an archive, not from npm, PyPI or Debian"
}
WARM_UP = {"java": 5, "node": 2}
"""Seconds of load before the measurement for each workload: they compile at run time."""
SHORT_WARM_UP = 1
ONE_EXAMPLE = "returns the same example for each export"


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """One server with one command.

    Args:
        name: The name in the tables.
        command: Split at spaces. It contains the folder, a port, and the node_modules of the
            package.
        write: Writes the API into a folder.
        needs: The programs that must be installed.
        package: The npm package; none if it is not from npm.
        exports: The path of the list of exports.
        missing: The headers that request the 404.
        cannot: The reason why it cannot serve a workload, by workload.
        journal: The path of its journal.
        responses: When it validates responses, according to its documentation. The bench does not
            check this.
        quick: Whether the quick comparison includes it.

    """

    name: str
    command: str
    write: Callable[[same_api.MeasuredApi, Path, int], None] = same_api.no_files
    needs: tuple[str, ...] = ()
    package: str | None = None
    exports: str = EXPORTS
    missing: dict[str, str] = field(default_factory=dict)
    cannot: dict[str, str] = field(default_factory=dict)
    journal: str | None = None
    responses: str = "no"
    quick: bool = False

    def arguments(self, modules: Path, folder: Path, port: int) -> list[str]:
        values = {"bin": BIN, "modules": modules, "folder": folder, "port": port}
        return [part.format(**values) for part in self.command.split()]

    @property
    def shown_command(self) -> str:
        """The command as docs/benchmarks.md shows it."""
        command = self.command.replace("{bin}/", "")
        return command.format(modules="node_modules", folder="FOLDER", port="PORT")

    @property
    def warm_up(self) -> int:
        """The seconds of load before the measurement, for each workload."""
        return max((WARM_UP.get(tool, SHORT_WARM_UP) for tool in self.needs), default=SHORT_WARM_UP)


# Scripts are started with node directly: npm would be one more process.
NODE, JAVA = ("npm", "node"), ("npm", "java")
OURS = "{bin}/mockserver serve --port {port} --workers "
WIREMOCK = (
    "java -jar {modules}/wiremock/build/wiremock-standalone-3.13.2.jar --root-dir {folder} "
    "--bind-address 127.0.0.1 --port {port} --disable-banner "
    "--no-request-journal --disable-request-logging --disable-gzip"
)
MOCKOON = (
    "node {modules}/@mockoon/cli/bin/run.js start --data={folder}/exports.json "
    "--hostname=127.0.0.1 --port={port} --repair --disable-log-to-file "
    f"--admin-api-token={ADMIN_TOKEN}"
)
PRISM = (
    "node {modules}/@stoplight/prism-cli/dist/index.js mock {folder}/openapi.json "
    "--host=127.0.0.1 --port={port} --multiprocess=false --verboseLevel=silent"
)
SPECMATIC = (
    "java -jar {modules}/specmatic/specmatic.jar mock {folder}/openapi.json "
    "--data={folder}/examples --host=127.0.0.1 --port={port} --noConsoleLog"
)
DRAKOV = (
    "node {modules}/drakov/drakov --sourceFiles={folder}/exports.apib "
    "--serverPort={port} --stealthmode"
)

OURSELVES = Contender(
    name="mockserver, 2 workers",
    command=OURS + "2",
    journal="/__admin/requests",
    responses="each",
    quick=True,
)
"""The ratios are relative to this one."""

CONTENDERS = (
    OURSELVES,
    Contender(
        name="mockserver, 1 worker",
        command=OURS + "1",
        journal="/__admin/requests",
        responses="each",
        quick=True,
    ),
    Contender(
        name="WireMock, asynchronous",
        package="wiremock@3.13.2",
        needs=JAVA,
        write=same_api.wiremock,
        command=WIREMOCK + " --async-response-enabled true",
        journal="/__admin/requests?limit=1",
        quick=True,
    ),
    Contender(
        name="WireMock, synchronous",
        package="wiremock@3.13.2",
        needs=JAVA,
        write=same_api.wiremock,
        command=WIREMOCK,
        journal="/__admin/requests?limit=1",
        quick=True,
    ),
    Contender(
        name="json-server 1.x",
        package="json-server@1.0.0-beta.15",
        needs=NODE,
        write=same_api.json_server,
        command="node {modules}/json-server/lib/bin.js {folder}/db.json --port {port}",
        exports="/exports",
        quick=True,
    ),
    Contender(
        name="json-server 0.17",
        package="json-server@0.17.4",
        needs=NODE,
        write=same_api.json_server,
        command=(
            "node {modules}/json-server/lib/cli/bin.js {folder}/db.json "
            "--host=127.0.0.1 --port={port} --quiet --no-gzip"
        ),
        exports="/exports",
    ),
    Contender(
        name="Mockoon",
        package="@mockoon/cli@9.9.0",
        needs=NODE,
        write=same_api.mockoon,
        command=MOCKOON,
        journal="/mockoon-admin/logs",
    ),
    Contender(
        name="Prism",
        package="@stoplight/prism-cli@5.14.2",
        needs=NODE,
        write=same_api.prism,
        command=PRISM,
        missing={"Prefer": "code=404"},
        cannot={"M": ONE_EXAMPLE},
        responses="each, by a header",
    ),
    Contender(
        name="Specmatic",
        package="specmatic@2.55.1",
        needs=JAVA,
        write=same_api.specmatic,
        command=SPECMATIC,
        responses="at start",
    ),
    Contender(
        name="Drakov",
        package="drakov@2.0.1",
        needs=NODE,
        write=same_api.drakov,
        command=DRAKOV,
        exports=EXPORTS.removeprefix("/api"),
    ),
    Contender(
        name="nginx, static files",
        needs=("nginx",),
        write=same_api.nginx,
        command="nginx -p {folder} -c {folder}/nginx.conf",
        quick=True,
    ),
)
