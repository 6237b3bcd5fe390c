"""The folder of `--scenarios`: more scenarios, read as strictly as those of the fixtures."""

from pathlib import Path

import pytest
from helpers.repository import ROOT
from helpers.shipped_api import LIST_TRASH, load_from_files

from mockserver.cli.blueprints.sources import BlueprintSource, contract_source
from mockserver.config.settings import Settings
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract.model import Contract
from mockserver.errors import InvalidFiles
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.web.servers.reload import FileWatcher

NAME = "push_notifications"
VALID = f"title: Mine\noperations: [{LIST_TRASH}]\ndata: empty\n"
POLLS = "title: No question\noperations: [view-a-question]\ndata: unicode\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder of scenarios in the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    return tmp_path / "mine"


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def load(folder: Path) -> Contract:
    return load_from_files(SCHEMAS, FIXTURES, folder)


def errors_of(folder: Path, schemas: Path = SCHEMAS, fixtures: Path = FIXTURES) -> list[str]:
    with pytest.raises(InvalidFiles) as caught:
        load_from_files(schemas, fixtures, folder)
    return str(caught.value).splitlines()


@pytest.fixture
def two_apis(shipped: Path) -> Path:
    (shipped / "schemas/polls").mkdir()
    text = (ROOT / "tests/second_api/polls.apib").read_text()
    (shipped / "schemas/polls/polls.apib").write_text(text)
    return shipped


def test_scenarios_of_the_only_api_need_no_folder_of_its_name(folder: Path) -> None:
    write(folder, first=VALID, push_notifications__second=VALID)
    assert {"first", "second", "slow"} <= load(folder).scenarios.keys()


def test_scenarios_of_several_apis_are_in_folders_of_their_names(
    folder: Path, two_apis: Path
) -> None:
    write(folder, push_notifications__first=VALID, polls__second=POLLS)
    scenarios = load_from_files(two_apis / "schemas", two_apis / "fixtures", folder).scenarios
    assert (scenarios["first"].api, scenarios["second"].api) == (NAME, "polls")


def test_a_name_that_exists_is_an_error_with_both_files(folder: Path) -> None:
    write(folder, slow=VALID, mine=VALID, push_notifications__mine=VALID)
    shipped = f"{FIXTURES / NAME}/scenarios/slow.yaml"
    assert errors_of(folder) == [
        f"mine/mine.yaml:1:1: mine/{NAME}/mine.yaml is a scenario 'mine' too; "
        "expected another file name",
        f"mine/slow.yaml:1:1: {shipped} is a scenario 'slow' too; expected another file name",
    ]


def test_the_errors_of_all_files_are_reported_together(folder: Path) -> None:
    write(folder, a=VALID.replace("empty", "none"), b="title: B\n", c="title: C\n\tx: 1\n")
    write(folder, **{f"{LIST_TRASH}-200": VALID})
    starts = list(dict.fromkeys(line.split(": ")[0] for line in errors_of(folder)))
    names = [f"mine/{name}.yaml" for name in ("a", "b", "c", f"{LIST_TRASH}-200")]
    assert starts == [f"{names[0]}:3:7", f"{names[1]}:1:1", f"{names[2]}:2:1", f"{names[3]}:1:1"]


def test_a_file_that_no_api_reads_is_an_error(folder: Path) -> None:
    write(folder, push_notification__a=VALID)
    write(folder, push_notifications__more__c=VALID)
    (folder / "b.yml").write_text(VALID)
    (folder / "D.YAML").write_text(VALID)
    (folder / "README.md").write_text("Our scenarios")
    (folder / ".hidden.yaml").write_text("")
    assert errors_of(folder) == [
        "mine/D.YAML:1:1: a scenario is a file NAME.yaml; rename it to D.yaml",
        "mine/b.yml:1:1: a scenario is a file NAME.yaml; rename it to b.yaml",
        "mine/push_notification/a.yaml:1:1: unknown API 'push_notification'; "
        "expected one of push_notifications; did you mean 'push_notifications'?",
        "mine/push_notifications/more/c.yaml:1:1: the file is in too many folders; move it to "
        "API/c.yaml, expected one of push_notifications for API",
    ]


def test_the_files_of_hidden_folders_are_ignored(folder: Path) -> None:
    (folder / ".vscode").mkdir()
    (folder / ".vscode/settings.json").write_text("{}")
    # As Kubernetes mounts a ConfigMap.
    (folder / "..2026").mkdir()
    (folder / "..2026/mine.yaml").write_text(VALID)
    (folder / "..data").symlink_to("..2026")
    (folder / "mine.yaml").symlink_to("..data/mine.yaml")
    assert "mine" in load(folder).scenarios


def test_with_several_apis_a_file_needs_the_folder_of_its_api(folder: Path, two_apis: Path) -> None:
    write(folder, a=VALID)
    assert errors_of(folder, two_apis / "schemas", two_apis / "fixtures") == [
        "mine/a.yaml:1:1: several APIs are served; move the file to API/a.yaml, "
        "expected one of polls, push_notifications for API"
    ]


def test_a_blueprint_alone_is_served_with_scenarios(folder: Path) -> None:
    write(folder, mine=POLLS)
    blueprint = str(ROOT / "tests/second_api/polls.apib")
    for _ in ("generated", "kept in the cache"):
        source = BlueprintSource([blueprint], folder, use_cache=True)
        assert source.load().scenarios["mine"].title == "No question"
    write(folder, mine=POLLS.replace("data", "date"))
    with pytest.raises(InvalidFiles, match=r"^mine/mine\.yaml:3:1: /date: expected no other"):
        source.load()


@pytest.mark.parametrize("files", [(), (str(SCHEMAS / NAME / f"{NAME}.apib"),)])
def test_a_new_scenario_is_loaded_by_reload(folder: Path, files: tuple[str, ...]) -> None:
    settings = Settings(files=files, scenarios_folder=folder)
    watcher = FileWatcher(contract_source(settings), "mockserver check")
    server = MockServer(watcher.load(), settings, MemoryStore(SandboxState()))
    assert not watcher.poll(server)
    write(folder, mine=VALID)
    assert watcher.poll(server)
    assert "mine" in next(iter(server.contracts)).contract.scenarios
