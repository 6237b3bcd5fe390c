"""Test the server with independent tools: the reference parser, Dredd and Schemathesis.

python tests/conformance/run.py [--short]

Needs Node, npm and the extra `conformance`. Each tool gets a separate server.
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

# The folder of the tests is on the path since the line above.
from helpers.processes import running_server  # noqa: E402
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
    """Run every tool. Return 1 if one of them reports an error."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--short",
        action="store_true",
        help="some 200 requests of Schemathesis instead of thousands",
    )
    documents = SHORT if parser.parse_args().short else LONG
    run([path_of("npm"), "ci", "--ignore-scripts", "--silent"])
    passed = [*reference_parser(), dredd()]
    for document, arguments in documents.items():
        passed.append(schemathesis(document, arguments))
    return 0 if all(passed) else 1


def path_of(program: str) -> str:
    """Return the path of a program. Exit with a message if it is missing."""
    sibling = Path(sys.executable).with_name(program)
    path = str(sibling) if sibling.exists() else shutil.which(program)
    if path is None:
        sys.exit(f"conformance: {program} is not installed; see CONTRIBUTING.md")
    return path


def run(call: list[str], folder: Path = HERE) -> str:
    """Return the output of a program.

    If it fails, print its output and return a text that starts with `failed`.
    """
    process = subprocess.run(call, cwd=folder, capture_output=True, text=True)
    if process.returncode == 0:
        return process.stdout
    print(process.stdout, process.stderr, sep="\n", file=sys.stderr)
    return f"failed: exit code {process.returncode}"


def report(tool: str, result: str, passed: bool) -> bool:
    """Print the result of a tool. Return `passed`."""
    print(f"{'ok' if passed else 'FAILED'}: {tool}: {result}", flush=True)
    return passed


def reference_parser() -> Iterator[bool]:
    """Yield whether the reference parser reads each blueprint without an error or a warning."""
    with tempfile.TemporaryDirectory() as folder:
        for path in (BLUEPRINT, ROOT / "tests/second_api/polls.apib", documented(Path(folder))):
            result = run(["node", "reference_parser.js", str(path)])
            message = result or "no error, no warning"
            yield report(f"reference parser, {path.name}", message, not result)


def documented(folder: Path) -> Path:
    """Write the blueprint of docs/own-api.md to a file, and return its path."""
    page = (ROOT / "docs/own-api.md").read_text()
    block = re.search(r"```apib\n<!-- schemas/\S+ -->\n(.*?)```", page, re.DOTALL)
    path = folder / "own-api.apib"
    path.write_text(block[1] if block else "")
    return path


def dredd() -> bool:
    """Return whether Dredd passes every documented response, errors included."""
    api = loader.load_contract(SCHEMAS, FIXTURES).apis[0]
    expected = sum(len(operation.transactions) for operation in api.operations)
    with running_server() as server:
        call = [str(HERE / "node_modules/.bin/dredd"), str(BLUEPRINT)]
        call += [f"{server.url}{api.base_path}", "--hookfiles", "every_response.js"]
        result = run(call)
    counts = re.search(r"\d+ passing, .* total", result)
    if counts is None:
        return report("Dredd", result, passed=False)
    success = f"{expected} passing, 0 failing, 0 errors, 0 skipped, {expected} total"
    return report("Dredd", counts[0], counts[0] == success)


def schemathesis(document: str, arguments: list[str]) -> bool:
    """Return whether Schemathesis finds no error in the operations of an OpenAPI document."""
    header = next(f"{name}: {value}" for name, value in TOKEN.items())
    options = ["--header", header, "--seed", "1", "--no-color", "--warnings", "off", *arguments]
    config = str(HERE / "schemathesis.toml")
    # Schemathesis keeps its failures in the working directory; those would change the next run.
    with running_server() as server, tempfile.TemporaryDirectory() as folder:
        call = [path_of("schemathesis"), "--config-file", config, "run"]
        call += [f"{server.url}{document}", *options]
        result = run(call, Path(folder))
    counts = re.search(r"\d+ generated, .*", result)
    return report(f"Schemathesis, {document}", counts[0] if counts else result, counts is not None)


if __name__ == "__main__":
    sys.exit(main())
