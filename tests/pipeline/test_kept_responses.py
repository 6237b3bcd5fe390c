"""A cached response is sent only for the operation that it was built for."""

from itertools import permutations
from pathlib import Path

import pytest
from helpers.generated_apis import generate_folders, generated_server, send_request

from mockserver.contract import loader

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ALL = "# A\n\n## T [/t]\n" + "".join(
    f"\n### Do {method} [{method}]\n\n"
    f'+ Response 200 (application/json)\n\n        {{"is": "{method}"}}\n'
    for method in METHODS
)


def test_a_get_and_a_post_of_one_path_have_different_responses() -> None:
    server = generated_server("read_and_create")
    for _ in range(2):
        assert send_request(server, "GET", "/t").body == b'{"a":1}'
        post = send_request(server, "POST", "/t")
        assert (post.status, post.body) == (201, b'{"b":2}')


@pytest.mark.parametrize(("first", "second"), list(permutations(METHODS, 2)))
def test_no_method_gets_the_response_of_another(first: str, second: str) -> None:
    server = generated_server(ALL)
    for method in (first, second, first, second):
        assert send_request(server, method, "/t").body == b'{"is":"%b"}' % method.encode()


@pytest.mark.parametrize("order", [("HEAD", "GET", "POST"), ("POST", "HEAD", "GET")])
def test_a_head_request_never_changes_the_response_of_a_get(order: tuple[str, ...]) -> None:
    server = generated_server("read_and_create")
    statuses = [send_request(server, method, "/t").status for method in order * 2]
    assert statuses == [201 if method == "POST" else 200 for method in order * 2]


def test_cached_responses_are_separate_for_sandboxes_and_queries() -> None:
    server = generated_server("read_and_create")
    for sandbox in ("anna", "bob", "anna"):
        for query in ("", "?x=1", "?x=2"):
            assert send_request(server, "GET", f"/t{query}", x_mock_sandbox=sandbox).status == 200
            assert send_request(server, "POST", f"/t{query}", x_mock_sandbox=sandbox).status == 201


def test_cached_responses_are_separate_for_two_apis(tmp_path: Path) -> None:
    generate_folders(tmp_path, "FORMAT: 1A\nHOST: http://h/one\n\n" + ALL)
    other = ALL.replace("### Do", "### Other").replace('"is": "', '"is": "other ')
    (tmp_path / "second").mkdir()
    generate_folders(tmp_path / "second", "FORMAT: 1A\nHOST: http://h/two\n\n" + other)
    for kind in ("schemas", "fixtures"):
        (tmp_path / "second" / kind / "a").rename(tmp_path / kind / "other")
    (tmp_path / "schemas/other/a.apib").rename(tmp_path / "schemas/other/other.apib")
    server = generated_server("read_and_create")
    server.use(loader.load_contract(tmp_path / "schemas", tmp_path / "fixtures"))
    for _ in range(2):
        for method in METHODS:
            assert send_request(server, method, "/one/t").body == b'{"is":"%b"}' % method.encode()
            assert (
                send_request(server, method, "/two/t").body
                == b'{"is":"other %b"}' % method.encode()
            )


def test_a_reload_discards_cached_responses(tmp_path: Path) -> None:
    server = generated_server("read_and_create")
    assert send_request(server, "GET", "/t").body == b'{"a":1}'
    settings = generate_folders(
        tmp_path,
        "# A\n\n## T [/t]\n\n### Show [GET]\n\n+ Response 200 (text/plain)\n\n        new\n",
    )
    server.use(loader.load_contract(settings.schemas, settings.fixtures))
    assert send_request(server, "GET", "/t").body == b"new"
