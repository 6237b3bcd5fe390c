"""The layers of the records of one collection. `LAYERS` has them in their order.

1. shipped: the record of the fixtures;
2. changes: records that operations and testers changed;
3. overrides: fields that active scenarios set, in order of activation;
4. overlay: records that were changed while overrides were active;
5. preferred overrides: fields that the scenario sets that one request prefers;
6. clock: the state and counts of a record that advances with time.
"""

from collections.abc import Callable, Iterable

from mockserver.contract.record_types import Record, RecordKey, Records
from mockserver.contract.shipped_records import ShippedRecords
from mockserver.sandbox.record_timeline import LayeredRecord, RecordTimeline

_NO_RECORD = LayeredRecord(None)


class RecordLayers:
    """Computes single records of one collection. Immutable."""

    def __init__(
        self,
        collection: str,
        shipped: ShippedRecords,
        changes: Records,
        overlay: Records,
        timeline: RecordTimeline,
    ) -> None:
        """Take the data of the layers.

        Args:
            collection: `API/COLLECTION`.
            shipped: the shipped records.
            changes: the changed records of all collections; `None` for a deleted one.
            overlay: the records of all collections that were changed while overrides were active;
                `None` for a deleted one.
            timeline: the overrides and the clock.
        """
        self._collection = collection
        self._shipped = shipped
        self._changes = changes
        self._overlay = overlay
        self._timeline = timeline
        # Most servers have no overrides and no progression.
        self._has_first_two_only = timeline.changes_nothing and not overlay

    def record(self, key: str) -> Record | None:
        """Return a record with all layers; `None` if it does not exist."""
        if self._has_first_two_only:
            return self.without_overrides(key)
        return _apply(LAYERS, self, key, _NO_RECORD).record

    def without_overrides(self, key: str) -> Record | None:
        """Return a record with the first two layers only; `None` if it does not exist."""
        name = (self._collection, key)
        if name in self._changes:
            return self._changes[name]
        return self._shipped.get(key)

    def has_overridden_state(self, key: str) -> bool:
        """Return whether an active scenario overrides the state of a record."""
        below = LayeredRecord(self.without_overrides(key))
        return _apply(_OVERRIDING_LAYERS, self, key, below).has_overridden_state

    def exists(self, key: str) -> bool:
        """Return whether a record exists. Only the stored layers create and delete records."""
        name = (self._collection, key)
        if name in self._overlay:
            return self._overlay[name] is not None
        if name in self._changes:
            return self._changes[name] is not None
        return key in self._shipped

    def progress(
        self, keys: Iterable[str]
    ) -> tuple[dict[RecordKey, Record], dict[RecordKey, Record]]:
        """Return the records that the clock has advanced: without overrides, and in the overlay.

        Merged into the changes and the overlay, they result in the records of this moment.
        """
        changes: dict[RecordKey, Record] = {}
        overlay: dict[RecordKey, Record] = {}
        for key in keys:
            name = (self._collection, key)
            below = LayeredRecord(self.without_overrides(key))
            advanced = self._timeline.advanced(below)
            if advanced.record is not None and advanced.record is not below.record:
                changes[name] = advanced.record
            above = _apply(_OVERRIDING_LAYERS, self, key, below)
            if not above.overridden_at and name not in self._overlay:
                continue
            advanced = self._timeline.advanced(above)
            is_changed = advanced.record is not above.record or name in changes
            if advanced.record is not None and is_changed:
                overlay[name] = advanced.record
        return changes, overlay

    def shipped_layer(self, key: str, layered: LayeredRecord) -> LayeredRecord:
        """Start with the record of the fixtures."""
        return LayeredRecord(self._shipped.get(key))

    def changes_layer(self, key: str, layered: LayeredRecord) -> LayeredRecord:
        """Replace the record by the changed one."""
        name = (self._collection, key)
        if name in self._changes:
            return LayeredRecord(self._changes[name])
        return layered

    def overrides_layer(self, key: str, layered: LayeredRecord) -> LayeredRecord:
        """Apply the overrides of the active scenarios."""
        return self._timeline.with_overrides(layered)

    def overlay_layer(self, key: str, layered: LayeredRecord) -> LayeredRecord:
        """Replace the record by the one that was changed while overrides were active."""
        name = (self._collection, key)
        if name in self._overlay:
            return layered._replace(record=self._overlay[name])
        return layered

    def preferred_layer(self, key: str, layered: LayeredRecord) -> LayeredRecord:
        """Apply the overrides of the scenario that one request prefers."""
        return self._timeline.with_preferred_overrides(layered)

    def clock_layer(self, key: str, layered: LayeredRecord) -> LayeredRecord:
        """Advance the record to the current time."""
        return self._timeline.advanced(layered)


_Layer = Callable[[RecordLayers, str, LayeredRecord], LayeredRecord]
_STORED_LAYERS: tuple[_Layer, ...] = (RecordLayers.shipped_layer, RecordLayers.changes_layer)
_OVERRIDING_LAYERS: tuple[_Layer, ...] = (
    RecordLayers.overrides_layer,
    RecordLayers.overlay_layer,
    RecordLayers.preferred_layer,
)
LAYERS = (*_STORED_LAYERS, *_OVERRIDING_LAYERS, RecordLayers.clock_layer)


def _apply(
    layers: tuple[_Layer, ...], data: RecordLayers, key: str, layered: LayeredRecord
) -> LayeredRecord:
    """Return a record with some more layers applied."""
    for layer in layers:
        layered = layer(data, key, layered)
    return layered
