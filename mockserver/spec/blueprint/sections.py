"""Build the tree of sections from blocks of Markdown.

`headings` and `section_kinds` recognize sections; a heading or list item that is not one is text.
`items` builds the sections that start with a list item.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mockserver.errors import Position
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.headings import heading_kinds
from mockserver.spec.blueprint.items import Section, read_items
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.metadata import is_metadata
from mockserver.spec.blueprint.section_kinds import (
    HEADINGS,
    PARENTS_OF_ITEMS,
    KindMatch,
    SectionKind,
)


@dataclass(slots=True)
class _OpenSection:
    """A section whose end has not been reached yet."""

    kind: str
    text: str
    position: Position
    matches: list[KindMatch] = field(default_factory=list)
    """Several if the section stands for several actions."""
    blocks: list[Block] = field(default_factory=list)
    sections: list["_OpenSection"] = field(default_factory=list)


def read_sections(source: Source, blocks: list[Block]) -> Section:
    """Return the blueprint as one section of kind `api`. Messages are added to the source."""
    root = _OpenSection("api", "", Position(source.file))
    path = [root]
    for index, block in enumerate(blocks):
        if block.kind != "heading":
            path[-1].blocks.append(block)
            continue
        kind_matches = heading_kinds(source, blocks, index, {section.kind for section in path})
        if kind_matches:
            _open_section(path, block, kind_matches)
        elif root.text or root.sections or is_metadata(block.text):
            path[-1].blocks.append(block)
        else:
            # API Blueprint 1A, "API name & overview section".
            root.text, root.position = block.text, block.position
    (section,) = _close(source, root)
    return section


def _open_section(path: list[_OpenSection], block: Block, kind_matches: list[KindMatch]) -> None:
    """Start the section of a heading, and close the sections that cannot be its parent."""
    kind = kind_matches[0].kind
    while path[-1].kind not in kind.parents:
        path.pop()
    section = _OpenSection(kind.name, block.text, block.position, kind_matches)
    path[-1].sections.append(section)
    path.append(section)


def _close(source: Source, section: _OpenSection) -> Iterable[Section]:
    """Yield the finished section, once for each of its matches."""
    subsections: list[Section] = []
    for subsection in section.sections:
        subsections += _close(source, subsection)
    content, items = section.blocks, list[Section]()
    if section.kind in PARENTS_OF_ITEMS:
        content, items = read_items(source, section.kind, section.blocks)
    if section.kind == "resource":
        items, subsections = _with_implied_action(source, section, items, subsections)
    closed = Section(
        section.kind,
        section.text,
        section.position,
        None,
        tuple(content),
        (*items, *subsections),
    )
    if not section.matches:
        yield closed
    for kind_match in section.matches:
        yield replace(closed, match=kind_match.match)


def _with_implied_action(
    source: Source, resource: _OpenSection, items: list[Section], subsections: list[Section]
) -> tuple[list[Section], list[Section]]:
    """Return the items and subsections of a resource.

    Requests and responses directly in a resource without actions become an action.
    """
    payloads = [item for item in items if item.kind in ("request", "response")]
    if not payloads:
        return items, subsections
    others = [item for item in items if item not in payloads]
    first = payloads[0]
    if any(section.kind == "action" for section in subsections):
        message = f"`+ {first.text[:60]}` is outside the actions of its resource"
        source.report(
            messages.PAYLOAD_IN_RESOURCE, first.position, f"{message}; expected it in an action"
        )
        return others, subsections
    method = "GET"
    if any(payload.kind == "request" and payload.has_content for payload in payloads):
        method = "POST"
    message = f"the resource {resource.text[:60]!r} has no action for its responses"
    source.report(
        messages.IMPLIED_ACTION, first.position, f"{message}; expected `## {method}` before them"
    )
    match = _BARE_METHOD.pattern.fullmatch(method)
    action = Section("action", method, resource.position, match, (), tuple(payloads))
    return others, [*subsections, action]


def _bare_method() -> SectionKind:
    return next(kind for kind in HEADINGS if kind.syntax == "## METHOD")


_BARE_METHOD = _bare_method()
