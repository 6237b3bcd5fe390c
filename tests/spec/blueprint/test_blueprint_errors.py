"""Errors in blueprints: line, column and message."""

from pathlib import Path

import pytest

from mockserver.config.shipped import SCHEMAS
from mockserver.errors import InvalidFiles
from mockserver.spec import blueprint

SHIPPED = (SCHEMAS / "push_notifications" / "push_notifications.apib").read_text(encoding="utf-8")

HEAD = "# A\n\n# R [/r/{id}{?page}]\n\n## L [GET]\n\n"
"""Line 7 is the next one."""
OK = "+ Response 200\n\n        fine\n"
TYPES = "string, number, boolean, object, array, enum or a data structure"
IN_ACTION = "`+ Relation: NAME`, `+ Parameters`, `+ Attributes (TYPE)`, `+ Request NAME (MEDIA TYPE)`, `+ Response STATUS (MEDIA TYPE)`"
FLAGS = "default, fixed, fixed-type, nullable, optional, required, sample"
IN_PAYLOAD = "`+ Attributes (TYPE)`, `+ Headers`, `+ Body`, `+ Schema`"


def attributes(*lines: str, more: str = "") -> str:
    """A response with these lines of attributes, the first of them in line 10, their text in column 11."""
    return (
        HEAD
        + "+ Response 200\n\n    + Attributes\n"
        + "".join(f"        {line}\n" for line in lines)
        + more
    )


