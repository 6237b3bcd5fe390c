"""The types of records.

They are not in `records`, so that lifecycles and states do not import the reader of the files.
"""

from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]

RecordKey = tuple[str, str]
"""The collection of a record (`push_notifications/exports`) and its key in the collection."""

Records = Mapping[RecordKey, Record | None]
