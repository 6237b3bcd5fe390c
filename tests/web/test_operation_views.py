"""Names of operations never conflict with the views of the server itself."""

import pytest
from flask.testing import FlaskClient
from helpers.admin import SECRET
from helpers.generated_apis import generated_contract

from mockserver.config.settings import Settings
from mockserver.pipeline.factory import make_server
from mockserver.web.api import Api
from mockserver.web.app import flask_app

NAMES = ("Docs", "Home", "OpenAPI", "Docs File", "Panel Page", "Static")
ACTION = """
## {name} [/{number}]

### {name} [GET]

+ Response 200 (text/plain)

        {name}
"""
BLUEPRINT = "FORMAT: 1A\nHOST: https://api.example.com/v1\n\n# A\n"
for number, name in enumerate(NAMES):
    BLUEPRINT += ACTION.format(name=name, number=number)
OWN_PAGES = {"/docs": 200, "/": 200, "/openapi.json": 200, "/docs/start.js": 200, "/__admin/": 200}


@pytest.fixture(params=[True, False], ids=["fast path", "views"])
def client(request: pytest.FixtureRequest) -> FlaskClient:
    """Return a client of a server that has an admin token."""
    settings = Settings(store="memory:", admin_token=SECRET)
    server = make_server(settings, generated_contract(BLUEPRINT))
    server.open()
    return flask_app(Api(server), fast_path=request.param).test_client()


def test_operations_are_served_with_the_names_of_own_views(client: FlaskClient) -> None:
    for number, name in enumerate(NAMES):
        response = client.get(f"/v1/{number}")
        assert (response.status_code, response.text.strip()) == (200, name)


def test_the_own_views_are_served_and_guarded(client: FlaskClient) -> None:
    for path, status in OWN_PAGES.items():
        assert client.get(path).status_code == status, path
    assert client.get("/__admin/requests").status_code == 401
    headers = {"Authorization": f"Bearer {SECRET}"}
    assert client.get("/__admin/requests", headers=headers).status_code == 200
    assert client.get("/", headers={"Host": "evil.test"}).status_code == 403
