"""What is wrong in a scenario's file is said with its place."""

from pathlib import Path

import pytest
from conftest import CANCEL

from mockserver import scenarios
from mockserver.contract import Contract
from mockserver.errors import FaultsFound

OPERATIONS = f"title: T\noperations: [{CANCEL}]\n"
WRONG = [
    ("nothing", OPERATIONS, "s/x.yaml:1:1: the scenario changes nothing; expected one of status, cause, data, delay"),
    (
        "unknown operation",
        "title: T\noperations: [nope]\nstatus: 404\n",
        "s/x.yaml:2:14: unknown operation nope; expected one of ",
    ),
    (
        "undocumented status",
        f"{OPERATIONS}status: 418\n",
        f"s/x.yaml:3:9: {CANCEL} documents no status 418; expected one of 200, 404, 400",
    ),
    ("unknown key", f"{OPERATIONS}dely: 2\n", "s/x.yaml:3:1: /dely: expected no other member than "),
    ("wrong type", f"{OPERATIONS}delay: two\n", 's/x.yaml:3:8: /delay: expected number, got string "two"'),
    ("unknown shape", f"{OPERATIONS}data: full\n", 's/x.yaml:3:7: /data: expected "empty", got string "full"'),
    (
        "unknown collection",
        f"{OPERATIONS}cause: {{polls: {{a: 1}}}}\n",
        "s/x.yaml:3:9: unknown collection polls; expected one of exports, trash",
    ),
    ("a tab", "title: T\n\tstatus: 404\n", "s/x.yaml:2:1: not YAML: "),
    (
        "a duplicate key",
        f"{OPERATIONS}status: 404\nstatus: 400\n",
        "s/x.yaml:4:1: duplicate key 'status'; it stands in line 3 already",
    ),
    ("an alias", f"{OPERATIONS}status: *x\n", "s/x.yaml:3:9: an alias (*x); write the value out"),
    ("no title", f"operations: [{CANCEL}]\nstatus: 404\n", 's/x.yaml:1:1: /: expected member "title", got none of that name'),
]


@pytest.mark.parametrize(("text", "fault"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_is_said(tmp_path: Path, contract: Contract, text: str, fault: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(FaultsFound) as caught:
        scenarios.read(tmp_path, "s", contract.apis[0], {"exports": {}, "trash": {}})
    assert str(caught.value).startswith(fault)


def test_the_faults_of_all_files_are_said_at_once(tmp_path: Path, contract: Contract) -> None:
    for name in ("x", "y"):
        (tmp_path / f"{name}.yaml").write_text(OPERATIONS)
    with pytest.raises(FaultsFound) as caught:
        scenarios.read(tmp_path, "s", contract.apis[0], {})
    assert [fault.at.file for fault in caught.value.faults] == ["s/x.yaml", "s/y.yaml"]


def test_a_name_that_the_blueprint_makes_is_taken(tmp_path: Path, contract: Contract) -> None:
    (tmp_path / f"{CANCEL}-400.yaml").write_text(f"{OPERATIONS}delay: 1\n")
    with pytest.raises(FaultsFound, match="is made from the blueprint; expected another file name"):
        scenarios.read(tmp_path, "s", contract.apis[0], {})


def test_the_name_of_a_fault_is_taken(tmp_path: Path, contract: Contract) -> None:
    (tmp_path / "fault-reset.yaml").write_text(f"{OPERATIONS}delay: 1\n")
    with pytest.raises(FaultsFound, match=r"s/fault-reset.yaml:1:1: fault-reset is there by itself; expected another file name"):
        scenarios.read(tmp_path, "s", contract.apis[0], {})


def test_a_fault_has_to_say_that_it_breaks_the_contract(tmp_path: Path, contract: Contract) -> None:
    (tmp_path / "x.yaml").write_text(f"{OPERATIONS}fault: reset\n")
    with pytest.raises(FaultsFound, match="expected `breaks_contract: true` beside it"):
        scenarios.read(tmp_path, "s", contract.apis[0], {})
    (tmp_path / "x.yaml").write_text(f"{OPERATIONS}fault: reset\nbreaks_contract: true\n")
    assert scenarios.read(tmp_path, "s", contract.apis[0], {})["x"].fault == "reset"


def test_where_there_is_no_folder_there_are_no_scenarios(tmp_path: Path, contract: Contract) -> None:
    assert scenarios.read(tmp_path / "nowhere", "s", contract.apis[0], {}) == {}
