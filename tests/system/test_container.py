"""A start as in a container: no argument, only variables."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from helpers.repository import ROOT
from helpers.shipped_api import TRASH

from mockserver.config.settings import SETTINGS

pytestmark = pytest.mark.server

VALUES: dict[str, tuple[str, Any]] = {
    "schemas": ("{tmp}/schemas", "{tmp}/schemas"),
    "fixtures": ("{tmp}/fixtures", "{tmp}/fixtures"),
    "contracts": ("next={tmp}", ["next={tmp}"]),
    "contract": ("next", "next"),
    "scenarios_folder": ("{tmp}/more", "{tmp}/more"),
    "host": ("127.0.0.1", "127.0.0.1"),
    "port": ("0", 0),
    "workers": ("1", 1),
    "store": ("sqlite:///{tmp}/kept.sqlite", "sqlite:///{tmp}/kept.sqlite"),
    "scenarios": ("slow,empty-lists", ["slow", "empty-lists"]),
    "progression": ("polls", "polls"),
    "seed": ("7", 7),
    "tokens": ("reader=,late=expired", ["reader=", "late=expired"]),
    "on_violation": ("warn", "warn"),
    "cors_origins": ("https://app.example.com", ["https://app.example.com"]),
    "trusted_proxies": ("10.0.0.0/8,192.0.2.1", ["10.0.0.0/8", "192.0.2.1"]),
    "admin_token": ("letmein", None),
    "admin_origins": ("https://qa.example.com", ["https://qa.example.com"]),
    "allowed_hosts": ("mock.example.com", ["mock.example.com"]),
    "max_body": ("2048", 2048),
    "max_upload": ("8192", 8192),
    "max_delay": ("1.5", 1.5),
    "read_timeout": ("2.5", 2.5),
    "require_sandbox": ("1", True),
    "max_sandboxes": ("7", 7),
    "max_sandbox_bytes": ("4096", 4096),
    "journal_size": ("12", 12),
    "log_format": ("json", "json"),
    "access_log": ("1", True),
    "traces": ("0", False),
    "reload": ("1", True),
    "no_cache": ("1", True),
    "quick_path": ("off", False),
    "coverage": ("off", False),
}
"""Setting to the text of its variable and, except for secrets, its value in the admin API."""


def with_folder(value: Any, folder: Path) -> Any:
    """Return a value of `VALUES` with the path of the shipped files."""
    if isinstance(value, list):
        return [with_folder(item, folder) for item in value]
    if isinstance(value, str):
        return value.format(tmp=folder)
    return value


def test_each_setting_is_read_from_its_variable(shipped: Path) -> None:
    # Files and folders exclude each other; tests/system/test_served_blueprints.py has the files.
    with_folders = [setting for setting in SETTINGS if setting.name != "files"]
    assert list(VALUES) == [setting.name for setting in with_folders]
    (shipped / "more").mkdir()
    environ = {
        setting.variable: VALUES[setting.name][0].format(tmp=shipped) for setting in with_folders
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ},
        cwd=shipped,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        match = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert match, process.communicate()
        with urlopen(
            Request(f"{match[0]}/__admin/settings", headers={"Authorization": "Bearer letmein"})
        ) as response:
            body = json.load(response)
        request = Request(f"{match[0]}{TRASH}", headers={"X-Access-Token": "any@qa"})
        with urlopen(request) as response:
            assert json.load(response)["trashed_push_notifications"] == []
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate()
    assert errors == ""
    assert process.returncode == 0
    for name, (_, value) in VALUES.items():
        if value is not None:
            assert body[name] == with_folder(value, shipped), name
    assert "letmein" not in json.dumps(body)
