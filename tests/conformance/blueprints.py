"""Try every blueprint below a folder with the commands, as a user would, and print a table.

python tests/conformance/blueprints.py FOLDER [--limit N]

For each file: `check` ends without a traceback, `serve FILE` returns a documented success for each
operation, and the document of `openapi FILE` is valid. The exit code is 1 if that fails anywhere.
"""

import argparse
import json
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openapi_spec_validator import validate

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from helpers.processes import run_process, running_server  # noqa: E402 - on the path since above

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
DEFAULTS = {"integer": 1, "number": 1, "boolean": "true"}
"""Values of required parameters without an example."""


@dataclass(slots=True)
class FileResult:
    """What the commands did with one file."""

    name: str
    check: str = ""
    errors: int = 0
    warnings: int = 0
    operations: int = 0
    successes: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)


def try_file(path: Path, name: str) -> FileResult:
    """Run all commands on one file."""
    result = FileResult(name)
    _check(path, result)
    document = _openapi(path, result)
    if document:
        _serve(path, document, result)
    return result


def _check(path: Path, result: FileResult) -> None:
    process = run_process("check", "--format", "json", str(path))
    result.check = str(process.returncode)
    if "Traceback" in process.stderr or process.returncode not in (0, 1):
        result.failures.append(f"check: {process.stderr[-300:]}")
        return
    try:
        messages = json.loads(process.stdout or "[]")
    except ValueError:
        result.failures.append(f"check: no JSON: {process.stdout[:200]}")
        return
    for message in messages:
        if message["severity"] == "error":
            result.errors += 1
        else:
            result.warnings += 1


def _openapi(path: Path, result: FileResult) -> dict[str, Any]:
    """Return the OpenAPI document, or an empty one if no operation can be served."""
    process = run_process("openapi", str(path))
    if process.returncode:
        if "Traceback" in process.stderr:
            result.failures.append(f"openapi: {process.stderr[-300:]}")
        return {}
    document: dict[str, Any] = json.loads(process.stdout)
    try:
        validate(document)
    except Exception as error:
        result.failures.append(f"openapi: {str(error)[:200]}")
    return document


def _serve(path: Path, document: dict[str, Any], result: FileResult) -> None:
    arguments = (str(path), "--workers", "1", "--store", "memory:")
    start = time.monotonic()
    try:
        with running_server(*arguments, cwd=path.parent) as server:
            for number, request in enumerate(_requests(document, server.url)):
                # Each request has its own sandbox, so that they do not depend on each other.
                request.add_header("X-Mock-Sandbox", f"op{number}")
                result.operations += 1
                _send(request, result)
                if number == 0:
                    result.seconds = time.monotonic() - start
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        result.failures.append(f"serve: {str(error)[:300]}")


def _send(request: urllib.request.Request, result: FileResult) -> None:
    """Send a request, and record whether its response is a documented success."""
    name = f"{request.get_method()} {urllib.parse.urlsplit(request.full_url).path}"
    expected: set[str] = request.expected  # type: ignore[attr-defined]
    try:
        with urllib.request.build_opener(_NoRedirect()).open(request) as response:
            status, body = response.status, b""
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read(300)
    if str(status) in expected:
        result.successes += 1
    else:
        text = body.decode("utf-8", "replace")
        result.failures.append(f"{name}: {status}, expected {sorted(expected)}: {text}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Return no request: a documented redirect is the response."""


def _requests(document: dict[str, Any], url: str) -> Iterator[urllib.request.Request]:
    """Yield a request for each operation, with the examples of the document."""
    token_headers = _token_headers(document)
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield _request(url, path, method, item[method], token_headers)


def _request(
    url: str, path: str, method: str, operation: dict[str, Any], token_headers: list[str]
) -> urllib.request.Request:
    query = []
    headers = {}
    for parameter in operation.get("parameters", []):
        if not parameter["required"] and parameter["in"] != "path":
            continue
        value = _example(parameter)
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", urllib.parse.quote(value, safe=""))
        elif parameter["in"] == "query":
            query.append((parameter["name"], value))
        else:
            headers[parameter["name"]] = value
    if query:
        path = f"{path}?{urllib.parse.urlencode(query)}"
    data, content_type = _body(operation)
    if data is not None:
        headers["Content-Type"] = content_type
    for name in token_headers:
        headers[name] = "any"
    request = urllib.request.Request(url + path, data, headers, method=method.upper())
    statuses = [status for status in operation["responses"] if status[0] in "23"]
    request.expected = set(statuses or operation["responses"])  # type: ignore[attr-defined]
    return request


def _token_headers(document: dict[str, Any]) -> list[str]:
    """Return the names of the headers with access tokens."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    return [scheme["name"] for scheme in schemes.values()]


def _example(parameter: dict[str, Any]) -> str:
    value = parameter.get("example")
    for documented in parameter["schema"].get("enum", []):
        value = value or documented
    if value is None:
        value = DEFAULTS.get(parameter["schema"].get("type"), "1")
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _body(operation: dict[str, Any]) -> tuple[bytes | None, str]:
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        value = content.get("example")
        if value is None:
            for named in content.get("examples", {}).values():
                value = named["value"]
                break
        if isinstance(value, str) and "json" not in media_type:
            return value.encode(), media_type
        if value is not None:
            return json.dumps(value).encode(), media_type
    return None, ""


def main() -> int:
    """Print a line for each file, and the sums."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, default=0, help="the number of files; 0 for all")
    args = parser.parse_args()
    files = sorted([*args.folder.rglob("*.apib")])
    if args.limit:
        files = files[: args.limit]
    results = []
    for path in files:
        result = try_file(path, path.relative_to(args.folder).as_posix())
        results.append(result)
        counts = f"{result.successes}/{result.operations} operations"
        messages = f"{result.errors} errors, {result.warnings} warnings"
        print(f"{result.name}: check {result.check} ({messages}), {counts}", flush=True)
        for failure in result.failures:
            print(f"    {failure}")
    operations = sum(result.operations for result in results)
    successes = sum(result.successes for result in results)
    served = sum(result.operations > 0 for result in results)
    seconds = sorted(result.seconds for result in results)
    print(f"{len(results)} files, {served} served, {successes} of {operations} operations succeed")
    print(f"first response after {seconds[len(seconds) // 2]:.2f} s (median), {seconds[-1]:.2f} s")
    return int(any(result.failures for result in results))


if __name__ == "__main__":
    sys.exit(main())
