"""Pages on another origin than the mock server, and the results of their scripts."""

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, expect


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files, and logs nothing."""

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def running_page_server(folder: Path) -> Iterator[str]:
    """Serve the files of a folder on a free port of 127.0.0.1, and yield the port."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def read_page(browser: Browser, url: str) -> Any:
    """Open a page in a new context, and return the JSON in its element `#out`."""
    page = browser.new_page()
    page.goto(url)
    out = page.locator("#out")
    expect(out).not_to_be_empty(timeout=60_000)
    result = json.loads(str(out.text_content()))
    page.context.close()
    return result


def close_pages(context: BrowserContext) -> None:
    """Close all pages except the first, the empty one."""
    for page in context.pages[1:]:
        page.close()
