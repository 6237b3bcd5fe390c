"""The tests of an app, run with the pytest plugin in this process."""

import shlex
import sys
from collections.abc import Iterable

import pytest

from helpers.shipped_api import EXPORTS, TRASH, TRASHED

APP = f'''
import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

EXPORT, EXPORTS, TRASH, TRASHED = "{EXPORTS}/100", "{EXPORTS}", "{TRASH}", "{TRASH}/{TRASHED}"

def ask(base, path, method="GET", token="any"):
    """The app under test: it has a base URL, and no code for a mock server."""
    request = Request(base + path, method=method, headers={{"X-Access-Token": token}})
    try:
        with urlopen(request) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        return error.code, json.load(error)
'''


COMMAND = f"{shlex.quote(sys.executable)} -P -m mockserver serve --workers 1"
"""A command that starts a server."""
WITHOUT = "-p no:cacheprovider -p no:faker -p no:hypothesispytest"
"""Unused plugins: importing them takes 1.5 seconds in each process of a session."""
UNSET = (
    *("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"),
    *("PYTEST_ADDOPTS", "MOCKSERVER_ADMIN_TOKEN"),
    *("MOCKSERVER_URL", "MOCKSERVER_COMMAND"),
    *("CI", "BUILD_NUMBER"),  # in CI pytest prints each failure twice, also in its summary
)
"""Variables that the session must not have."""


def run(session: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    """Run a test file that imports the app."""
    session.makepyfile(test_app=f"import pytest\nfrom app import *\n{source}")
    return session.runpytest_inprocess(*arguments)


def functions(cases: Iterable[str]) -> str:
    """Return the source of a test file with these functions."""
    return "".join(f"\n{case}" for case in cases)
