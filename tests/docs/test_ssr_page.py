"""The Playwright files and the recipe for Node of docs/ssr.md, with the app of examples/ssr."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from helpers.console import Shell, sections
from helpers.processes import free_port
from helpers.repository import ROOT
from helpers.tools import require_tool

APP = ROOT / "examples/ssr"
SECTIONS = sections((ROOT / "docs/ssr.md").read_text())
FRAMEWORKS = ["Next.js", "Nuxt", "SvelteKit", "Remix and React Router"]
CONFIGURATION = """\
import {{ defineConfig }} from "@playwright/test";
export default defineConfig({{
  fullyParallel: true,
  use: {{
    baseURL: "http://localhost:3000",
    launchOptions: {{ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] }},
  }},
  {web_server}
}});
"""


def blocks(section: str) -> list[str]:
    """Return the code of a section of the page."""
    return re.findall(r"```(?:ts|tsx|vue)\n(.*?)```", SECTIONS[section], re.DOTALL)


@pytest.mark.parametrize("section", ["Node without a framework", *FRAMEWORKS])
def test_each_recipe_forwards_both_carriers_to_the_api(section: str) -> None:
    code = "".join(blocks(section))
    assert "access_token" in code
    assert "X-Access-Token" in code
    assert "baggage" in code


def app_of_the_page(folder: Path) -> None:
    """Write the app of the example with the recipe and the Playwright files of the page."""
    shutil.copytree(APP / "src", folder / "src")
    shutil.copy(APP / "package.json", folder)
    # The imports of the page have no extension. Playwright and bundlers accept that, Node does not.
    compiled = (APP / "tsconfig.json").read_text()
    include = '"include": ["src", "tests", "playwright.config.ts"]'
    assert include in compiled
    (folder / "tsconfig.json").write_text(compiled.replace(include, '"include": ["src"]'))
    (folder / "node_modules").symlink_to(APP / "node_modules")
    recipe, _ = blocks("Node without a framework")
    types = "export type ForwardedHeaders = Record<string, string>;\n"
    (folder / "src/forwarded.ts").write_text(types + recipe)
    fixture, story = blocks("The token in a cookie")
    alternatives = blocks("Baggage")
    [web_server] = blocks("Find calls that lose the name")
    tests = folder / "tests"
    tests.mkdir()
    (tests / "fixture.ts").write_text(fixture)
    (tests / "cookie.spec.ts").write_text(story)
    start = fixture.index("  context: async")
    end = fixture.index("});\n\nexport")
    for number, fixtures in enumerate(alternatives):
        (tests / f"baggage{number}.ts").write_text(f"{fixture[:start]}{fixtures}{fixture[end:]}")
        story_with_baggage = story.replace("./fixture", f"./baggage{number}")
        (tests / f"with_baggage{number}.spec.ts").write_text(story_with_baggage)
    (folder / "playwright.config.ts").write_text(CONFIGURATION.format(web_server=web_server))


def replace_addresses(folder: Path) -> None:
    """Replace the ports of the page by free ones, on the address of the app."""
    ports = {"localhost:8080": free_port(), "localhost:3000": free_port()}
    for path in (folder / "playwright.config.ts", *(folder / "tests").iterdir()):
        text = path.read_text().replace("--port 8080", f"--port {ports['localhost:8080']}")
        text = text.replace("env: {", f'env: {{ PORT: "{ports["localhost:3000"]}",')
        for address, port in ports.items():
            text = text.replace(address, f"127.0.0.1:{port}")
        path.write_text(text)


@pytest.mark.server
def test_the_files_of_the_page_pass(tmp_path: Path) -> None:
    require_tool("chromium")
    if not (APP / "node_modules").exists():
        pytest.skip("the packages of examples/ssr are not installed: `make examples`")
    app_of_the_page(tmp_path)
    replace_addresses(tmp_path)
    with Shell(tmp_path) as shell:
        ended: subprocess.CompletedProcess[str] = shell.call("npx playwright test")
    assert ended.returncode == 0, ended.stdout
    assert "3 passed" in ended.stdout
