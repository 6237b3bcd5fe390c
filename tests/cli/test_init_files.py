"""`init` of several files, and of files with includes."""

from pathlib import Path

import pytest
from helpers.blueprint_folders import ITEMS, USERS, write_files
from helpers.processes import run_command, run_process

from mockserver.contract.loader import load_contract

OTHER_ITEMS = "# More\n\n## GET /items\n\n+ Response 200 (application/json)\n\n        []\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path, a__users=USERS, a__items=ITEMS, a__more=OTHER_ITEMS)


def test_several_files_become_one_api_in_their_order(folder: Path) -> None:
    process = run_process(
        "init", "--name", "shop", "a/users.apib", "a/items.apib", "a/more.apib", cwd=folder
    )
    assert (process.returncode, process.stdout.splitlines()[0]) == (
        0,
        "Created schemas/shop (002-items.apib, 003-more.apib, shop.apib)",
    )
    assert "schemas/shop/003-more.apib:3:4: warning: duplicate action" in process.stderr
    contract = load_contract(folder / "schemas", folder / "fixtures")
    assert [served.route for served in contract.served][:2] == ["/v1/users", "/v1/items"]
    assert [api.id for api in contract.apis] == ["shop"]
    folders = (f"--schemas={folder / 'schemas'}", f"--fixtures={folder / 'fixtures'}")
    for arguments in (["check"], ["schemas", "--check"], ["fixtures", "--check"]):
        process = run_command(*arguments, *folders)
        assert process.returncode == 0, process.stderr


def test_the_copy_has_the_included_files(folder: Path) -> None:
    (folder / "main.apib").write_text("# A\n\n<!-- include(a/users.apib) -->\n")
    assert run_process("init", "main.apib", cwd=folder).returncode == 0
    assert (folder / "schemas/main/main.apib").read_text() == f"# A\n\n{USERS}"
    contract = load_contract(folder / "schemas", folder / "fixtures")
    assert ([served.route for served in contract.served], contract.messages) == (["/users"], ())


def test_files_with_several_hosts_are_wrong_usage(folder: Path) -> None:
    write_files(folder, b="HOST: https://b.example.com\n\n" + USERS)
    process = run_process("init", "a/items.apib", "b.apib", cwd=folder)
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr == (
        "mockserver: FILE: the files have 2 HOSTs (a/items.apib, b.apib), and each HOST is an API; "
        "run `mockserver init` for each\n"
    )


def test_a_folder_with_two_hosts_cannot_be_loaded(folder: Path) -> None:
    assert run_process("init", "a/items.apib", cwd=folder).returncode == 0
    (folder / "schemas/items/b.apib").write_text("HOST: https://b.example.com\n\n" + USERS)
    process = run_process("operations", "--schemas", "schemas", cwd=folder)
    assert process.returncode == 1
    assert process.stderr.startswith(
        "schemas/items/b.apib:1:1: the HOST differs from schemas/items/items.apib; "
    )
