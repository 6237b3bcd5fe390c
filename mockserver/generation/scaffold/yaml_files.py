"""Render a draft as YAML.

Each operation and collection has an entry, with a comment that gives the reason.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from mockserver.formats.yaml_writer import flow, item_lines, member_lines
from mockserver.generation.recipes.timestamps import future_timestamps
from mockserver.generation.scaffold.draft import CollectionDraft, Draft, OperationDraft

NOW = "2026-11-02 09:00:00"
"""The earliest date of the fixtures. It is constant, so that records are reproducible."""
LATEST = "2100-01-01 00:00:00"
"""Timestamps from here on mean `never`. They do not change the date of the fixtures."""
_WIDTH = 120


@dataclass(slots=True)
class YamlFile:
    """A YAML file while it is written, with the line where each entry starts."""

    _lines: list[str] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    """Index of the first line of each entry."""
    _names: list[str] = field(default_factory=list)
    """The operation id or collection name of each entry."""

    @property
    def text(self) -> str:
        """The text of the file."""
        return "\n".join(self._lines) + "\n"

    def add(self, *lines: str) -> None:
        """Add lines of YAML; a line may contain line breaks."""
        for line in lines:
            self._lines += line.split("\n")

    def add_section(self, key: str, is_empty: bool) -> None:
        """Add the line that starts a mapping."""
        value = " {}" if is_empty else ""
        self.add(f"{key}:{value}")

    def start_entry(self, name: str) -> None:
        """Start the entry of an operation or collection: it has the lines that are added next."""
        self._starts.append(len(self._lines))
        self._names.append(name)

    def entry_at(self, line: int) -> str:
        """Return the name of the entry that contains a line, counted from 1; empty without one."""
        index = bisect_left(self._starts, line)
        return self._names[index - 1] if index else ""


def effects_file(draft: Draft) -> YamlFile:
    """Return `effects.yaml`, with a comment for each operation without an inferred effect."""
    file = YamlFile()
    file.add(
        "# The effect of each operation on the records, as inferred by `mockserver init`.",
        "# docs/effects.md describes all keys.",
    )
    if draft.access_token:
        file.add(f"access_token: {flow(draft.access_token)}")
    file.add("")
    file.add_section("collections", is_empty=not draft.collections)
    for collection in draft.collections:
        _add_effects_entry(file, collection.name, collection.reason, collection.rule)
    file.add("")
    written = [operation for operation in draft.operations if operation.entry]
    file.add_section("operations", is_empty=not written)
    for operation in written:
        _add_effects_entry(file, operation.id, _reason(operation), operation.entry)
    if draft.not_inferred:
        file.add("", "# No effect inferred. Each of these operations returns its first example:")
    for operation in draft.not_inferred:
        file.add(
            f"#   {operation.id} ({_one_line(operation.label)}): {_one_line(operation.reason)}"
        )
    for collection in draft.collections:
        file.add(*_sketch(collection))
    return file


def _reason(operation: OperationDraft) -> str:
    if operation.effect:
        return operation.reason
    return f"{operation.label}: the blueprint documents a response to an invalid body"


def _add_effects_entry(file: YamlFile, name: str, reason: str, value: Mapping[str, Any]) -> None:
    file.add(f"  # {_one_line(reason)}")
    file.start_entry(name)
    file.add(*member_lines(name, dict(value), 2, _WIDTH))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _sketch(collection: CollectionDraft) -> Iterator[str]:
    """Yield a lifecycle, as a comment, for each member that may be a state.

    The order of the states is only a guess.
    """
    for member, states in collection.states.items():
        yield ""
        yield f"# {flow(member)} of {collection.name} may be the state of a lifecycle."
        yield "# If it is, move these lines to lifecycles.yaml and add `transition` effects"
        yield "# (docs/fixtures.md#lifecyclesyaml):"
        yield f"#   {flow(collection.name)}:"
        yield f"#     state: {flow(member)}"
        yield "#     states:"
        for state, next_state in pairwise(states):
            yield f"#       {flow(state)}: {flow({'next': next_state})}"
        yield f"#       {flow(states[-1])}: {{}}"


def recipes_file(draft: Draft) -> YamlFile:
    """Return `recipes.yaml`."""
    file = YamlFile()
    file.add(
        "# Recipes for the records in records/. To generate them: `mockserver fixtures`.",
        "# docs/fixtures.md describes all keys.",
        f"now: {draft.now}",
        "seed: 1",
        "locale: [en_US]",
    )
    file.add_section("collections", is_empty=not draft.collections)
    for collection in draft.collections:
        file.start_entry(collection.name)
        _add_recipes(file, collection)
    return file


def _add_recipes(file: YamlFile, collection: CollectionDraft) -> None:
    file.add(f"  {flow(collection.name)}:", f"    count: {collection.count}")
    if collection.examples:
        file.add("    # From the blueprint.", "    examples:")
    for record in collection.examples:
        file.add(*item_lines(record, 6, _WIDTH))
    file.add_section("    fields", is_empty=not collection.fields)
    for name, recipe in collection.fields.items():
        file.add(*member_lines(name, recipe, 6, _WIDTH))


def now_of(collections: Iterable[CollectionDraft]) -> str:
    """Return the date of the fixtures: `NOW`, or the latest documented timestamp if it is later."""
    now = NOW
    for collection in collections:
        for timestamp in future_timestamps(list(collection.examples), NOW):
            text = timestamp.replace("T", " ").removesuffix("Z")
            if now < text < LATEST:
                now = text
    return now
