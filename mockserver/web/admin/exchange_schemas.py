"""The schema of an exchange, as `sandbox.journal.JournalEntry.to_json` encodes it."""

from mockserver.formats.json_schema import Schema
from mockserver.web.admin.schemas import (
    ANYTHING,
    INTEGER,
    NUMBER,
    TEXT,
    TEXTS,
    array_of,
    map_of,
    nullable,
    object_of,
)

VIOLATION = object_of(pointer=TEXT, expected=TEXT, actual=TEXT, schema_pointer=TEXT)
TRANSITION = object_of(**{"record": TEXT, "from": TEXT, "to": TEXT})
NEAR_MISS = object_of(
    operation=TEXT, method=TEXT, uri_template=TEXT, distance=NUMBER, differences=TEXTS
)
EXCHANGE: dict[str, Schema] = {
    "id": TEXT,
    "time": NUMBER,
    "sandbox": TEXT,
    "operation": nullable(TEXT),
    "method": TEXT,
    "path": TEXT,
    "query": TEXT,
    "headers": map_of(TEXT),
    "arguments": map_of(ANYTHING),
    "status": INTEGER,
    "fault": nullable(TEXT),
    "reason": TEXT,
    "scenario": nullable(TEXT),
    "transition": nullable(TRANSITION),
    "violations": array_of(VIOLATION),
    "notes": TEXTS,
    "token": nullable(TEXT),
    "duration_ms": NUMBER,
    "request_body": nullable(TEXT),
    "response_body": nullable(TEXT),
}
"""The members of every exchange."""
SOMETIMES = {"near_misses": array_of(NEAR_MISS), "contract": TEXT}
"""The additional members of an unmatched exchange, and of one with a contract of `--contract`."""
