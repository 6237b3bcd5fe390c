"""`mockserver scenario on|off|list`: the scenarios of a running server."""

import argparse
import http.client
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from mockserver.errors import StartError, UsageError
from mockserver.preview import columns

_METHODS = {"on": "PUT", "off": "DELETE"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with which scenarios, of which server."""
    parser.add_argument("action", choices=["on", "off", "list"], help="what to do")
    parser.add_argument("names", nargs="*", metavar="NAME", help="the scenarios to switch")
    parser.add_argument("--url", default="http://localhost:8080", help="the server; default: http://localhost:8080")


def run(args: argparse.Namespace) -> int:
    """Switch, or list; prints what is on. Raises `UsageError` and `StartError`."""
    if args.action == "list":
        if args.names:
            raise UsageError("scenario list: expected no names")
        scenarios = call(args.url, "GET", "/scenarios")["scenarios"]
        for line in columns([("on" if each["on"] else "off", each["name"], each["title"]) for each in scenarios]):
            print(line)
        return 0
    if not args.names:
        raise UsageError(f"scenario {args.action}: expected the name of a scenario")
    for name in args.names:
        told = call(args.url, _METHODS[args.action], f"/scenarios/{quote(name, safe='')}")
        print(f"{told['name']} is {'on' if told['on'] else 'off'}")
    return 0


def call(url: str, method: str, path: str) -> Mapping[str, Any]:
    """One control operation of a running server. Raises `StartError` with what the server said, or why it said nothing."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"--url: expected http://HOST:PORT, got {url!r}")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=10)
    try:
        body = b"{}" if method == "PUT" else None
        connection.request(
            method, f"{parts.path.rstrip('/')}/__admin{path}", body, {"Content-Type": "application/json"} if body else {}
        )
        response = connection.getresponse()
        answer = orjson.loads(response.read())
    except (OSError, http.client.HTTPException) as error:
        raise StartError(f"no mock server answers at {url}: {error}") from error
    except orjson.JSONDecodeError as error:
        raise StartError(f"what answers at {url} is no mock server: expected JSON, got something else") from error
    finally:
        connection.close()
    if response.status != 200:
        known = answer.get("scenarios")
        raise StartError(f"{answer.get('detail', response.reason)}{'; expected one of ' + ', '.join(known) if known else ''}")
    found: Mapping[str, Any] = answer
    return found
