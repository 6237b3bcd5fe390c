"""Run the stories of this folder, each with its own server. README.md has the notation."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.front_client import FrontClient, front_client
from helpers.http_front import running_front
from helpers.shipped_api import load_from_files, shipped_contract
from helpers.stories import Story, page_stories, read_step

from mockserver.config.settings import Settings
from mockserver.contract.model import Contract

FOLDER = Path(__file__).parent


def all_stories() -> Iterator[tuple[str, Story]]:
    """Yield each story with its page."""
    for page in sorted(FOLDER.glob("*.md")):
        for story in page_stories(page.read_text(encoding="utf-8")):
            yield page.name, story


def story_contract(story: Story, shipped: Path) -> Contract:
    """Return the shipped contract, with the story's scenario."""
    if not story.scenario:
        return shipped_contract()
    folder = shipped / "fixtures/push_notifications/scenarios"
    (folder / "story.yaml").write_text(story.scenario, encoding="utf-8")
    return load_from_files(shipped / "schemas", shipped / "fixtures")


@pytest.fixture
def client(request: pytest.FixtureRequest, shipped: Path) -> Iterator[FrontClient]:
    """Return a client of a new server that has the story's scenario on."""
    story: Story = request.param
    settings = Settings(store="memory:")
    with running_front(settings, story_contract(story, shipped)) as front:
        client = front_client(front)
        if story.scenario:
            assert client.put("/__admin/scenarios/story", json={}).status_code == 200
        yield client


@pytest.mark.parametrize(
    ("page", "story", "client"),
    [(page, story, story) for page, story in all_stories()],
    ids=[f"{page}: {story.title}" for page, story in all_stories()],
    indirect=["client"],
)
def test_a_story_is_true(page: str, story: Story, client: FrontClient) -> None:
    assert story.failures(client, page) == []


@pytest.mark.parametrize(
    "line",
    [
        'GET exports/100 -> 200 "status":"finished"',
        'GET exports/100 -> 200 not "status":"running"',
        "GET exports/100 -> 200 Content-Type: text/plain",
        "GET exports/100 -> 404",
        'GET exports/100 -> 200\n{"push_notification_export": {}}',
    ],
)
@pytest.mark.parametrize("client", [Story("no scenario", 1)], indirect=True)
def test_an_untrue_step_fails(line: str, client: FrontClient) -> None:
    text, _, body = line.partition("\n")
    step = read_step(text, 1, body)
    assert step.failures(step.send(client)) != []