# A text, and everything that is said about it: LINE:COLUMN: message.
CASES: dict[str, tuple[str, list[str]]] = {
    "nothing": (
        "",
        [
            "1:1: the blueprint has no action; expected a heading such as `## List [GET]` in a resource"
        ],
    ),
    "another format": ("FORMAT: 2B\n\n" + HEAD + OK, ["1:9: unsupported format '2B'; expected 1A"]),
    "host without scheme": (
        "FORMAT: 1A\nHOST: example.org/api\n\n" + HEAD + OK,
        [
            "2:7: invalid HOST 'example.org/api'; expected http://NAME or https://NAME, optionally with a path"
        ],
    ),
    "broken host": (
        "HOST: http://[x\n\n" + HEAD + OK,
        [
            "1:7: invalid HOST 'http://[x'; expected http://NAME or https://NAME, optionally with a path"
        ],
    ),
    **{
        f"host with the path {path}": (
            f"FORMAT: 1A\nHOST: https://x.test{path}\n\n" + HEAD + OK,
            [
                f"2:7: the path /{first} is reserved for the mock server; expected a HOST with another path"
            ],
        )
        for path, first in [
            ("/__admin", "__admin"),
            ("/__admin/api/", "__admin"),
            ("/%5F_admin", "__admin"),
            ("/docs", "docs"),
            ("/openapi.json", "openapi.json"),
            ("/~qa/api", "~qa"),
        ]
    },
    "host with a path that goes up": (
        "FORMAT: 1A\nHOST: https://x.test/api/../__admin\n\n" + HEAD + OK,
        [
            "2:7: clients remove . and .. from a path before they send it; expected a HOST with another path"
        ],
    ),
    "open bracket of a resource": (
        "# A\n\n# R [/r\n",
        ["3:3: unclosed bracket in 'R [/r'; expected ] at the end"],
    ),
    "open bracket of an action": (
        HEAD + OK + "## M [POST\n",
        ["10:4: unclosed bracket in 'M [POST'; expected ] at the end"],
    ),
    "resource without action": (
        "# A\n\n# R [/r]\n",
        ["3:3: the resource 'R [/r]' has no action; expected a heading such as `### List [GET]`"],
    ),
    "action without resource": (
        "# A\n\n## L [GET]\n" + OK,
        ["3:4: the action 'L [GET]' is outside a resource; expected `# NAME [/URI]` before it"],
    ),
    "action without response": (
        HEAD,
        [
            "5:4: the action 'L [GET]' has no response here; expected `+ Response STATUS (MEDIA TYPE)` in it"
        ],
    ),
    "request without response": (
        HEAD + OK + "\n+ Request\n",
        [
            "11:3: the action 'L [GET]' has no response here; expected `+ Response STATUS (MEDIA TYPE)` in it"
        ],
    ),
    "method in small letters": (
        HEAD + OK + "## M [post]\n",
        ["10:4: the method 'post' is not in upper case; expected POST"],
    ),
    "no method": (
        HEAD + OK + "## M [FETCH]\n",
        [
            "10:4: unknown method 'FETCH'; expected one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE, CONNECT, LINK,"
            " UNLINK, COPY, MOVE, LOCK, UNLOCK, SEARCH"
        ],
    ),
    "long heading": (
        HEAD + OK + f"## {'x' * 1001}\n",
        ["10:4: the heading has 1001 characters; expected at most 1000"],
    ),
    "template": (
        "# R [/a/x{id}]\n## L [GET]\n" + OK,
        [
            "1:6: invalid path segment 'x{id}'; expected text or one variable, {name} between two slashes"
        ],
    ),
    "same method and path": (
        HEAD + OK + "## M [GET]\n" + OK,
        [
            "10:4: duplicate action 'GET /r/{id}' (first defined on line 5); expected another method, path or query"
        ],
    ),
    "status": (
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
            "7:3: the action 'L [GET]' has no final response here; expected one with a status from 200 to 599"
        ],
    ),
    "words behind a status": (
        HEAD + OK + "+ Response 404 Not Found\n",
        [
            f"10:3: unknown section 'Response 404 Not Found' in the action; expected one of {IN_ACTION}"
        ],
    ),
    "misspelled response": (
        HEAD + "+ Respons 404\n\n+ Response 200\n",
        [f"7:3: unknown section 'Respons 404' in the action; expected one of {IN_ACTION}"],
    ),
    "misspelled parameters": (
        HEAD + "+ Paramters\n    + id\n\n" + OK,
        [f"7:3: unknown section 'Paramters' in the action; expected one of {IN_ACTION}"],
    ),
    "unknown section behind known ones": (
        HEAD + OK + "+ Something\n",
        [f"10:3: unknown section 'Something' in the action; expected one of {IN_ACTION}"],
    ),
    "body outside": (
        HEAD + "+ Response 200\n\n{}\n",
        ["9:1: unexpected text; expected it inside or before `+ Response 200`"],
    ),
    "section in the wrong place": (
        HEAD + "+ Response 200\n    + Parameters\n        + id\n",
        [f"8:7: unknown section 'Parameters' in the response; expected one of {IN_PAYLOAD}"],
    ),
    "two bodies": (
        HEAD + "+ Response 200\n    + Body\n\n            a\n\n    + Body\n\n            b\n",
        ["12:7: duplicate body section; expected one"],
    ),
    "code without section": (
        HEAD + "+ Response 200\n\n        {}\n\n    + Headers\n\n            A: b\n",
        ["9:9: unexpected code block; expected it in `+ Body`, or a section before it"],
    ),
    "parameters without section": (
        HEAD + "Text.\n\n    + id: 5 (string)\n\n" + OK,
        [
            "9:5: indented list without a section; expected a section before it, such as `+ Parameters`"
        ],
    ),
    "headers without headers": (
        HEAD + "+ Response 200\n    + Headers\n",
        ["8:7: empty headers section; expected lines NAME: VALUE, indented by 12 spaces"],
    ),
    "not a header": (
        HEAD + "+ Response 200\n    + Headers\n\n            A: b\n            c\n",
        ["11:13: invalid header 'c'; expected NAME: VALUE"],
    ),
    "no model": (
        HEAD + "+ Response 200\n\n    [Poll][]\n",
        ["9:5: unknown model 'Poll'; expected a resource with a `+ Model`"],
    ),
    "fence": (
        HEAD + "+ Response 200\n\n    ```\n    text\n\n## M [PUT]\n" + OK,
        ["9:5: unclosed fenced code block; expected a line ```"],
    ),
    "fence closed by another": (
        HEAD + "+ Response 200\n\n    ````\n    text\n    ```\n",
        ["9:5: unclosed fenced code block; expected a line ````"],
    ),
    "fence in a quote": (
        HEAD + "> ```\n> x\n\n" + OK,
        ["7:3: unclosed fenced code block; expected a line ```"],
    ),
    "comment": (HEAD + OK + "\n<!-- and\n\n## M [PUT]\n", ["11:1: unclosed <!--; expected -->"]),
    "trailing comma": (
        HEAD
        + '+ Response 200 (application/json)\n\n        {\n          "a": ",}",\n          "b": [1, 2],\n        }\n',
        [
            "11:22: the example body is not valid JSON: trailing comma; expected another member or item, or no comma"
        ],
    ),
    "no JSON": (
        HEAD
        + "+ Response 200 (application/hal+json)\n    + Body\n\n            {\n              'a': 1\n            }\n",
        [
            "11:15: the example body is not valid JSON: unexpected character, expected a string key; expected JSON (RFC 8259)"
        ],
    ),
    "cut JSON": (
        HEAD + '+ Response 200 (application/json)\n\n        {"a": \n',
        [
            "9:15: the example body is not valid JSON: unexpected end of data; expected JSON (RFC 8259)"
        ],
    ),
    "JSON of a request": (
        HEAD + "+ Request (application/json)\n\n        [1,]\n\n" + OK,
        [
            "9:11: the example body is not valid JSON: trailing comma; expected another member or item, or no comma"
        ],
    ),
    "deep JSON": (
        HEAD + "+ Response 200 (application/json)\n\n        " + "[" * 70 + "]" * 70 + "\n",
        ["9:9: the example body is nested deeper than 60 levels"],
    ),
    "schema that is no JSON": (
        HEAD + "+ Response 200\n    + Schema\n\n            {,}\n",
        [
            "10:14: the schema is not valid JSON: trailing comma; expected another member or item, or no comma"
        ],
    ),
    "parameter in no template": (
        HEAD + "+ Parameters\n    + id: 1 (number)\n    + ip: 2 (number)\n\n" + OK,
        ["9:7: the parameter 'ip' is not in the URI template; expected id or page"],
    ),
    "resource's parameter in no template": (
        "# R [/r]\n\n+ Parameters\n    + x\n    + y\n\n## L [GET]\n"
        + OK
        + "## M [GET /m{?y}]\n"
        + OK,
        ["4:7: the parameter 'x' is not in the URI template; expected y"],
    ),
    "parameter twice": (
        HEAD + "+ Parameters\n    + id\n    + id\n\n" + OK,
        ["9:7: duplicate parameter 'id' (first defined on line 8); expected each name once"],
    ),
    "no parameters": (
        HEAD + "+ Parameters\n\n" + OK,
        ["7:3: empty parameters section; expected items `+ NAME: EXAMPLE (TYPE, required) - TEXT`"],
    ),
    "parameter's type": (
        HEAD + "+ Parameters\n    + id (int)\n\n" + OK,
        [f"8:11: unknown type 'int'; expected {TYPES}"],
    ),
    "parameter's example": (
        HEAD + "+ Parameters\n    + id: x (number)\n\n" + OK,
        ["8:7: 'x' is not a number; expected a value of type number"],
    ),
    "object as a parameter": (
        HEAD + "+ Parameters\n    + id (object)\n\n" + OK,
        ["8:7: the parameter 'id' is an object; expected a string, number, boolean, enum or array"],
    ),
    "no feature": (
        HEAD + "Required feature:\n\n" + OK,
        [
            "7:1: missing name of the required feature; expected it after the colon, or a list of names"
        ],
    ),
    "nested in a feature": (
        HEAD + "Required feature (one of):\n\n- view\n    + limit\n\n" + OK,
        ["10:7: unexpected content in the feature 'view'; expected only its name"],
    ),
    "attributes of nothing": (
        HEAD + "+ Response 200\n    + Attributes\n",
        ["8:7: empty attributes section; expected a type or members"],
    ),
    "unknown type": (
        attributes("+ a (Persom)", more="\n# Data Structures\n\n## Person\n+ b\n"),
        [f"10:14: unknown type 'Persom'; expected {TYPES} (did you mean Person?)"],
    ),
    "unknown type in an array": (
        attributes("+ a (array[Foo], required)"),
        [f"10:20: unknown type 'Foo'; expected {TYPES}"],
    ),
    "unknown mixin": (
        attributes("+ Include Foo"),
        [f"10:11: unknown type 'Foo'; expected {TYPES}"],
    ),
    "mixin of a string": (
        attributes("+ Include S", more="\n# Data Structures\n## S (string)\n"),
        ["10:11: 'S' is of type string; expected an object to include"],
    ),
    "one of nothing": (
        attributes("+ One Of"),
        ["10:11: One Of without alternatives; expected items nested below it"],
    ),
    "second type": (
        attributes("+ a (string, mandatory)"),
        [
            f"10:22: unexpected second type 'mandatory'; expected one type and any of the flags {FLAGS}"
        ],
    ),
    "type in brackets of a string": (
        attributes("+ a (string[number])"),
        ["10:14: the type 'string' takes no type in brackets; expected array[TYPE] or enum[TYPE]"],
    ),
    "no type": (
        attributes("+ a (array[string)"),
        ["10:14: invalid type 'array[string'; expected NAME or array[NAME], at most 12 deep"],
    ),
    "open bracket of a type": (
        attributes("+ a (string"),
        ["10:13: unclosed bracket; expected ) after the type"],
    ),
    "number": (
        attributes("+ a: one (number)"),
        ["10:11: 'one' is not a number; expected a value of type number"],
    ),
    "boolean": (
        attributes("+ a: yes (boolean)"),
        ["10:11: 'yes' is neither true nor false; expected a value of type boolean"],
    ),
    "number in a sample": (
        attributes("+ a (number)", "    + Sample: x"),
        ["11:23: 'x' is not a number; expected a value of type number"],
    ),
    "number in an array": (
        attributes("+ a: 1, x (array[number])"),
        ["10:11: 'x' is not a number; expected a value of type number"],
    ),
    "infinite number": (
        attributes("+ a: 1e999 (number)"),
        ["10:11: '1e999' exceeds the range of a double; expected a value of type number"],
    ),
    "value of an object": (
        attributes("+ a: x (object)"),
        ["10:11: an object cannot have the value 'x'; expected its members nested below it"],
    ),
    "member of a string": (
        attributes("+ a (string)", "    + b"),
        ["11:15: 'b' is nested in a string; expected nothing in it"],
    ),
    "member without a name": (
        attributes("+ (string)"),
        ["10:11: member without a name; expected `+ NAME: VALUE (TYPE)`"],
    ),
    "value without a name": (
        attributes("+ a (enum)", "    + (string)"),
        ["11:15: empty value of an enum; expected `+ VALUE`"],
    ),
    "body in the attributes": (
        HEAD + "+ Response 200\n    + Attributes (object)\n\n            {}\n",
        ["10:13: the attributes contain text that looks like a body; expected `+ Body` before it"],
    ),
    "type twice": (
        HEAD + OK + "# Data Structures\n## T\n+ a\n\n## T\n+ b\n",
        ["14:4: duplicate type 'T' (first defined on line 11); expected each name once"],
    ),
    "base type of MSON": (
        HEAD + OK + "# Data Structures\n## array (string)\n",
        ["11:4: 'array' is a base type of MSON; expected another name"],
    ),
    "type that holds itself": (
        HEAD + OK + "# Data Structures\n## T\n+ u (U)\n\n## U\n+ t (array[T])\n",
        [
            "15:12: recursive or too deeply nested type: T > U > T; expected a type that does not contain itself"
        ],
    ),
    "type made from itself": (
        HEAD + OK + "# Data Structures\n## T (T)\n",
        [
            "11:7: recursive or too deeply nested type: T > T; expected a type that does not contain itself"
        ],
    ),
    "types that hold each other in a long circle": (
        HEAD
        + OK
        + "# Data Structures\n"
        + "".join(f"## {a}\n+ x ({b})\n\n" for a, b in zip("ABCDE", "BCDEA", strict=True)),
        [
            "24:6: recursive or too deeply nested type: B > C > D > E > A; expected a type that does not contain itself"
        ],
    ),
    "lists in lists": (
        HEAD + "+ " * 40 + "x\n",
        ["7:1: the Markdown is nested too deeply; expected at most 30 nested lists"],
    ),
}


