"""Messages about the structure of blueprints: metadata, sections, actions and payloads."""

from pathlib import Path

import pytest
from helpers.blueprint_messages import HEAD, OK, attributes_blueprint, blueprint_messages

from mockserver.config.shipped import SCHEMAS
from mockserver.errors import InvalidFiles
from mockserver.spec import blueprint

SHIPPED = (SCHEMAS / "push_notifications" / "push_notifications.apib").read_text(encoding="utf-8")

EXPECTED = "expected a heading such as `## List [GET]` in a resource, and a response below it"
NO_OPERATION = f"no operation can be served; {EXPECTED}"
NO_RESPONSE = "expected `+ Response STATUS (MEDIA TYPE)` in it"
IN_PAYLOAD = "`+ Attributes (TYPE)`, `+ Headers`, `+ Body`, `+ Schema`"


def no_operation(line: int) -> str:
    """Return the message that no operation can be served, and that one line looks like one."""
    return f"no operation can be served; line {line} looks like an operation; {EXPECTED}"


# Name of the case to the blueprint, and all its messages: LINE:COLUMN: MESSAGE.
CASES: dict[str, tuple[str, list[str]]] = {
    "empty blueprint": (
        "",
        [f"1:1: {NO_OPERATION}"],
    ),
    "unsupported format": (
        "FORMAT: 2B\n\n" + HEAD + OK,
        ["1:9: unknown format '2B'; expected 1A"],
    ),
    "host without scheme": (
        "FORMAT: 1A\nHOST: example.org/api\n\n" + HEAD + OK,
        [
            "2:7: HOST 'example.org/api' is not a URL; "
            "expected http://NAME or https://NAME, optionally with a path"
        ],
    ),
    "invalid host": (
        "HOST: http://[x\n\n" + HEAD + OK,
        [
            "1:7: invalid HOST 'http://[x'; "
            "expected http://NAME or https://NAME, optionally with a path"
        ],
    ),
    "host with a path that goes up": (
        "FORMAT: 1A\nHOST: https://x.test/api/../__admin\n\n" + HEAD + OK,
        [
            "2:7: clients remove . and .. from a path before they send it; "
            "expected a HOST with another path"
        ],
    ),
    "unclosed bracket of a resource": (
        "# A\n\n# R [/r\n",
        [
            f"1:3: {NO_OPERATION}",
            "3:3: 'R [/r' has an unclosed bracket; expected ] at the end",
            "3:3: the resource 'R [/r' has no action; expected a heading such as `### List [GET]`",
        ],
    ),
    "unclosed bracket of an action": (
        HEAD + OK + "## M [POST\n",
        [
            "10:4: 'M [POST' has an unclosed bracket; expected ] at the end",
            f"10:4: the action 'M [POST' has no response; {NO_RESPONSE}",
        ],
    ),
    "resource without action": (
        "# A\n\n# R [/r]\n",
        [
            f"1:3: {NO_OPERATION}",
            "3:3: the resource 'R [/r]' has no action; expected a heading such as `### List [GET]`",
        ],
    ),
    "action without resource": (
        "# A\n\n## L [GET]\n" + OK,
        [
            f"1:3: {no_operation(3)}",
            "3:4: the action 'L [GET]' is outside a resource; expected `# NAME [/URI]` before it",
        ],
    ),
    "action without response": (
        HEAD,
        [
            f"1:3: {no_operation(5)}",
            "5:4: the action 'L [GET]' has no response; "
            "expected `+ Response STATUS (MEDIA TYPE)` in it",
        ],
    ),
    "request without response": (
        HEAD + OK + "\n+ Request\n",
        [
            "11:3: the action 'L [GET]' has no response to this request; "
            "expected `+ Response STATUS (MEDIA TYPE)` in it"
        ],
    ),
    "method in lower case": (
        HEAD + OK + "## M [post]\n",
        [
            "10:4: 'M [post]' has a method that is not in upper case; expected one such as GET",
            f"10:4: the action 'M [post]' has no response; {NO_RESPONSE}",
        ],
    ),
    "unknown method": (
        HEAD + OK + "## M [FETCH]\n\n" + OK,
        [
            "10:4: unknown method 'FETCH'; expected one of GET, HEAD, POST, PUT, PATCH, DELETE, "
            "OPTIONS, TRACE, LINK, UNLINK, COPY, MOVE, LOCK, UNLOCK, SEARCH"
        ],
    ),
    "long heading": (
        HEAD + OK + f"## {'x' * 1001}\n",
        ["10:4: the heading has 1001 characters; expected at most 1000"],
    ),
    "invalid URI template": (
        "# R [/a/{id]\n## L [GET]\n" + OK,
        [f"1:1: {no_operation(2)}", "1:6: unbalanced braces in '/a/{id'; expected {name}"],
    ),
    "duplicate action": (
        HEAD + OK + "## M [GET]\n" + OK,
        [
            "10:4: duplicate action 'GET /r/{id}' (first defined on line 5); "
            "expected another method, path or query"
        ],
    ),
    "invalid status": (
        HEAD + "+ Response OK\n",
        ["7:12: invalid status 'OK'; expected a number from 100 to 599"],
    ),
    "status out of range": (
        HEAD + "+ Response 2000\n",
        ["7:12: invalid status '2000'; expected a number from 100 to 599"],
    ),
    "status that is not final": (
        HEAD + "+ Response 101\n",
        [
            f"1:3: {no_operation(5)}",
            "7:3: the action 'L [GET]' has no final response here; "
            "expected one with a status from 200 to 599",
            "7:12: a response with status 101 is not final (RFC 9110, section 15.2)",
        ],
    ),
    "words after a status": (
        HEAD + OK + "+ Response 404 Not Found\n",
        [
            "10:3: unexpected text in `+ Response 404 Not Found`; "
            "expected `+ Response STATUS (MEDIA TYPE)`"
        ],
    ),
    "charset without texts": (
        HEAD + "+ Response 200 (text/plain; charset=undefined)\n\n        fine\n",
        ["9:9: the charset undefined cannot encode the example body; use utf-8"],
    ),
    "charset for names of hosts": (
        HEAD + "+ Response 200 (text/plain; charset=idna)\n\n        x..y\n",
        ["9:9: the charset idna cannot encode the example body; use utf-8"],
    ),
    "misspelled response": (
        HEAD + "+ Respons 404\n\n+ Response 200\n",
        ["7:3: unexpected text in `+ Respons 404`; expected `+ Response STATUS (MEDIA TYPE)`"],
    ),
    "misspelled parameters": (
        HEAD + "+ Paramters\n    + id\n\n" + OK,
        [
            "7:3: unknown section 'Paramters'; expected `+ Parameters`",
        ],
    ),
    "unknown section after known ones": (
        HEAD + OK + "+ Something\n",
        ["10:3: unexpected text after `+ Response 200`; expected it inside or before this section"],
    ),
    "text after a section": (
        HEAD + "+ Response 200\n\n{}\n",
        ["9:1: the text is outside its section; expected it in `+ Body`, indented by 8 spaces"],
    ),
    "section in the wrong place": (
        HEAD + "+ Response 200\n    + Parameters\n        + id\n",
        [f"8:7: unknown section 'Parameters' in the response; expected one of {IN_PAYLOAD}"],
    ),
    "duplicate body section": (
        HEAD + "+ Response 200\n    + Body\n\n            a\n\n    + Body\n\n            b\n",
        ["8:7: duplicate body section; expected one"],
    ),
    "code without section": (
        HEAD + "+ Response 200\n\n        {}\n\n    + Headers\n\n            A: b\n",
        ["9:9: the text is outside its section; expected it in `+ Body`, indented by 8 spaces"],
    ),
    "parameters without section": (
        HEAD + "Text.\n\n    + id: 5 (string)\n\n" + OK,
        [
            "9:5: indented list without a section; "
            "expected a section before it, such as `+ Parameters`"
        ],
    ),
    "empty headers section": (
        HEAD + "+ Response 200\n    + Headers\n",
        ["8:7: empty headers section; expected lines NAME: VALUE, indented by 12 spaces"],
    ),
    "invalid header": (
        HEAD + "+ Response 200\n    + Headers\n\n            A: b\n            c\n",
        ["11:13: invalid header 'c'; expected NAME: VALUE"],
    ),
    "unknown model": (
        HEAD + "+ Response 200\n\n    [Poll][]\n",
        ["9:5: unknown model 'Poll'; expected a resource with a `+ Model`"],
    ),
    "unclosed code block": (
        HEAD + "+ Response 200\n\n    ```\n    text\n\n## M [PUT]\n" + OK,
        ["9:5: unclosed fenced code block; expected a line ```"],
    ),
    "code block closed by a shorter fence": (
        HEAD + "+ Response 200\n\n    ````\n    text\n    ```\n",
        ["9:5: unclosed fenced code block; expected a line ````"],
    ),
    "unclosed code block in a quote": (
        HEAD + "> ```\n> x\n\n" + OK,
        ["7:3: unclosed fenced code block; expected a line ```"],
    ),
    "unclosed comment": (
        HEAD + OK + "\n<!-- and\n\n## M [PUT]\n",
        [
            "11:1: unclosed <!--; expected -->",
            f"13:4: the action 'M [PUT]' has no response; {NO_RESPONSE}",
        ],
    ),
    "trailing comma": (
        HEAD
        + "+ Response 200 (application/json)\n\n"
        + '        {\n          "a": ",}",\n          "b": [1, 2],\n        }\n',
        ["11:22: the example body is not valid JSON: 1 trailing comma; expected RFC 8259"],
    ),
    "invalid JSON": (
        HEAD
        + "+ Response 200 (application/hal+json)\n    + Body\n\n"
        + "            {\n              'a': 1\n            }\n",
        [
            "11:15: the example body is not valid JSON: unexpected character, expected a string "
            "key; expected JSON (RFC 8259)"
        ],
    ),
    "incomplete JSON": (
        HEAD + '+ Response 200 (application/json)\n\n        {"a": \n',
        [
            "9:15: the example body is not valid JSON: unexpected end of data; "
            "expected JSON (RFC 8259)"
        ],
    ),
    "JSON of a request": (
        HEAD + "+ Request (application/json)\n\n        [1,]\n\n" + OK,
        ["9:11: the example body is not valid JSON: 1 trailing comma; expected RFC 8259"],
    ),
    "deeply nested JSON": (
        HEAD + "+ Response 200 (application/json)\n\n        " + "[" * 70 + "]" * 70 + "\n",
        ["9:9: the example body is nested deeper than 60 levels"],
    ),
    "schema that is not JSON": (
        HEAD + "+ Response 200\n    + Schema\n\n            {,}\n",
        ["10:14: the schema is not valid JSON: 1 trailing comma; expected RFC 8259"],
    ),
    "required feature without a name": (
        HEAD + "Required feature:\n\n" + OK,
        [
            "7:1: missing name of the required feature; "
            "expected it after the colon, or a list of names"
        ],
    ),
    "items nested in a feature": (
        HEAD + "Required feature (one of):\n\n- view\n    + limit\n\n" + OK,
        ["10:7: unexpected content in the feature 'view'; expected only its name"],
    ),
}


