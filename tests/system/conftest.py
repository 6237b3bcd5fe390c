"""Fixtures of the tests with real processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.pages import running_page_server


@pytest.fixture
def page_server(tmp_path: Path) -> Iterator[str]:
    """Return the port of a server with the pages in `tmp_path`."""
    with running_page_server(tmp_path) as port:
        yield port
