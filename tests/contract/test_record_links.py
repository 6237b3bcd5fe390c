"""Links of a record have its key as a segment."""

from typing import Any

import pytest

from mockserver.contract.record_links import split_link, with_links

LINKS: list[tuple[str, Any, tuple[str, str] | None]] = [
    ("/a/1", 1, ("/a/", "")),
    ("https://x/1/a/1", 1, ("https://x/1/a/", "")),
    ("/a/1/b?c=1", "1", ("/a/", "/b?c=1")),
    ("/a/12", 1, None),
    ("/a/v1", 1, None),
    ("1", 1, None),
    ("/a/x.y", "x.y", ("/a/", "")),
    ("/a/xzy", "x.y", None),
]


@pytest.mark.parametrize(("text", "key", "parts"), LINKS)
def test_the_last_segment_that_equals_the_key_is_found(
    text: str, key: Any, parts: tuple[str, str] | None
) -> None:
    assert split_link(text, key) == parts


def test_links_at_every_depth_name_the_new_key() -> None:
    record = {"n": 1, "links": [{"href": "/a/1"}], "self": "/a/1", "other": "/b/2"}
    assert with_links(record, 1, 5) == {
        "n": 1,
        "links": [{"href": "/a/5"}],
        "self": "/a/5",
        "other": "/b/2",
    }
