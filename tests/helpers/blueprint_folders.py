"""Folders with blueprints, for commands that need no folders of schemas and fixtures."""

from pathlib import Path

ITEMS = """FORMAT: 1A
HOST: https://shop.example.com/v1

# Shop

## Items [/items]

### List Items [GET]

+ Response 200 (application/json)
    + Attributes (array[Item])

### Add Item [POST]

+ Request (application/json)
    + Attributes
        + name: Pen (string, required)

+ Response 201 (application/json)
    + Attributes (Item)

## Item [/items/{id}]

+ Parameters
    + id: 1 (number, required)

### Get Item [GET]

+ Response 200 (application/json)
    + Attributes (Item)

### Weigh Item [POST /items/{id}/weight]

+ Response 200 (application/json)

        {"grams": 12}

# Data Structures

## Item (object)
+ id: 1 (number, required)
+ name: Pen (string, required)
+ size (Unknown)
"""
"""A shop: `weigh-item` has no effect, and line 43 has a warning."""
USERS = """# Users

## GET /users

+ Response 200 (application/json)

        {"name": "Anna"}
"""


def write_files(folder: Path, **texts: str) -> Path:
    """Write files with these names, and return the folder. `a__b` is the file `a/b.apib`."""
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.apib"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
