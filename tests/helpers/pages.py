"""Pages on another origin than the mock server, opened in Chromium without a window."""

import functools
import html
import http.server
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from helpers.tools import require_tool


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files, and logs nothing."""

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def running_page_server(folder: Path) -> Iterator[str]:
    """Serve the files of a folder on a free port of 127.0.0.1, and yield the port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def open_page(url: str, profile: Path, *options: str) -> Any:
    """Open a page, and return the JSON that its script has written into the element `#out`."""
    quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    call = [require_tool("chromium"), "--headless", "--no-sandbox", *quiet, "--disable-sync", f"--user-data-dir={profile}"]
    ended = subprocess.run([*call, *options, "--virtual-time-budget=20000", "--dump-dom", url], capture_output=True, text=True)
    match = re.search(r'<pre id="out">(.*?)</pre>', ended.stdout, re.DOTALL)
    assert match, ended.stderr
    assert match[1], "the page has not ended"
    return json.loads(html.unescape(match[1]))