def said(text: str) -> list[str]:
    with pytest.raises(InvalidFiles) as caught:
        blueprint.parse_blueprint(text, "f", "x")
    return [str(error).removeprefix("f:") for error in caught.value.errors]


@pytest.mark.parametrize(("text", "errors"), CASES.values(), ids=CASES)
def test_error(text: str, errors: list[str]) -> None:
    assert said(text) == errors


LONG = "Long" * 30
CUT = LONG[:60]


def test_a_long_name_is_cut_in_a_message() -> None:
    none = f"# A\n\n# R [/r]\n\n## {LONG} [GET]\n\nNothing.\n"
    (error,) = said(none)
    assert (
        error
        == f"5:4: the action {CUT!r} has no response here; expected `+ Response STATUS (MEDIA TYPE)` in it"
    )
    (error,) = said(f"# A\n\n# R [/r]\n\n## L [GET]\n\n+ Response {LONG}\n\n        x\n")
    assert f"invalid status {CUT!r}; expected a number from " in error


def test_without_its_error_the_frame_of_the_cases_is_fine() -> None:
    assert blueprint.parse_blueprint(HEAD + OK, "f", "x").operations
    assert blueprint.parse_blueprint(attributes("+ a (string)"), "f", "x").operations


def test_all_errors_are_reported_together() -> None:
    text = (
        SHIPPED.replace("(Stamp,", "(Stmp,")
        .replace("+ Response 404 (", "+ Response 4O4 (")
        .replace('"sent": 100,', '"sent": 100')
    )
    assert [error.split(";")[0].split(": ", 1)[1] for error in said(text)] == [
        *["the example body is not valid JSON: unexpected character, expected ',' or '}'"] * 2,
        "invalid status '4O4'",
        "the example body is not valid JSON: unexpected character, expected ',' or '}'",
        "invalid status '4O4'",
        *["unknown type 'Stmp'"] * 6,
    ]


