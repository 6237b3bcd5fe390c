"""Render a draft as YAML: one operation or member per line, each with a comment that says why."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockserver.formats.yaml_writer import flow, item_lines, member_lines
from mockserver.generation.recipes.timestamps import future_timestamps
from mockserver.generation.scaffold.draft import CollectionDraft, Draft

NOW = "2026-11-02 09:00:00"
"""The earliest date of the fixtures. It is constant, so that the same blueprint generates the same records."""
LATEST = "2100-01-01 00:00:00"
"""Timestamps from here on mean `never`. They do not change the date of the fixtures."""
_WIDTH = 120


def effects_text(draft: Draft) -> str:
    """Return the text of `effects.yaml`, with a comment for each operation without an inferred effect."""
    lines = [
        "# The effect of each operation on the records, as inferred by `mockserver init`. All keys: docs/effects.md."
    ]
    lines += [f"access_token: {flow(draft.access_token)}"] if draft.access_token else []
    lines += [
        "",
        *_section(
            "collections", [(each.name, each.reason, each.rule) for each in draft.collections]
        ),
    ]
    inferred = [
        (each.id, each.reason, each.effect) for each in draft.operations if each.effect is not None
    ]
    lines += ["", *_section("operations", inferred)]
    if draft.not_inferred:
        lines += [
            "",
            "# No effect inferred; each of these operations returns its first documented example:",
        ]
    lines += [
        f"#   {each.id} ({_one_line(each.label)}): {_one_line(each.reason)}"
        for each in draft.not_inferred
    ]
    for collection in draft.collections:
        lines += _sketch(collection)
    return "\n".join(lines) + "\n"


def _section(name: str, entries: Iterable[tuple[str, str, Mapping[str, Any]]]) -> Iterator[str]:
    entries = list(entries)
    yield f"{name}:{'' if entries else ' {}'}"
    for key, reason, value in entries:
        yield f"  # {_one_line(reason)}"
        yield from member_lines(key, dict(value), 2, _WIDTH)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _sketch(collection: CollectionDraft) -> Iterator[str]:
    """Yield a lifecycle as a comment for each member that may hold a state. Its order of states is only a guess."""
    for member, states in collection.states.items():
        yield ""
        yield f"# {flow(member)} of {collection.name} may be the state of a lifecycle. If it is, move these lines to"
        yield "# lifecycles.yaml and add `transition` effects (docs/fixtures.md#lifecyclesyaml):"
        yield f"#   {flow(collection.name)}:"
        yield f"#     state: {flow(member)}"
        yield "#     states:"
        nexts = [*states[1:], None]
        for state, after in zip(states, nexts, strict=True):
            yield f"#       {flow(state)}: {flow({'next': after} if after else {})}"


def recipes_text(draft: Draft) -> str:
    """Return the text of `recipes.yaml`."""
    lines = [
        "# Recipes for the records in records/. To generate them: `mockserver fixtures`. All keys: docs/fixtures.md."
    ]
    lines += [
        f"now: {draft.now}",
        "seed: 1",
        "locale: [en_US]",
        f"collections:{'' if draft.collections else ' {}'}",
    ]
    for each in draft.collections:
        lines += [f"  {flow(each.name)}:", f"    count: {each.count}"]
        lines += ["    # From the blueprint.", "    examples:"] if each.examples else []
        lines += [line for record in each.examples for line in item_lines(record, 6, _WIDTH)]
        lines += [f"    fields:{'' if each.fields else ' {}'}"]
        lines += [
            line
            for name, recipe in each.fields.items()
            for line in member_lines(name, recipe, 6, _WIDTH)
        ]
    return "\n".join(lines) + "\n"


def now_of(collections: Iterable[CollectionDraft]) -> str:
    """Return the date of the fixtures: `NOW`, or the latest documented timestamp if it is later."""
    now = NOW
    for collection in collections:
        for timestamp in future_timestamps(list(collection.examples), NOW):
            text = timestamp.replace("T", " ").removesuffix("Z")
            if now < text < LATEST:
                now = text
    return now