@pytest.mark.parametrize(("text", "lines"), CASES.values(), ids=CASES)
def test_a_message_has_its_position_and_a_text(text: str, lines: list[str]) -> None:
    assert blueprint_messages(text) == lines


RESERVED_PATHS = {
    "/__admin": "__admin",
    "/__admin/api/": "__admin",
    "/%5F_admin": "__admin",
    "/docs": "docs",
    "/openapi.json": "openapi.json",
    "/~qa/api": "~qa",
}


@pytest.mark.parametrize(("path", "segment"), RESERVED_PATHS.items())
def test_a_host_with_a_reserved_path_is_a_warning(path: str, segment: str) -> None:
    assert blueprint_messages(f"FORMAT: 1A\nHOST: https://x.test{path}\n\n{HEAD}{OK}") == [
        f"2:7: the path /{segment} is reserved for the mock server; "
        "expected a HOST with another path"
    ]


def test_the_frame_of_the_cases_has_no_message() -> None:
    assert blueprint_messages(HEAD + OK) == []
    assert blueprint_messages(attributes_blueprint("+ a (string)")) == []


def test_all_messages_are_reported_together() -> None:
    text = (
        SHIPPED.replace("(Stamp,", "(Stmp,")
        .replace("+ Response 404 (", "+ Response 4O4 (")
        .replace('"sent": 100,', '"sent": 100')
    )
    assert [line.split(";")[0].split(": ", 1)[1] for line in blueprint_messages(text)] == [
        *["the example body is not valid JSON: unexpected character, expected ',' or '}'"] * 2,
        "invalid status '4O4'",
        "the example body is not valid JSON: unexpected character, expected ',' or '}'",
        "invalid status '4O4'",
        *["unknown type 'Stmp'"] * 6,
    ]


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidFiles, match=r"^none\.apib:1:1: the file cannot be read: No such file or directory$"
    ):
        blueprint.read_blueprint(tmp_path / "none.apib", "none.apib")


def test_other_bytes_than_utf_8_are_read_as_windows_1252(tmp_path: Path) -> None:
    text = "# A\n\n## GET /a\n\n+ Response 200 (text/plain)\n\n        naïve “€”\n"
    (tmp_path / "a.apib").write_bytes(text.encode("cp1252"))
    api = blueprint.read_blueprint(tmp_path / "a.apib", "a.apib")
    assert api.operations[0].transactions[0].response.body == "naïve “€”"
    assert [str(message) for message in api.messages] == [
        "a.apib:7:1: the file is not valid UTF-8; expected UTF-8 text. "
        "It is read as Windows-1252. [B131]"
    ]
