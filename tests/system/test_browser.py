"""A real page on another origin, in a real browser: it calls all five operations, and reads answers, errors and headers."""

import functools
import html
import http.server
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import BUSY, TRASHED, serving, tool

pytestmark = pytest.mark.server

PAGE = """<!doctype html><meta charset="utf-8"><pre id="out"></pre><script>
const api = "%(url)s/api/push_notifications", seen = [];
async function call(method, path, headers = {}) {
  try {
    const sent = {method, credentials: "%(credentials)s", headers: {"X-Access-Token": "any", ...headers}};
    const response = await fetch(api + path, sent);
    seen.push([method, response.status, response.headers.get("Preference-Applied"), Object.keys(await response.json())]);
  } catch (error) {
    seen.push([method, String(error)]);
  }
}
(async () => {
  await call("GET", "/%(busy)s/exports");
  await call("GET", "/%(busy)s/exports/100");
  await call("DELETE", "/%(busy)s/exports/100");
  await call("GET", "/trash");
  await call("PATCH", "/trash/%(trashed)s");
  await call("GET", "/%(busy)s/exports/100", {Prefer: "code=404"});
  await call("GET", "/trash?limit=abc");
  await call("PUT", "/trash");
  document.getElementById("out").textContent = JSON.stringify(seen);
})();
</script>"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def page_server(tmp_path: Path) -> Iterator[str]:
    """The address of a server of static pages from `tmp_path`, on an origin of its own."""
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield f"{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()


def open_page(url: str, profile: Path, *options: str) -> Any:
    """What the page at `url` has written into its `#out`."""
    quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    call = [tool("chromium"), "--headless", "--no-sandbox", *quiet, "--disable-sync", f"--user-data-dir={profile}", *options]
    done = subprocess.run([*call, "--virtual-time-budget=20000", "--dump-dom", url], capture_output=True, text=True)
    found = re.search(r'<pre id="out">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr
    assert found[1], "the page has not ended"
    return json.loads(html.unescape(found[1]))


@pytest.mark.parametrize("credentials", ["omit", "include"])
def test_a_page_on_localhost_uses_the_whole_api(tmp_path: Path, page_server: str, credentials: str) -> None:
    with serving() as process:
        values = {"url": process.url, "busy": BUSY, "trashed": TRASHED, "credentials": credentials}
        (tmp_path / "page.html").write_text(PAGE % values)
        seen = open_page(f"http://localhost:{page_server}/page.html", tmp_path / "profile")
    assert seen == [
        ["GET", 200, None, ["push_notification_exports", "selection_settings"]],
        ["GET", 200, None, ["push_notification_export"]],
        ["DELETE", 200, None, ["push_notification_export"]],
        ["GET", 200, None, ["trashed_push_notifications", "selection_settings"]],
        ["PATCH", 200, None, ["push_notification"]],
        ["GET", 404, "code=404", ["message"]],
        ["GET", 400, None, ["type", "title", "status", "detail", "violations"]],
        ["PUT", 405, None, ["type", "title", "status", "detail", "allowed", "near_misses"]],
    ]


def test_a_page_of_another_site_reads_nothing_unless_its_origin_is_configured(tmp_path: Path, page_server: str) -> None:
    rules = "--host-resolver-rules=MAP app.test 127.0.0.1"
    origin = f"http://app.test:{page_server}"
    # A page that is not local needs the browser's leave before it may call a local server at all; that is not the point here.
    leave = "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"
    for arguments, read in (([], False), (["--cors-origin", origin], True)):
        with serving(*arguments) as process:
            values = {"url": process.url, "busy": BUSY, "trashed": TRASHED, "credentials": "include"}
            (tmp_path / "page.html").write_text(PAGE % values)
            seen = open_page(f"{origin}/page.html", tmp_path / f"profile-{read}", rules, leave)
        assert [entry[1] for entry in seen][:3] == ([200, 200, 200] if read else ["TypeError: Failed to fetch"] * 3)
