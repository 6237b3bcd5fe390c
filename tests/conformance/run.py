"""Hold the server against tools that other people wrote: the reference parser, Dredd and Schemathesis.

python tests/conformance/run.py [--short]

Needs Node, npm and the extra `conformance`. Each tool gets a server of its own.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests"))


from helpers.processes import running_server  # noqa: E402 - the folder of the tests is on the path since the line above
from helpers.shipped_api import TOKEN  # noqa: E402

from mockserver.config.shipped import FIXTURES, SCHEMAS  # noqa: E402
from mockserver.contract import loader  # noqa: E402

BLUEPRINT = SCHEMAS / "push_notifications/push_notifications.apib"
# An event stream does not end, so its response is never complete.
_WITHOUT_STREAM = ["--exclude-path", "/__admin/events"]
LONG: dict[str, list[str]] = {
    "/openapi.json": ["--max-examples", "300"],
    "/__admin/openapi.json": ["--max-examples", "60", *_WITHOUT_STREAM],
}
"""OpenAPI document to the arguments of Schemathesis: more than 3,000 requests each."""
SHORT: dict[str, list[str]] = {
    "/openapi.json": ["--max-examples", "5"],
    "/__admin/openapi.json": ["--max-examples", "5", "--phases", "fuzzing", *_WITHOUT_STREAM],
}
"""The same for CI: some 200 requests each."""


def main() -> int:
    """Run every tool; 1 where any of them has found something."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--short",
        action="store_true",
        help="some 200 requests of Schemathesis instead of thousands",
    )
    documents = SHORT if parser.parse_args().short else LONG
    run([found("npm"), "ci", "--ignore-scripts", "--silent"])
    passed = [*reference_parser(), dredd(), *(schemathesis(*each) for each in documents.items())]
    return 0 if all(passed) else 1


def found(program: str) -> str:
    """The path of a program. Ends with a message where it is missing."""
    sibling = Path(sys.executable).with_name(program)
    path = str(sibling) if sibling.exists() else shutil.which(program)
    if path is None:
        sys.exit(f"conformance: {program} is not installed; CONTRIBUTING.md says what is needed")
    return path


def run(call: list[str], folder: Path = HERE) -> str:
    """What a program prints, which is shown too where it fails; the text then starts with `failed`."""
    ended = subprocess.run(call, cwd=folder, capture_output=True, text=True)
    if ended.returncode == 0:
        return ended.stdout
    print(ended.stdout, ended.stderr, sep="\n", file=sys.stderr)
    return f"failed: exit code {ended.returncode}"


def report(what: str, result: str, passed: bool) -> bool:
    """Print one line of the result."""
    print(f"{'ok' if passed else 'FAILED'}: {what}: {result}", flush=True)
    return passed


def reference_parser() -> Iterator[bool]:
    """Whether the reference parser reads our blueprints without an error or a warning."""
    with tempfile.TemporaryDirectory() as folder:
        for path in (BLUEPRINT, ROOT / "tests/second_api/polls.apib", documented(Path(folder))):
            result = run(["node", "reference_parser.js", str(path)])
            yield report(
                f"reference parser, {path.name}", result or "no error, no warning", not result
            )


def documented(folder: Path) -> Path:
    """The blueprint of docs/own-api.md as a file."""
    block = re.search(
        r"```apib\n<!-- .* -->\n(.*?)```", (ROOT / "docs/own-api.md").read_text(), re.DOTALL
    )
    path = folder / "own-api.apib"
    path.write_text(block[1] if block else "")
    return path


def dredd() -> bool:
    """Whether Dredd passes every documented response, errors included."""
    api = loader.load_contract(SCHEMAS, FIXTURES).apis[0]
    expected = sum(len(operation.transactions) for operation in api.operations)
    with running_server() as server:
        dredd_script = str(HERE / "node_modules/.bin/dredd")
        result = run(
            [
                dredd_script,
                str(BLUEPRINT),
                f"{server.url}{api.base_path}",
                "--hookfiles",
                "every_response.js",
            ]
        )
    counts = re.search(r"\d+ passing, .* total", result)
    wanted = f"{expected} passing, 0 failing, 0 errors, 0 skipped, {expected} total"
    return report(
        "Dredd", counts[0] if counts else result, counts is not None and counts[0] == wanted
    )


def schemathesis(document: str, arguments: list[str]) -> bool:
    """Whether Schemathesis finds nothing in the operations of an OpenAPI document."""
    header = next(f"{name}: {value}" for name, value in TOKEN.items())
    options = ["--header", header, "--seed", "1", "--no-color", "--warnings", "off", *arguments]
    config = str(HERE / "schemathesis.toml")
    # In a folder of its own: what Schemathesis remembers there would change the next run.
    with running_server() as server, tempfile.TemporaryDirectory() as folder:
        call = [
            found("schemathesis"),
            "--config-file",
            config,
            "run",
            f"{server.url}{document}",
            *options,
        ]
        result = run(call, Path(folder))
    counts = re.search(r"\d+ generated, .*", result)
    return report(f"Schemathesis, {document}", counts[0] if counts else result, counts is not None)


if __name__ == "__main__":
    sys.exit(main())
