"""A real page on another origin, in a real browser: it calls all five operations, and reads answers, errors and headers."""

import http.server
from pathlib import Path
from typing import Any

import pytest
from helpers.pages import open_page
from helpers.processes import running_server
from helpers.shipped_api import BUSY, TRASHED

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


@pytest.mark.parametrize("credentials", ["omit", "include"])
def test_a_page_on_localhost_uses_the_whole_api(tmp_path: Path, page_server: str, credentials: str) -> None:
    with running_server() as process:
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
        with running_server(*arguments) as process:
            values = {"url": process.url, "busy": BUSY, "trashed": TRASHED, "credentials": "include"}
            (tmp_path / "page.html").write_text(PAGE % values)
            seen = open_page(f"{origin}/page.html", tmp_path / f"profile-{read}", rules, leave)
        assert [entry[1] for entry in seen][:3] == ([200, 200, 200] if read else ["TypeError: Failed to fetch"] * 3)
