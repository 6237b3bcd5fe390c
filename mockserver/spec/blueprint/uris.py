"""Read the URI templates in headings, and compare them with the documented parameters."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from mockserver.errors import Position
from mockserver.formats.uri_template import Remark, UriTemplate, is_below, parse_template
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.items import Section
from mockserver.spec.blueprint.markdown import Source
from mockserver.spec.blueprint.messages import MessageKind
from mockserver.spec.blueprint.payloads import Payloads
from mockserver.spec.description import Parameter

_REMARKS: dict[str, tuple[MessageKind, str]] = {
    "fragment": (
        messages.URI_FRAGMENT,
        "the URI template has the fragment {!r}; expected a path and a query",
    ),
    "duplicate": (
        messages.DUPLICATE_VARIABLE,
        "the URI template has the variable {!r} more than once; expected each name once",
    ),
    "prefix": (
        messages.PREFIX_VARIABLE,
        "the variable {!r} is the start of a value; expected {{name}}",
    ),
    "ignored text": (
        messages.IGNORED_URI_TEXT,
        "unexpected text {!r} in the query; expected {{?name}} or ?name={{name}}",
    ),
    "braced name": (
        messages.BRACED_NAME,
        "the name {!r} of a part of the query is in braces; expected ?name=value",
    ),
    "character": (
        messages.URI_CHARACTER,
        "the URI template has the character {!r}; expected it percent-encoded",
    ),
}
"""Subject of a remark to the kind and the text of its message."""


def read_template(payloads: Payloads, section: Section) -> UriTemplate | None:
    """Return the URI template in a heading; `None`, with an error, if it is invalid."""
    source = payloads.source
    position = section.capture_position("uri")
    text = _relative(source, section.capture("uri"), payloads.host, position)
    try:
        template = parse_template(text)
    except ValueError as error:
        source.report(messages.INVALID_URI, position, str(error))
        return None
    for remark in template.remarks:
        _report(source, remark, position)
    return template


def _report(source: Source, remark: Remark, position: Position) -> None:
    kind, text = _REMARKS[remark.subject]
    source.report(kind, position, text.format(remark.text[:60]))


def _relative(source: Source, text: str, host: str, position: Position) -> str:
    """Return a URI relative to the base path: without scheme and host, with a slash at its start.

    Args:
        source: The blueprint.
        text: The URI in a heading.
        host: The URL in the metadata `HOST`.
        position: The position of the URI.
    """
    if "://" in text.partition("{")[0].partition("?")[0]:
        return _without_host(source, text, host, position)
    if text.startswith(("/", "{/")):
        return text
    message = f"the URI template {text[:60]!r} has no slash at its start"
    source.report(messages.MISSING_SLASH, position, f"{message}; expected /{text[:60]}")
    return f"/{text}"


def _without_host(source: Source, text: str, host: str, position: Position) -> str:
    """Return the path and query of an absolute URI, without the base path of `HOST`."""
    authority, slash, rest = text.partition("://")[2].partition("/")
    path = slash + rest
    url = urlsplit(host)
    base_path = url.path.rstrip("/")
    plain_path = path.partition("{")[0].partition("?")[0]
    if authority.lower() == url.netloc.lower() and is_below(plain_path, base_path):
        path = path.removeprefix(base_path)
    else:
        message = f"the URI {text[:60]!r} is not below HOST"
        expected = f"expected {host or 'a path'}"
        source.report(messages.OTHER_HOST, position, f"{message}; {expected}")
    if path.startswith(("/", "{/")):
        return path
    return f"/{path}"


def check_parameter_names(
    payloads: Payloads, parameters: Mapping[str, Parameter], templates: list[UriTemplate]
) -> dict[str, Parameter]:
    """Return the parameters that are not a variable of any template, with a warning for each."""
    variables: dict[str, None] = {}
    for template in templates:
        variables |= dict.fromkeys((*template.variables, *dict(template.fixed)))
    expected = " or ".join(variables) or "none, since it has no variable"
    unused: dict[str, Parameter] = {}
    for parameter in parameters.values():
        if parameter.name not in variables:
            message = f"the parameter {parameter.name[:60]!r} is not in the URI template"
            text = f"{message}; expected {expected}"
            payloads.source.report(messages.PARAMETER_NOT_IN_URI, parameter.position, text)
            unused[parameter.name] = parameter
    return unused
