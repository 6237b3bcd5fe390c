"""Sections -> the API description: metadata, data structures, groups and resources.

Source: API Blueprint 1A, "Metadata section", "Resource group section", "Resource section", "Data Structures section".
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from mockserver.config.sandbox_names import SERVER_PATHS
from mockserver.errors import Position
from mockserver.formats import uri_template
from mockserver.spec.blueprint.actions import Resource, check_used, read_action, read_template
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.mson_line import parse_signature, strip_backticks
from mockserver.spec.blueprint.mson_types import Types
from mockserver.spec.blueprint.operation_ids import with_unique_ids
from mockserver.spec.blueprint.parameters import read_parameters
from mockserver.spec.blueprint.payloads import Payloads
from mockserver.spec.blueprint.sections import Section
from mockserver.spec.description import Api, Operation

_METADATA = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9_-]*)\s*:\s*(?P<value>.*)")


def read_api(source: Source, whole: Section, api_id: str) -> Api:
    """The description of an API, its hash left empty; what is wrong goes to the source's faults."""
    metadata, prose = _metadata(source, whole)
    types = Types(source)
    payloads = Payloads(source, types)
    _declare_types(source, types, whole)
    _declare_models(payloads, whole)
    operations = with_unique_ids(_operations(payloads, whole))
    _check_unique(source, operations)
    if not operations and not source.errors:
        source.add_error(whole.position, "the blueprint has no action; expected a heading such as `## List [GET]` in a resource")
    return Api(api_id, whole.text, source.text(prose), _host(source, metadata), operations, source.file, "")


def _metadata(source: Source, whole: Section) -> tuple[dict[str, tuple[str, Position]], tuple[Block, ...]]:
    """The lines NAME: VALUE at the top, each value with its place; and the text that follows."""
    first = whole.blocks[0] if whole.blocks else None
    lines = first.text.split("\n") if first and first.kind == "paragraph" else []
    found = [_METADATA.fullmatch(line.strip()) for line in lines]
    if first is None or not found or not all(found):
        return {}, whole.blocks
    pairs = {
        match["name"].upper(): (match["value"].strip(), source.position(first.start + number, match["value"]))
        for number, match in enumerate(found)
        if match
    }
    version, at = pairs.get("FORMAT", ("1A", whole.position))
    if not version.upper().startswith("1A"):
        source.add_error(at, f"unsupported format {version[:20]!r}; expected 1A")
    return pairs, whole.blocks[1:]


def _host(source: Source, metadata: dict[str, tuple[str, Position]]) -> str:
    host, at = metadata.get("HOST", ("", Position(source.file)))
    try:
        is_url = not host or (urlsplit(host).scheme in ("http", "https") and bool(urlsplit(host).hostname))
    except ValueError:
        is_url = False
    if not is_url:
        source.add_error(at, f"invalid HOST {host[:60]!r}; expected http://NAME or https://NAME, optionally with a path")
    elif wrong := _shadowed(urlsplit(host).path):
        source.add_error(at, f"{wrong}; expected a HOST with another path")
    return host if is_url else ""


def _shadowed(path: str) -> str:
    """Why an API cannot lie below this path, or nothing."""
    steps = unquote(path).strip("/").split("/")
    if steps[0] in SERVER_PATHS or steps[0].startswith("~"):
        return f"the path /{steps[0]} is reserved for the mock server"
    if any(step in (".", "..") for step in steps):
        return "clients remove . and .. from a path before they send it"
    return ""


def _resources(whole: Section) -> list[Section]:
    return [resource for parent in (whole, *whole.subsections("group")) for resource in parent.subsections("resource")]


def _declare_types(source: Source, types: Types, whole: Section) -> None:
    """Make all named types: what uses them may stand before them. A resource's attributes are a type of its name."""
    for structure in (each for group in whole.subsections("structures") for each in group.subsections("structure")):
        line = parse_signature(source, structure.text, structure.position)
        facets = [
            Block("item", each.position, each.position.line, each.position.line, each.text, 0, each.blocks)
            for each in structure.subsections("facet")
        ]
        types.declare(line.name, line, (*structure.blocks, *facets))
    for resource in _resources(whole):
        for attributes in resource.subsections("attributes"):
            line = replace(
                parse_signature(source, attributes.text, attributes.position), name=strip_backticks(resource.capture("name"))
            )
            types.declare(line.name, line, attributes.blocks)
    types.resolve_all()


def _declare_models(payloads: Payloads, whole: Section) -> None:
    for resource in _resources(whole):
        for model in resource.subsections("model"):
            payloads.declare_model(resource.capture("name"), model)


def _operations(payloads: Payloads, parent: Section, group: str = "") -> Iterator[Operation]:
    for section in parent.sections:
        if section.kind == "group":
            yield from _operations(payloads, section, section.capture("name"))
        elif section.kind == "resource":
            yield from _resource(payloads, section, group)
        elif section.kind == "action" and (operation := read_action(payloads, section, Resource(group))):
            yield operation


def _resource(payloads: Payloads, section: Section, group: str) -> Iterator[Operation]:
    source = payloads.source
    actions = section.subsections("action")
    if not actions and not section.subsections("model", "attributes"):
        source.add_error(
            section.position, f"the resource {section.text[:60]} has no action; expected a heading such as `### List [GET]`"
        )
    template = read_template(payloads, section)
    parameters = read_parameters(source, payloads.types, section.subsections("parameters"))
    name = section.capture("name") or section.capture("uri")
    resource = Resource(group, name, source.text(section.blocks), template, parameters)
    own = [read_template(payloads, action) for action in actions if action.capture("uri")]
    if template:
        check_used(payloads, parameters, [template, *filter(None, own)])
    yield from filter(None, (read_action(payloads, action, resource) for action in actions))


def _check_unique(source: Source, operations: tuple[Operation, ...]) -> None:
    places: dict[object, Operation] = {}
    for operation in operations:
        template = uri_template.parse_template(operation.uri_template)
        key = (operation.method, template.display_text, frozenset(template.query), frozenset(template.fixed))
        first = places.setdefault(key, operation)
        if first is not operation:
            message = f"duplicate action {operation.method} {template.display_text} (first defined on line {first.position.line})"
            source.add_error(operation.position, f"{message}; expected another method, path or query")
