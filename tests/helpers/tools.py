"""Programs that tests need and pip does not install."""

import os
import re
import shutil

import pytest

from helpers.repository import ROOT


def packages_of_ci() -> list[str]:
    """Return the Debian packages that .ci/run installs. Their programs have the same names."""
    packages = re.findall(r"packages\+?=\((.*)\)", (ROOT / ".ci" / "run").read_text())
    return " ".join(packages).split()


def require_tool(name: str) -> str:
    """Return the path of a program that a test needs.

    If the program is missing, the test is skipped. In CI the test fails if .ci/run has to install
    the program, because a skip would hide an untested feature.
    """
    path = shutil.which(name)
    if path:
        return path
    if os.environ.get("CI") == "true" and name in packages_of_ci():
        pytest.fail(f"{name} is missing, and .ci/run has to install it")
    pytest.skip(f"{name} is not installed")
