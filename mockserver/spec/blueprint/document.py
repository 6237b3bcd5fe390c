"""Build the API description from sections: metadata, data structures, groups and resources.

Source: API Blueprint 1A, "Metadata section", "API name & overview section", "Resource group
section", "Resource section" and "Data Structures section".
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from mockserver.config.sandbox_names import SERVER_PATHS
from mockserver.errors import Position
from mockserver.formats import uri_template
from mockserver.formats.uri_template import UriTemplate
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.actions import (
    Resource,
    read_action,
)
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.mson_line import parse_signature, strip_backticks
from mockserver.spec.blueprint.mson_types import Types
from mockserver.spec.blueprint.operation_ids import with_unique_ids
from mockserver.spec.blueprint.parameters import read_parameters
from mockserver.spec.blueprint.payloads import Payloads
from mockserver.spec.blueprint.sections import Section
from mockserver.spec.blueprint.uris import check_parameter_names, read_template
from mockserver.spec.description import Api, Operation

Metadata = dict[str, tuple[str, Position]]
"""Upper-case name to value, with the position of the value."""

_METADATA = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9_-]*)\s*:\s*(?P<value>.*)")


def read_api(source: Source, root: Section, api_id: str) -> Api:
    """Return the API description without its hash. Errors are added to the source."""
    metadata, description = _metadata(source, root)
    _check_format(source, metadata)
    types = Types(source)
    host = _host(source, metadata)
    payloads = Payloads(source, types, host)
    _declare_types(source, types, root)
    _declare_models(payloads, root)
    operations = with_unique_ids(_operations(payloads, root))
    _check_unique(source, operations)
    if not operations:
        expected = "expected a heading such as `## List [GET]` in a resource"
        text = f"the blueprint has no action; {expected}"
        source.report(messages.NO_OPERATION, root.position, text)
    return Api(
        id=api_id,
        name=root.text,
        description=source.text(description),
        host=host,
        operations=operations,
        file=source.file,
        sha256="",
    )


def _metadata(source: Source, root: Section) -> tuple[Metadata, tuple[Block, ...]]:
    """Return the metadata at the start of a blueprint, and the blocks after it."""
    if not root.blocks or root.blocks[0].kind != "paragraph":
        return {}, root.blocks
    first = root.blocks[0]
    metadata: Metadata = {}
    for number, line in enumerate(first.text.split("\n"), first.start):
        match = _METADATA.fullmatch(line.strip())
        if match is None:
            return {}, root.blocks
        position = source.position(number, match["value"])
        metadata[match["name"].upper()] = (match["value"].strip(), position)
    return metadata, root.blocks[1:]


def _check_format(source: Source, metadata: Metadata) -> None:
    version, position = metadata.get("FORMAT", ("1A", Position(source.file)))
    if not version.upper().startswith("1A"):
        text = f"unknown format {version[:20]!r}; expected 1A"
        source.report(messages.UNKNOWN_FORMAT, position, text)


def _host(source: Source, metadata: Metadata) -> str:
    """Return the URL in the metadata, or an empty string."""
    host, position = metadata.get("HOST", ("", Position(source.file)))
    if not host:
        return ""
    if not _is_http_url(host):
        expected = "expected http://NAME or https://NAME, optionally with a path"
        text = f"invalid HOST {host[:60]!r}; {expected}"
        source.report(messages.INVALID_HOST, position, text)
        return ""
    conflict = _path_conflict(urlsplit(host).path)
    if conflict:
        text = f"{conflict}; expected a HOST with another path"
        source.report(messages.RESERVED_PATH, position, text)
        return ""
    return host


def _is_http_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in ("http", "https") and bool(url.hostname)
    except ValueError:
        return False


def _path_conflict(path: str) -> str:
    """Return why an API cannot be served below this path, or an empty string."""
    segments = unquote(path).strip("/").split("/")
    if segments[0] in SERVER_PATHS or segments[0].startswith("~"):
        return f"the path /{segments[0]} is reserved for the mock server"
    if any(segment in (".", "..") for segment in segments):
        return "clients remove . and .. from a path before they send it"
    return ""


def _resources(root: Section) -> Iterator[Section]:
    for parent in (root, *root.subsections("group")):
        yield from parent.subsections("resource")


def _declare_types(source: Source, types: Types, root: Section) -> None:
    """Declare and resolve all named types. A type can be used before its declaration.

    The attributes of a resource are a type with the name of the resource (API Blueprint 1A,
    "Attributes section").
    """
    for group in root.subsections("structures"):
        for structure in group.subsections("structure"):
            line = parse_signature(source, structure.text, structure.position)
            facets = map(_facet_item, structure.subsections("facet"))
            types.declare(line.name, line, (*structure.blocks, *facets))
    for resource in _resources(root):
        for attributes in resource.subsections("attributes"):
            line = parse_signature(source, attributes.text, attributes.position)
            line = replace(line, name=strip_backticks(resource.capture("name")))
            types.declare(line.name, line, attributes.blocks)
    types.resolve_all()


def _facet_item(facet: Section) -> Block:
    """Return a heading such as `### Properties` as the list item `+ Properties`."""
    line = facet.position.line
    return Block("item", facet.position, line, line, facet.text, 0, facet.blocks)


def _declare_models(payloads: Payloads, root: Section) -> None:
    for resource in _resources(root):
        for model in resource.subsections("model"):
            payloads.declare_model(resource.capture("name"), model)


def _operations(payloads: Payloads, parent: Section, group: str = "") -> Iterator[Operation]:
    for section in parent.sections:
        if section.kind == "group":
            yield from _operations(payloads, section, section.capture("name"))
        elif section.kind == "resource":
            yield from _resource_operations(payloads, section, group)
        elif section.kind == "action":
            operation = read_action(payloads, section, Resource(group))
            if operation:
                yield operation


def _resource_operations(payloads: Payloads, section: Section, group: str) -> Iterator[Operation]:
    source = payloads.source
    actions = section.subsections("action")
    if not actions and not section.subsections("model", "attributes"):
        message = f"the resource {section.text[:60]!r} has no action"
        expected = "expected a heading such as `### List [GET]`"
        text = f"{message}; {expected}"
        source.report(messages.RESOURCE_WITHOUT_ACTION, section.position, text)
    template = read_template(payloads, section)
    parameters = read_parameters(source, payloads.types, section.subsections("parameters"))
    templates = list(_action_templates(payloads, actions))
    if template:
        templates.insert(0, template)
    resource = Resource(
        group=group,
        name=section.capture("name") or section.capture("uri"),
        description=source.text(section.blocks),
        template=template,
        parameters=parameters,
        unused_parameters=check_parameter_names(payloads, parameters, templates),
    )
    for action in actions:
        operation = read_action(payloads, action, resource)
        if operation:
            yield operation


def _action_templates(payloads: Payloads, actions: Iterable[Section]) -> Iterator[UriTemplate]:
    """Yield the valid URI templates of the actions that have one."""
    for action in actions:
        if action.capture("uri"):
            template = read_template(payloads, action)
            if template:
                yield template


def _check_unique(source: Source, operations: tuple[Operation, ...]) -> None:
    """Add an error for each operation with the method, path and query of another one."""
    first_operations: dict[object, Operation] = {}
    for operation in operations:
        template = uri_template.parse_template(operation.uri_template)
        path = template.display_text
        key = (operation.method, path, frozenset(template.query), frozenset(template.fixed))
        first = first_operations.setdefault(key, operation)
        if first is not operation:
            name = f"{operation.method} {path}"
            message = f"duplicate action {name!r} (first defined on line {first.position.line})"
            expected = "expected another method, path or query"
            text = f"{message}; {expected}"
            source.report(messages.DUPLICATE_ACTION, operation.position, text)
