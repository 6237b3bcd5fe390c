"""The types of records. They are apart from the files of records, so that lifecycles and states import no reader."""

from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]

RecordKey = tuple[str, str]
"""The collection of a record (`push_notifications/exports`) and its key in the collection."""

Records = Mapping[RecordKey, Record | None]
