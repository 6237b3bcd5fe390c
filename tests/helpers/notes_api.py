"""A small API with an item of each kind of coverage."""

from pathlib import Path

from mockserver.contract.loader import load_contract
from mockserver.contract.model import Contract

BLUEPRINT = """FORMAT: 1A
HOST: https://notes.example.com

# Notes

## Notes [/notes]

### List Notes [GET /notes{?tag,limit}]
+ Parameters
    + tag: work (enum, optional)
        + Members
            + work
            + home
    + limit: 20 (number, optional)

+ Response 200 (application/json)
    + Attributes
        + notes (array[Note], required)

### Create a Note [POST]
+ Request (application/json)
    + Attributes
        + text: Milk (string, required)
        + tag (Tag, optional)
        + due: 2026-01-01 (string, optional, nullable)

+ Response 201

+ Response 422

## Note [/notes/{note_id}]

### Delete a Note [DELETE]
+ Response 204

# Data Structures

## Note
+ id: 1 (number, required)
+ text: Milk (string, required)
+ done: false (boolean, required)
+ tag (Tag, optional)
+ due: 2026-01-01 (string, required, nullable)

## Tag (enum)
+ work
+ home
"""
EFFECTS = """collections:
  notes: {key: note_id}
operations:
  list-notes: {list: notes, filter: {tag: tag}}
  delete-a-note: {remove: notes}
"""
RECORDS = """- id: 1
  text: Milk
  done: false
  tag: work
  due: null
- id: 2
  text: Bread
  done: true
  due: 2026-01-02
"""
SCENARIO = "title: No notes yet\noperations: [list-notes]\ndata: empty\n"


def write_notes_api(folder: Path, blueprint: str = BLUEPRINT) -> Path:
    """Write the two folders of the API, and return the one of its fixtures."""
    schemas, fixtures = folder / "schemas/notes", folder / "fixtures/notes"
    schemas.mkdir(parents=True)
    (fixtures / "records").mkdir(parents=True)
    (fixtures / "scenarios").mkdir()
    (schemas / "notes.apib").write_text(blueprint)
    (fixtures / "effects.yaml").write_text(EFFECTS)
    (fixtures / "records/notes.yaml").write_text(RECORDS)
    (fixtures / "scenarios/no-notes.yaml").write_text(SCENARIO)
    return fixtures


def load_notes_api(folder: Path) -> Contract:
    """Return the contract of the API in a folder."""
    return load_contract(folder / "schemas", folder / "fixtures")
