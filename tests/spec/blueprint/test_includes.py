"""Include lines are replaced by files below the folder of the blueprint."""

import json
from pathlib import Path

import pytest

from mockserver.errors import InvalidFiles
from mockserver.spec.blueprint import read_blueprint
from mockserver.spec.blueprint.includes import MAX_DEPTH, MAX_FILES
from mockserver.spec.description import Api
from mockserver.spec.schemas import derive

ITEMS = (
    "## Items [/items]\n\n### List Items [GET]\n\n+ Response 200 (application/json)\n\n        []\n"
)
HEAD = "FORMAT: 1A\n\n# A\n\n"


def read(folder: Path, main: str, **others: str) -> Api:
    """Return the API of `main.apib`; the other files have these names, with `__` for a slash."""
    for name, text in others.items():
        path = folder / f"{name.replace('__', '/')}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "main.apib").write_text(HEAD + main)
    return read_blueprint(folder / "main.apib", "main.apib")


def refusal(folder: Path, main: str, **others: str) -> str:
    """Return the reason why the only include of a blueprint is not replaced."""
    (message,) = [each for each in read(folder, main, **others).messages if each.code == "B130"]
    assert message.severity == "warning"
    return str(message)


@pytest.mark.parametrize(
    "line",
    [
        "<!-- include(parts/items.md) -->",
        "<!--include(parts/items.md)-->",
        "<!-- Include( parts/items.md ) -->  ",
        ":[Items](parts/items.md)",
        ":[](parts/items.md)",
        ":[Items](./parts/items.md)",
    ],
)
def test_both_notations_include_a_file(tmp_path: Path, line: str) -> None:
    api = read(tmp_path, f"{line}\n", parts__items=ITEMS)
    assert [operation.id for operation in api.operations] == ["list-items"]
    assert api.messages == ()
    assert api.included == (tmp_path / "parts/items.md",)


def test_line_breaks_and_a_byte_order_mark_of_an_included_file_do_not_matter(
    tmp_path: Path,
) -> None:
    (tmp_path / "items.md").write_bytes(b"\xef\xbb\xbf" + ITEMS.replace("\n", "\r\n").encode())
    api = read(tmp_path, "<!-- include(items.md) -->\n")
    assert [operation.id for operation in api.operations] == ["list-items"]


def test_an_included_body_gets_the_indentation_of_its_line(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text('{\n  "a": 1\n}\n')
    text = "## GET /a\n+ Response 200 (application/json)\n\n        <!-- include(body.json) -->\n"
    api = read(tmp_path, text)
    response = api.operations[0].transactions[0].response
    assert response.body == '{\n  "a": 1\n}'
    assert str(response.body_position) == f"{tmp_path / 'body.json'}:1:1"


def test_an_included_file_includes_files_relative_to_itself(tmp_path: Path) -> None:
    api = read(
        tmp_path,
        "<!-- include(parts/all.md) -->\n",
        parts__all=":[items](more/items.md)\n",
        parts__more__items=ITEMS,
    )
    assert api.operations[0].position.file == str(tmp_path / "parts/more/items.md")


def test_positions_of_messages_name_the_included_file_and_its_line(tmp_path: Path) -> None:
    part = "## GET /a\n+ Response 200 (application/json)\n    + Attributes\n        + b (Unknown)\n"
    api = read(tmp_path, "    \n<!-- include(part.md) -->\n\n## GET /c\n+ Respons\n", part=part)
    positions = [str(message.position) for message in api.messages]
    assert f"{tmp_path / 'part.md'}:4:14" in positions
    assert "main.apib:9:3" in positions
    (attributes,) = [transaction.response.data for transaction in api.operations[0].transactions]
    assert attributes is not None
    assert str(attributes.members[0].position) == f"{tmp_path / 'part.md'}:4:11"


def test_the_column_does_not_count_the_indentation_of_the_include_line(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text('{"a": 1,\n  "b": ]}\n')
    text = "## GET /a\n+ Response 200 (application/json)\n\n        <!-- include(body.json) -->\n"
    (message,) = read(tmp_path, text).messages
    assert str(message.position) == f"{tmp_path / 'body.json'}:2:8"


def test_a_message_about_an_earlier_line_names_its_file(tmp_path: Path) -> None:
    (message,) = read(tmp_path, f"{ITEMS}\n<!-- include(a.md) -->\n", a=ITEMS).messages
    assert message.position.file == str(tmp_path / "a.md")
    assert "(first defined at main.apib:7)" in message.message


def test_the_errors_of_a_refused_blueprint_name_the_included_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidFiles) as caught:
        read(tmp_path, "<!-- include(a.md) -->\n", a="## Items [/items]\n\n### List [GE]\n")
    files = {error.position.file for error in caught.value.errors}
    assert str(tmp_path / "a.md") in files


OUTSIDE = "the path leaves the folder"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("../secret.md", OUTSIDE),
        ("parts/../../secret.md", OUTSIDE),
        ("/etc/hostname", OUTSIDE),
        ("", OUTSIDE),
        ("https://api.example.com/a.md", "it is a URL"),
        ("none.md", "the file cannot be read: No such file or directory"),
        ("folder", "the file cannot be read: Is a directory"),
        ("main.apib", "it includes itself"),
        ("link.md", f"{OUTSIDE} through a link"),
        ("linked/secret.md", f"{OUTSIDE} through a link"),
        ("loop.md", OUTSIDE),
    ],
)
def test_a_file_that_cannot_be_included_is_a_warning(
    tmp_path: Path, typed: str, reason: str
) -> None:
    folder = tmp_path / "api"
    (folder / "folder").mkdir(parents=True)
    (tmp_path / "secret.md").write_text("## Secret [/secret]\n")
    (folder / "link.md").symlink_to(tmp_path / "secret.md")
    (folder / "linked").symlink_to(tmp_path)
    (folder / "loop.md").symlink_to("loop.md")
    text = refusal(folder, f"{ITEMS}\n<!-- include({typed}) -->\n")
    assert text.startswith(f"main.apib:13:1: cannot include {typed!r}: ")
    assert reason in text


