"""Match the variables of a URI template with the documented parameters."""

from collections.abc import Mapping
from dataclasses import replace

from mockserver.errors import Position
from mockserver.formats.uri_query import ComposedValue
from mockserver.formats.uri_template import UriTemplate
from mockserver.spec.description import Parameter


def template_parameters(
    template: UriTemplate,
    documented: Mapping[str, Parameter],
    unused: Mapping[str, Parameter],
    position: Position,
) -> tuple[Parameter, ...]:
    """Return the parameters of a template: path variables, then query variables.

    An undocumented variable is a string. It is required in the path, and optional in the query.

    Args:
        template: The URI template.
        documented: The documented parameters by name.
        unused: The documented parameters that are in no URI template. They are optional variables
            of the query, because a template does not forbid other variables.
        position: The position of undocumented parameters.
    """
    parameters = [_path_parameter(template, documented, name, position) for name in template.path]
    for name in template.query:
        parameters.append(_query_parameter(template, documented, name, position))
    for name, value in dict(template.fixed).items():
        if name in documented and name not in template.query:
            parameters.append(_fixed_parameter(documented[name], value))
    names = {parameter.name for parameter in parameters}
    for name, parameter in unused.items():
        if name not in names:
            parameters.append(replace(parameter, required=False))
    return tuple(parameters)


def _path_parameter(
    template: UriTemplate, documented: Mapping[str, Parameter], name: str, position: Position
) -> Parameter:
    parameter = documented.get(name) or _undocumented(name, position)
    if name in template.rests and parameter.type == "array":
        # Its items are segments, so a comma does not separate them.
        parameter = replace(parameter, type="string")
    # A path without one of its segments is another path.
    return replace(parameter, location="path", required=True)


def _query_parameter(
    template: UriTemplate, documented: Mapping[str, Parameter], name: str, position: Position
) -> Parameter:
    for value in template.composed:
        if value.name == name:
            return _composed(value, documented, position)
    parameter = documented.get(dict(template.renamed).get(name, name))
    if parameter:
        return replace(parameter, name=name)
    parameter = _undocumented(name, position)
    if name in template.lists:
        return replace(parameter, type="array")
    return parameter


def _fixed_parameter(parameter: Parameter, value: str) -> Parameter:
    """Return the parameter of a literal part of the query, which has one value."""
    return replace(
        parameter,
        type="string",
        required=True,
        example=value,
        default=None,
        values=(value,),
        unfit_example="",
        unfit_default="",
    )


def _composed(
    value: ComposedValue, documented: Mapping[str, Parameter], position: Position
) -> Parameter:
    """Return the parameter of a query variable that contains other variables."""
    parts = [documented.get(name) or _undocumented(name, position) for name in value.variables]
    form = example = value.texts[0]
    has_example = True
    for part, text in zip(parts, value.texts[1:], strict=True):
        form += f"{{{part.name}}}{text}"
        example += f"{part.example}{text}"
        has_example = has_example and part.example is not None
    descriptions = [f"The form is {form}."]
    for part in parts:
        if part.description:
            descriptions.append(f"{part.name}: {part.description}")
    parameter = replace(
        _undocumented(value.name, position),
        required=any(part.required for part in parts),
        description="\n\n".join(descriptions),
    )
    if has_example:
        return replace(parameter, example=example)
    return parameter


def _undocumented(name: str, position: Position) -> Parameter:
    return Parameter(name, "query", "string", False, "", None, None, (), position)
