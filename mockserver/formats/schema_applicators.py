"""The keywords of JSON Schema 2020-12 whose values have schemas.

Source: JSON Schema Core 2020-12, sections 10 and 11.
"""

SCHEMAS_BY_NAME = frozenset(("properties", "patternProperties", "dependentSchemas"))
"""Keywords whose value has a schema for each name."""
SCHEMA_LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
"""Keywords whose value is a list of schemas."""
SCHEMAS = frozenset(
    (
        "additionalProperties",
        "items",
        "contains",
        "not",
        "if",
        "then",
        "else",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
    )
)
"""Keywords whose value is a schema."""
