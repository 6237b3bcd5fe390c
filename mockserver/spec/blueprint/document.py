"""Build the API description from sections: data structures, groups and resources.

Source: API Blueprint 1A, "API name & overview section", "Resource group
section", "Resource section" and "Data Structures section".
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mockserver.formats.uri_template import UriTemplate
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.actions import (
    Resource,
    read_action,
)
from mockserver.spec.blueprint.items import Section
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.merging import merged_operations
from mockserver.spec.blueprint.metadata import check_format, read_host, read_metadata
from mockserver.spec.blueprint.mson_line import parse_signature, strip_backticks
from mockserver.spec.blueprint.mson_types import Types
from mockserver.spec.blueprint.operation_ids import with_unique_ids
from mockserver.spec.blueprint.operation_lines import no_operation_text
from mockserver.spec.blueprint.parameters import read_parameters
from mockserver.spec.blueprint.payloads import Payloads
from mockserver.spec.blueprint.uris import check_parameter_names, read_template
from mockserver.spec.description import Api, Operation


def read_api(source: Source, root: Section, api_id: str) -> Api:
    """Return the API description without its hash. Errors are added to the source."""
    title_line = root.position.line if root.text else 0
    metadata, description = read_metadata(source, root.blocks, title_line)
    check_format(source, metadata)
    types = Types(source)
    host = read_host(source, metadata)
    payloads = Payloads(source, types, host)
    _declare_types(source, types, root)
    _declare_models(payloads, root)
    operations = with_unique_ids(merged_operations(source, _operations(payloads, root)))
    if not operations and not source.is_refused:
        source.report(messages.NO_OPERATION, root.position, no_operation_text(source.lines))
    return Api(
        id=api_id,
        name=root.text,
        description=source.text(description),
        host=host,
        operations=operations,
        file=source.file,
        sha256="",
        refused=len(source.refused),
        types=types.kept_types(),
    )


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
        headers=tuple(section.subsections("headers")),
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