def test_a_link_within_the_folder_is_included(tmp_path: Path) -> None:
    (tmp_path / "items.md").write_text(ITEMS)
    (tmp_path / "link.md").symlink_to("items.md")
    assert read(tmp_path, "<!-- include(link.md) -->\n").operations


def test_an_included_file_cannot_include_a_file_above_its_folder(tmp_path: Path) -> None:
    text = refusal(
        tmp_path,
        f"{ITEMS}\n<!-- include(parts/a.md) -->\n",
        parts__a="<!-- include(../b.md) -->\n",
        b="Text\n",
    )
    assert text.startswith(f"{tmp_path / 'parts/a.md'}:1:1: cannot include '../b.md'")


def test_a_cycle_ends_where_it_closes(tmp_path: Path) -> None:
    text = refusal(
        tmp_path,
        f"{ITEMS}\n<!-- include(a.md) -->\n",
        a="<!-- include(b.md) -->\n",
        b="<!-- include(a.md) -->\n",
    )
    assert text.startswith(f"{tmp_path / 'b.md'}:1:1: cannot include 'a.md': it includes itself")


def test_the_nesting_is_limited(tmp_path: Path) -> None:
    parts = {f"a{number}": f":[](a{number + 1}.md)\n" for number in range(MAX_DEPTH + 2)}
    text = refusal(tmp_path, f"{ITEMS}\n:[](a0.md)\n", **parts)
    assert f"nested more than {MAX_DEPTH} deep" in text


def test_the_number_of_includes_is_limited(tmp_path: Path) -> None:
    parts = {f"a{number}": f":[](a{number + 1}.md)\n" * 10 for number in range(5)}
    api = read(tmp_path, f"{ITEMS}\n:[](a0.md)\n", **parts, a5="Text\n")
    reasons = {message.message for message in api.messages if message.code == "B130"}
    assert any(f"more than {MAX_FILES} includes" in reason for reason in reasons)


def test_a_file_with_another_encoding_is_included_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"caf\xe9\n")
    api = read(tmp_path, f"{ITEMS}\n:[](a.md)\n")
    [message] = [message for message in api.messages if message.code == "B131"]
    assert (Path(message.position.file).name, message.position.line) == ("a.md", 1)


NODE = "## Node (object)\n\n+ name: root (required)\n+ kids (array[Node])\n"
NODES = "## Nodes [/nodes]\n\n### L [GET]\n\n+ Response 200 (application/json)\n\n"


@pytest.mark.parametrize("included", [True, False], ids=["included type", "type of the file"])
def test_a_recursive_type_can_be_used_with_includes(tmp_path: Path, included: bool) -> None:
    (tmp_path / "a.md").write_text(NODE if included else "Text\n")
    structures = ":[](a.md)\n" if included else f"{NODE}\n:[](a.md)\n"
    text = f"{NODES}    + Attributes (Node)\n\n# Data Structures\n\n{structures}"
    api = read(tmp_path, text)
    schema = derive(api)[api.operations[0].id, 200]
    assert "#/$defs/Node" in json.dumps(schema)


def test_other_links_and_comments_are_no_includes(tmp_path: Path) -> None:
    text = "See :[a](b.md) here.\n\n[a](b.md)\n\n<!-- includes(b.md) -->\n"
    api = read(tmp_path, f"{text}\n{ITEMS}")
    assert (api.included, api.messages) == ((), ())
