"""The keywords of JSON Schema 2020-12, by the part that they have in a comparison.

Source: JSON Schema Core and Validation 2020-12.
"""

KINDS = ("null", "boolean", "number", "string", "array", "object")
"""The kinds of JSON values. An integer is a number."""
KIND_OF_TYPE = {"integer": "number", **{kind: kind for kind in KINDS}}
"""The kind of value for each `type`."""

TEXTS = frozenset(
    (
        "title",
        "description",
        "$comment",
        "deprecated",
        "readOnly",
        "writeOnly",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
    )
)
"""Annotations for people and for programs that are not validators."""
EXAMPLES = frozenset(("examples", "example", "default"))
"""Annotations that have example values."""

IGNORED = frozenset(
    (
        "$schema",
        "$id",
        "$anchor",
        "$dynamicAnchor",
        "$vocabulary",
        "$defs",
        "definitions",
        "then",
        "else",
        "minContains",
        "maxContains",
    )
)
"""Keywords that have no effect, or only together with another one, which is in `OPAQUE`."""
STRUCTURE = frozenset(
    (
        "$ref",
        "allOf",
        "anyOf",
        "oneOf",
        "type",
        "enum",
        "const",
        "required",
        "properties",
        "patternProperties",
        "additionalProperties",
        "prefixItems",
        "items",
    )
)
"""Keywords that the comparison follows."""
LIMITS = frozenset(
    (
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "minimum",
        "exclusiveMinimum",
        "maximum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
    )
)
"""Keywords that limit one kind, as `schema_limits.LIMITS` describes."""

OPAQUE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "not": (KINDS, ("not",)),
    "if": (KINDS, ("if", "then", "else")),
    "$dynamicRef": (KINDS, ("$dynamicRef",)),
    "contains": (("array",), ("contains", "minContains", "maxContains")),
    "dependentRequired": (("object",), ("dependentRequired",)),
    "dependentSchemas": (("object",), ("dependentSchemas",)),
    "propertyNames": (("object",), ("propertyNames",)),
}
"""Keywords that are equal or undecided: the kinds that they restrict, and all their keywords."""
UNEVALUATED = {"unevaluatedProperties": "object", "unevaluatedItems": "array"}
"""Keywords that depend on all other keywords of their schema, and the kind that they restrict."""

SETS = frozenset(("required", "enum", "type"))
"""Keywords whose value is a list in any order."""


def is_annotation(keyword: str) -> bool:
    """Return whether a keyword never affects the valid values."""
    return keyword in TEXTS or keyword in EXAMPLES or keyword.startswith("x-")


def is_unknown(keyword: str) -> bool:
    """Return whether JSON Schema does not define a keyword, so that its author may mean a rule."""
    return keyword not in _KNOWN and not is_annotation(keyword)


_KNOWN = frozenset((*IGNORED, *STRUCTURE, *LIMITS, *OPAQUE, *UNEVALUATED))