def bomb_of_names(names: int) -> str:
    """Each type holds the one before it three times: 3 to the power of `names` in all."""
    each = "".join(
        f"## T{n}\n+ a (T{n - 1})\n+ b (T{n - 1})\n+ c (array[T{n - 1}])\n\n"
        for n in range(1, names)
    )
    return HEAD + OK + "# Data Structures\n## T0\n+ a\n\n" + each


def chain_of_names(names: int) -> str:
    return (
        HEAD
        + OK
        + "# Data Structures\n"
        + "".join(f"## T{n}\n+ a (T{n + 1})\n\n" for n in range(names))
        + f"## T{names}\n+ a\n"
    )


BOMBS = {
    "lists": (
        HEAD + "\n".join("    " * depth + "+ a" for depth in range(200)),
        "the Markdown is nested too deeply; expected at most 30 nested lists",
    ),
    "quotes": (
        HEAD + "> " * 5000 + "x",
        "the Markdown is nested too deeply; expected at most 30 nested lists",
    ),
    "names": (bomb_of_names(40), "levels deep; expected at most 20000 types, 60 levels deep"),
    "chain": (chain_of_names(2000), "too deeply nested type"),
    "brackets of types": (attributes(f"+ a ({'array[' * 900}string{']' * 900})"), "invalid type"),
    "pairs": (
        HEAD + "+ Request\n\n" * 40 + "+ Response 200\n\n" * 40,
        "has 1600 pairs of request and response; expected at most 1000",
    ),
    "open JSON": (
        HEAD + "+ Response 200 (application/json)\n\n        " + "[" * 100_000,
        "the example body is not valid JSON",
    ),
    "length": (HEAD + OK + "x" * (4 * 1024 * 1024), "characters; expected at most 4194304"),
}


@pytest.mark.parametrize(("text", "part"), BOMBS.values(), ids=BOMBS)
def test_bomb(text: str, part: str) -> None:
    assert any(part in error for error in said(text))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidFiles, match=r"^none\.apib:1:1: the file cannot be read: No such file or directory$"
    ):
        blueprint.read_blueprint(tmp_path / "none.apib", "none.apib")


def test_other_bytes_than_utf_8_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.apib").write_bytes(b"# A\n\n\xff")
    with pytest.raises(
        InvalidFiles, match=r"^a\.apib:3:1: the file is not valid UTF-8; expected UTF-8 text$"
    ):
        blueprint.read_blueprint(tmp_path / "a.apib", "a.apib")
