"""A page on another origin, in a browser: it calls all operations and reads the responses."""

from pathlib import Path

import pytest
from helpers.pages import read_page
from helpers.processes import running_server
from helpers.shipped_api import BUSY, TRASHED
from helpers.tools import require_tool
from playwright.sync_api import Browser, Playwright

pytestmark = pytest.mark.server

PAGE = """<!doctype html><meta charset="utf-8"><pre id="out"></pre><script>
const api = "%(url)s/api/push_notifications", seen = [];
async function call(method, path, headers = {}) {
  try {
    headers = {"X-Access-Token": "any", ...headers};
    const response = await fetch(api + path, {method, credentials: "%(credentials)s", headers});
    const preference = response.headers.get("Preference-Applied");
    seen.push([method, response.status, preference, Object.keys(await response.json())]);
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


@pytest.mark.parametrize("credentials", ["omit", "include"])
def test_a_page_on_localhost_uses_the_whole_api(
    tmp_path: Path, page_server: str, credentials: str, live: str, browser: Browser
) -> None:
    values = {
        "url": f"{live}/~page-{credentials}",
        "busy": BUSY,
        "trashed": TRASHED,
        "credentials": credentials,
    }
    (tmp_path / "page.html").write_text(PAGE % values)
    seen = read_page(browser, f"http://localhost:{page_server}/page.html")
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


def test_a_page_of_another_site_reads_nothing_unless_its_origin_is_configured(
    tmp_path: Path, page_server: str, playwright: Playwright
) -> None:
    rules = "--host-resolver-rules=MAP app.test 127.0.0.1"
    origin = f"http://app.test:{page_server}"
    # Without these checks, a page of another machine may call a local server.
    checks = "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"
    options = ["--no-sandbox", "--disable-gpu", "--disable-quic", rules, checks]
    chromium = playwright.chromium.launch(executable_path=require_tool("chromium"), args=options)
    for arguments, read in (([], False), (["--cors-origin", origin], True)):
        with running_server(*arguments) as process:
            values = {
                "url": process.url,
                "busy": BUSY,
                "trashed": TRASHED,
                "credentials": "include",
            }
            (tmp_path / "page.html").write_text(PAGE % values)
            seen = read_page(chromium, f"{origin}/page.html")
        assert [entry[1] for entry in seen][:3] == (
            [200, 200, 200] if read else ["TypeError: Failed to fetch"] * 3
        )
    chromium.close()
