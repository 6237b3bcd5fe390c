"""The metadata of blueprints in usual and unusual places."""

import pytest

from mockserver.spec import blueprint

ACTION = "# GET /a\n\n+ Response 204\n"
HOST = "https://api.example.org/v1"

# Name of the case to the text before the first action, the base path, the title, the description
# and the codes of the messages.
CASES: dict[str, tuple[str, str, str, str, list[str]]] = {
    "usual": (f"FORMAT: 1A\nHOST: {HOST}\n\n# T\n\nText.\n\n", "/v1", "T", "Text.", []),
    "after an empty line": (f"FORMAT: 1A\n\nHOST: {HOST}\n\n# T\n\n", "/v1", "T", "", ["B124"]),
    "after the title": (f"# T\nFORMAT: 1A\nHOST: {HOST}\n\nText.\n\n", "/v1", "T", "Text.", []),
    "before other text": (f"HOST: {HOST}\nText.\n\n# T\n\n", "/v1", "T", "Text.", []),
    "above a rule": (f"FORMAT: 1A\nHOST: {HOST}\n---\n\n# T\n\n", "/v1", "T", "", []),
    "after a comment": (f"<!-- c -->\nHOST: {HOST}\n\n# T\n\n", "/v1", "T", "<!-- c -->", []),
    "other names": ("VERSION: 2\nAUTHOR: me\n\n# T\n\n", "", "T", "", []),
    "text that looks like it": (
        "# T\n\nNote: this is text.\n\n",
        "",
        "T",
        "Note: this is text.",
        [],
    ),
    "host without scheme": ("HOST: example.org/v1\n\n", "/v1", "", "", ["B125"]),
    "host with two slashes": ("HOST: //example.org/v1\n\n", "/v1", "", "", ["B125"]),
    "host with a port": ("HOST: localhost:3000/v1\n\n", "/v1", "", "", ["B125"]),
    "path": ("HOST: /v1\n\n", "/v1", "", "", ["B125"]),
    "host in brackets": (f"HOST: <{HOST}>\n\n", "/v1", "", "", ["B125"]),
    "unknown scheme": ("HOST: ftp://example.org/v1\n\n", "", "", "", ["B105"]),
    "reserved path without scheme": ("HOST: example.org/__admin\n\n", "", "", "", ["B125", "B106"]),
    "empty host": ("HOST:\n\n", "", "", "", []),
    "unknown format": ("FORMAT: 1B\n\n", "", "", "", ["B104"]),
}


@pytest.mark.parametrize(
    ("text", "base_path", "title", "description", "codes"), CASES.values(), ids=CASES
)
def test_metadata_is_read_in_each_place(
    text: str, base_path: str, title: str, description: str, codes: list[str]
) -> None:
    api = blueprint.parse_blueprint(text + ACTION, "f", "x")
    assert (api.base_path, api.name, api.description) == (base_path, title, description)
    assert sorted(message.code for message in api.messages) == sorted(codes)
