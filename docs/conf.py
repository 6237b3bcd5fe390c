"""Configuration of Sphinx: `make docs` builds the pages of this repository as a site.

The source folder is the repository, so that a relative link works on the site and in a file viewer.
"""

from pygments.lexers.markup import MarkdownLexer
from sphinx.application import Sphinx

project = "mockserver"
author = "the mockserver developers"
root_doc = "docs/index"
include_patterns = [
    "*.md",
    "docs/*.md",
    "clients/js/README.md",
    "clients/python/README.md",
    "examples/playwright/README.md",
    "examples/ssr/README.md",
]

extensions = ["myst_parser"]
# Headings get the anchors that GitHub gives them: `sandboxes.md#the-journal`.
myst_heading_anchors = 4
nitpicky = True

html_theme = "furo"
html_title = "mockserver"
# A page at the root, for a web server of static files: it leads to docs/index.html.
html_extra_path = ["site"]
html_copy_source = False
html_show_copyright = False


def setup(app: Sphinx) -> None:
    """Highlight API Blueprints as the Markdown that they are."""
    app.add_lexer("apib", MarkdownLexer)
