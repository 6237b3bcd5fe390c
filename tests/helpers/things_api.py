"""An API of things whose list has pages, filters and a total."""

from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from mockserver.config.settings import Settings
from mockserver.web.app import create_app

RECORD = "+ id: 1 (number, required)\n{0}+ kind: a (required)\n{0}+ on: true (boolean, required)\n"
ITEMS = "+ items (array, required)\n            + (object)\n                " + RECORD.format(
    " " * 16
)
LINKS = "        + links (object, required)\n            + next: `/things?page=2` (required)\n"
TOTAL = "        + total: 9 (number, required)\n"
LIST = "{?page,per_page,kind,on,limit,offset}"


def blueprint(
    answer: str, one: str = "+ thing (object)\n            " + RECORD.format(" " * 12)
) -> str:
    kinds = {
        "page: 1": "number",
        "per_page: 3": "number",
        "limit: 1": "number",
        "offset: 0": "number",
        "on": "boolean",
    }
    parameters = "".join(
        f"    + {name} ({kind}, optional)\n"
        for name, kind in {**kinds, "kind: a": "array[string]"}.items()
    )
    return (
        f"# Things\n\n## All [/things{LIST}]\n\n+ Parameters\n{parameters}\n### All [GET]\n\n"
        f"+ Response 200 (application/json)\n    + Attributes\n        {answer}\n"
        f"## One [/things/{{id}}]\n\n+ Parameters\n    + id: 1 (number)\n\n### One [GET]\n\n"
        f"+ Response 200 (application/json)\n    + Attributes\n        {one}\n"
    )


def things(folder: Path, text: str, all_of: str, one: str = "retrieve: things") -> FlaskClient:
    (folder / "t/records").mkdir(parents=True)
    (folder / "t/t.apib").write_text(text)
    effects = (
        "collections: {things: {key: id}}\n"
        f"operations:\n  all: {{{all_of}}}\n  one: {{{one}}}\n"
    )
    (folder / "t/effects.yaml").write_text(effects)
    records = [
        f"- id: {n}\n  kind: {'abc'[n % 3]}\n  on: {'true' if n % 2 else 'false'}\n"
        for n in range(1, 8)
    ]
    (folder / "t/records/things.yaml").write_text("".join(records))
    return create_app(Settings(schemas=folder, fixtures=folder, store="memory:")).test_client()


def ids(body: Any) -> list[int]:
    return [item["id"] for item in body["items"]]
