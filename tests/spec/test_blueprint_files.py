"""Several blueprints are one API for each HOST."""

from pathlib import Path

import pytest

from mockserver.errors import InvalidFiles
from mockserver.spec.blueprint_files import BlueprintFile, api_id, read_apis
from mockserver.spec.description import Api


def text_of(path: str, host: str = "", name: str = "A", more: str = "") -> str:
    """Return a blueprint with the operation `List`, GET on this path."""
    metadata = f"FORMAT: 1A\nHOST: {host}\n" if host else "FORMAT: 1A\n"
    response = "+ Response 200 (application/json)\n\n        []\n"
    return f"{metadata}\n# {name}\n\n## R [{path}]\n\n### List [GET]\n\n{response}\n{more}"


def read(folder: Path, named: bool = True, **texts: str) -> tuple[Api, ...]:
    """Return the APIs of files with these names and texts, in this order."""
    files = []
    for name, text in texts.items():
        path = folder / f"{name}.apib"
        path.write_text(text)
        files.append(BlueprintFile(path, named))
    return read_apis(files)


def routes(apis: tuple[Api, ...]) -> list[list[str]]:
    """Return the paths of each API."""
    return [[operation.uri_template for operation in api.operations] for api in apis]


def test_files_without_a_host_are_one_api(tmp_path: Path) -> None:
    (api,) = read(tmp_path, users=text_of("/users", name="First"), orders=text_of("/orders"))
    assert (api.id, api.name, api.host) == ("users", "First", "")
    assert [operation.uri_template for operation in api.operations] == ["/users", "/orders"]
    ids = [operation.id for operation in api.operations]
    assert len(set(ids)) == 2
    files = [Path(operation.position.file).name for operation in api.operations]
    assert files == ["users.apib", "orders.apib"]


def test_the_first_file_with_a_host_describes_the_api(tmp_path: Path) -> None:
    (api,) = read(tmp_path, a=text_of("/a"), b=text_of("/b", "https://x.example.com/v1", "Main"))
    assert (api.name, api.base_path, routes((api,))) == ("Main", "/v1", [["/a", "/b"]])


def test_files_with_different_hosts_are_different_apis(tmp_path: Path) -> None:
    apis = read(
        tmp_path,
        a=text_of("/a", "https://x.example.com/v1"),
        b=text_of("/b", "https://y.example.com/v2"),
        c=text_of("/c"),
        d=text_of("/d", "http://X.example.com/v1/"),
    )
    assert routes(apis) == [["/a", "/c", "/d"], ["/b"]]
    assert [api.id for api in apis] == ["a", "b"]
    ids = [operation.id for api in apis for operation in api.operations]
    assert len(set(ids)) == 4


def test_types_and_models_belong_to_their_file(tmp_path: Path) -> None:
    def with_type(path: str, kind: str) -> str:
        response = "+ Response 200 (application/json)\n    + Attributes (Thing)\n"
        types = f"# Data Structures\n\n## Thing (object)\n+ a: 1 ({kind})\n"
        return f"FORMAT: 1A\n\n# A\n\n## GET {path}\n\n{response}\n{types}"

    (api,) = read(tmp_path, a=with_type("/a", "string"), b=with_type("/b", "number"))
    kinds = []
    for operation in api.operations:
        data = operation.transactions[0].response.data
        assert data is not None
        kinds.append(data.members[0].type.kind)
    assert (kinds, api.messages) == (["string", "number"], ())


@pytest.mark.parametrize("path", ["/users/{id}", "/users/{key}"])
def test_the_first_file_wins_for_the_same_method_and_path(tmp_path: Path, path: str) -> None:
    (api,) = read(tmp_path, a=text_of("/users/{id}"), b=text_of(path))
    assert [operation.position.file for operation in api.operations] == [str(tmp_path / "a.apib")]
    (message,) = [each for each in api.messages if each.code == "B604"]
    assert (message.severity, message.position.file) == ("warning", str(tmp_path / "b.apib"))
    assert f"(first defined at {tmp_path / 'a.apib'}:7)" in message.message


