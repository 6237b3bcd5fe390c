"""Texts of small blueprints, and the schemas of their attributes."""

import re
from typing import Any

from mockserver.spec import blueprint
from mockserver.spec.description import Api
from mockserver.spec.schemas.samples import TIMESTAMP_START

JSON_RESPONSE = "+ Response 200 (application/json)\n\n        "
"""The text before the body of a response."""


def operation_text(template: str, body: str, method: str = "GET", name: str = "Asked") -> str:
    """Return the blueprint of an operation; each variable of the query is an optional number."""
    variables = re.findall(r"\w+", template.partition("{?")[2])
    parameters = "".join(f"    + {variable}: 1 (number, optional)\n" for variable in variables)
    section = f"+ Parameters\n{parameters}\n" if variables else ""
    return f"### {name} [{method} {template}]\n\n{section}{JSON_RESPONSE}{body}\n\n"


def api_with_attributes(attributes: str, body: str = "", more: str = "") -> Api:
    """Return an API with one operation `get-a`.

    Its response 200 has these attributes and, if it is not empty, this example body.
    """
    text = "# GET /a\n\n+ Response 200 (application/json)\n\n    + Attributes\n"
    for line in attributes.split("\n"):
        text += f"        {line}\n"
    if body:
        text += f"\n    + Body\n\n            {body}\n"
    return blueprint.parse_blueprint(f"{text}\n{more}", "f", "x")


ATTRIBUTE_RULES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "string": ("+ a", "", {"type": "string"}),
    "description": ("+ a - Text", "", {"type": "string", "description": "Text"}),
    "boolean": ("+ a (boolean)", "", {"type": "boolean"}),
    "number without an example": ("+ a (number)", "", {"type": "number"}),
    "number with an integer as example": ("+ a: 1 (number)", "", {"type": "number"}),
    "number with a fraction as example": ("+ a: 1.0 (number)", "", {"type": "number"}),
    "number with an integer in the body": ("+ a (number)", '{"a": 1}', {"type": "number"}),
    "declared integer": ("+ a (integer)", "", {"type": "integer"}),
    "number with a fraction in the body": ("+ a: 1 (number)", '{"a": 1.5}', {"type": "number"}),
    "number whose default is a fraction": (
        "+ a: 1 (number)\n    + Default: 0.5",
        "",
        {"type": "number"},
    ),
    "numbers in an array": (
        "+ a (array[number])",
        '{"a": [1, 2]}',
        {"type": "array", "items": {"type": "number"}},
    ),
    "one fraction in an array": (
        "+ a (array[number])",
        '{"a": [1, 2.5]}',
        {"type": "array", "items": {"type": "number"}},
    ),
    "date-time": ("+ a: `2018-11-07T10:19:48Z`", "", {"type": "string", "format": "date-time"}),
    "date-time with another text in the body": (
        "+ a: `2018-11-07T10:19:48Z`",
        '{"a": "today"}',
        {"type": "string"},
    ),
    "uuid": (
        "+ a: `983d437d-eac6-423b-beb5-40a619be332f`",
        "",
        {"type": "string", "format": "uuid"},
    ),
    "timestamp": (
        "+ a",
        '{"a": "2017-01-01 15:35:00"}',
        {"type": "string", "pattern": TIMESTAMP_START},
    ),
    "timestamp out of range": ("+ a", '{"a": "2017-13-01 15:35:00"}', {"type": "string"}),
    "nullable": ("+ a: 1 (number, nullable)", "", {"type": ["number", "null"]}),
    "null in the body": ("+ a (string)", '{"a": null}', {"type": ["string", "null"]}),
    "enum": ("+ a (enum)\n    + b\n    + c", "", {"type": "string", "enum": ["b", "c"]}),
    "enum of integers": (
        "+ a (enum[number])\n    + 1\n    + 2",
        "",
        {"type": "integer", "enum": [1, 2]},
    ),
    "nullable enum": (
        "+ a (enum, nullable)\n    + b",
        "",
        {"type": ["string", "null"], "enum": ["b", None]},
    ),
    "fixed": ("+ a: b (fixed)", "", {"type": "string", "enum": ["b"]}),
    "nullable fixed": (
        "+ a: b (fixed, nullable)",
        "",
        {"type": ["string", "null"], "enum": ["b", None]},
    ),
    "fixed enum": ("+ a: b (enum, fixed)\n    + b\n    + c", "", {"type": "string", "enum": ["b"]}),
    "array of anything": ("+ a (array)", "", {"type": "array"}),
    "array of two types": (
        "+ a (array[string, boolean])",
        "",
        {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "boolean"}]}},
    ),
    "object": (
        "+ a\n    + b (required)\n    + c (optional)\n    + d",
        "",
        {
            "type": "object",
            "properties": {
                "b": {"type": "string"},
                "c": {"type": "string"},
                "d": {"type": "string"},
            },
            "required": ["b"],
            "additionalProperties": False,
        },
    ),
    "open object": (
        "+ a (object)\n    + *any*",
        "",
        {"type": "object", "properties": {}, "additionalProperties": {"type": "string"}},
    ),
}
"""Attributes, an example body, and the schema of the member `a`."""
