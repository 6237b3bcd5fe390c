"""Each example of docs/scenarios.md is a story, and it is true."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from helpers.repository import ROOT
from helpers.stories import Story, page_stories

from mockserver.config.settings import Settings
from mockserver.contract.scenarios.definition import SCHEMA
from mockserver.formats import strict_yaml
from mockserver.web.app import create_app

PAGE = "docs/scenarios.md"
SOURCE = (ROOT / PAGE).read_text(encoding="utf-8")
STORIES = [story for story in page_stories(SOURCE) if story.scenario]


@pytest.fixture
def with_scenario(shipped: Path) -> Callable[[str], FlaskClient]:
    """Return a function that serves the shipped API with a scenario that is on."""

    def serve(definition: str) -> FlaskClient:
        folder = shipped / "fixtures/push_notifications/scenarios"
        (folder / "story.yaml").write_text(definition, encoding="utf-8")
        settings = Settings(
            schemas=shipped / "schemas", fixtures=shipped / "fixtures", store="memory:"
        )
        client = create_app(settings).test_client()
        assert client.put("/__admin/scenarios/story", json={}).status_code == 200
        return client

    return serve


def test_every_yaml_block_of_the_page_is_a_story() -> None:
    assert len(STORIES) == SOURCE.count("```yaml\n")


@pytest.mark.parametrize("story", STORIES, ids=[story.title for story in STORIES])
def test_an_example_is_true(with_scenario: Callable[[str], FlaskClient], story: Story) -> None:
    assert story.failures(with_scenario(story.scenario), PAGE) == []


def test_every_key_has_an_example() -> None:
    keys: set[str] = set()
    for story in STORIES:
        keys |= set(strict_yaml.parse_yaml(story.scenario.encode(), PAGE).value)
    # `example` names an example of a blueprint; the shipped one names none.
    assert keys | {"example"} == set(SCHEMA["properties"])