def test_the_query_decides_between_two_files(tmp_path: Path) -> None:
    (api,) = read(tmp_path, a=text_of("/users{?name}"), b=text_of("/users{?city}"))
    assert len(api.operations) == 2


def test_the_same_full_path_in_two_apis_is_served_once(tmp_path: Path) -> None:
    apis = read(
        tmp_path,
        a=text_of("/v1/a", "https://x.example.com"),
        b=text_of("/a", "https://y.example.com/v1", more="## GET /b\n+ Response 204\n"),
    )
    assert routes(apis) == [["/v1/a"], ["/b"]]


def test_an_api_without_an_operation_of_its_own_is_left_out(tmp_path: Path) -> None:
    apis = read(
        tmp_path, a=text_of("/a", "https://x.example.com"), b=text_of("/a", "https://y.example.com")
    )
    assert routes(apis) == [["/a"]]
    assert "B604" in {message.code for message in apis[0].messages}


PROSE = "# Notes\n\nHow we document our API.\n"
BROKEN = "FORMAT: 1A\n\n# B\n\n## GET /b\n\nNo response.\n"


def test_prose_is_skipped_unless_it_is_named(tmp_path: Path) -> None:
    (api,) = read(tmp_path, named=False, a=text_of("/a"), b=PROSE)
    assert api.messages == ()
    (api,) = read(tmp_path, named=True, a=text_of("/a"), b=PROSE)
    (message,) = api.messages
    assert (message.code, message.severity) == ("B101", "error")
    assert message.position.file == str(tmp_path / "b.apib")


def test_only_prose_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidFiles, match="no file has an operation; expected a heading"):
        read(tmp_path, named=False, a=PROSE, b=PROSE)


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.apib").write_text(text_of("/a"))
    names = [BlueprintFile(tmp_path / name, named=True) for name in ("a.apib", "none.apib")]
    with pytest.raises(InvalidFiles, match=r"none.apib:1:1: the file cannot be read"):
        read_apis(names)


def test_a_file_of_another_format_in_a_folder_is_reported(tmp_path: Path) -> None:
    (api,) = read(tmp_path, named=False, a=text_of("/a"), b='{"openapi": "3.1.0"}')
    (message,) = api.messages
    assert "this is an OpenAPI 3.1.0 document" in message.message


def test_a_file_that_another_file_includes_is_no_file_of_its_own(tmp_path: Path) -> None:
    (api,) = read(tmp_path, named=False, a="# A\n\n<!-- include(b.apib) -->\n", b=text_of("/b"))
    assert (len(api.operations), api.messages) == (1, ())


CYCLES: dict[str, dict[str, str]] = {
    "a file that includes itself": {"a": "a"},
    "two files": {"a": "b", "b": "a"},
    "three files": {"a": "b", "b": "c", "c": "a"},
    "a cycle that another file includes": {"a": "b", "b": "a", "z": "a"},
}


@pytest.mark.parametrize("names", CYCLES.values(), ids=CYCLES)
def test_files_that_include_each_other_are_served(tmp_path: Path, names: dict[str, str]) -> None:
    texts = {}
    for name, target in names.items():
        texts[name] = text_of(f"/{name}", more=f"\n<!-- include({target}.apib) -->\n")
    apis = read(tmp_path, named=False, **texts)
    served = {operation.uri_template for api in apis for operation in api.operations}
    assert served == {f"/{name}" for name in names}


def test_an_id_of_an_api_is_a_name_of_a_folder() -> None:
    assert api_id("Push Notifications v2.1") == "push_notifications_v2_1"
    assert api_id("日本") == ""
    assert len(api_id("a" * 300)) <= 64


def test_two_apis_from_files_of_the_same_name_have_different_ids(tmp_path: Path) -> None:
    files = []
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "api.apib"
        path.write_text(text_of(f"/{folder}", f"https://{folder}.example.com"))
        files.append(BlueprintFile(path, named=True))
    assert [api.id for api in read_apis(files)] == ["api", "api_2"]
