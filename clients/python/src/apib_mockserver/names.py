"""Names of sandboxes, and the title of a test."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2s
from typing import TYPE_CHECKING, Protocol

MAX_LENGTH = 64
"""The maximum length of a sandbox name."""
MAX_TITLE_LENGTH = 1000
"""The maximum number of characters of a test's title."""
DIGEST_SIZE = 8
"""The number of bytes that distinguish tests; a name has twice as many digits."""
_VALID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_LENGTH - 1}}}")


class TestLike(Protocol):
    """A running test; pytest's `request.node` is one."""

    if not TYPE_CHECKING:
        __test__ = False  # pytest collects classes whose names begin with "Test"

    @property
    def nodeid(self) -> str:
        """File, classes and name: `test_shop.py::TestExports::test_cancel`."""


def sandbox_for(test: TestLike, run: str = "") -> str:
    """Return a sandbox name that no other test has. It starts with the name of the test.

    Args:
        test: The test.
        run: Distinguishes runs and processes that share one server, such as the number of a job.
    """
    title = test.nodeid.rpartition("::")[2]
    unique = blake2s(f"{run} {test.nodeid}".encode(), digest_size=DIGEST_SIZE).hexdigest()
    slug = _slug(title)[: MAX_LENGTH - len(unique) - 1]
    return f"{slug or 'test'}-{unique}"


def title_of(test: TestLike) -> str:
    """Return the title of a test, which coverage reports have. A long title is cut."""
    title = test.nodeid
    if len(title) > MAX_TITLE_LENGTH:
        title = f"{title[: MAX_TITLE_LENGTH - 1]}…"
    return title


def validate_sandbox_name(name: str) -> str:
    """Return the name if it is valid.

    Raises:
        ValueError: It is not, such as a name with a slash.
    """
    if isinstance(name, str) and _VALID.fullmatch(name):
        return name
    expected = f"1 to {MAX_LENGTH} letters, digits, . _ or -, the first a letter or a digit"
    raise ValueError(f"invalid sandbox name {name!r}; expected {expected}")


def _slug(title: str) -> str:
    letters = ""
    for character in unicodedata.normalize("NFKD", title):
        if not unicodedata.category(character).startswith("M"):
            letters += character
    return re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")
