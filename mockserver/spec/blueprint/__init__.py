"""Read an API Blueprint into the API description.

    text --markdown--> blocks --sections--> sections
    sections --document, actions, payloads, parameters--> Api
    attributes --mson_line, mson_nested, mson_types, mson_references--> DataType

All messages about a blueprint are reported together, with their lines and columns. An error refuses
one operation, never the file.

Source: API Blueprint 1A and MSON.
"""

import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from mockserver.errors import FileMessage, InvalidFiles, Position
from mockserver.formats import line_breaks
from mockserver.formats.files import read_bytes
from mockserver.spec import other_formats
from mockserver.spec.blueprint import includes
from mockserver.spec.blueprint.document import read_api
from mockserver.spec.blueprint.includes import ExpandedText
from mockserver.spec.blueprint.markdown import read_blocks
from mockserver.spec.blueprint.operation_lines import operation_lines
from mockserver.spec.blueprint.sections import read_sections
from mockserver.spec.description import Api
from mockserver.spec.missing_files import missing_file_hint

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


def read_blueprint(path: Path, shown_as: str | None = None) -> Api:
    """Read a blueprint from a file.

    Args:
        path: The file. Its name without `.apib` is the id of the API.
        shown_as: The name of the file in errors. Default: the path.

    Raises:
        InvalidFiles: The file is missing or has another format, or no operation can be served.
    """
    expansion = read_text(path, shown_as)
    name = expansion.file
    try:
        api = parse_blueprint(expansion.text, name, path.stem)
    except InvalidFiles as error:
        # A page without its Markdown has hundreds of errors. This one explains all of them.
        message = other_formats.flattened_page_error(expansion.text)
        if message:
            message += operation_lines(_LINE_BREAK.split(expansion.text))
            raise InvalidFiles([FileMessage(Position(name), message)]) from error
        reader_messages = expansion.relocated_messages(error.errors)
        raise InvalidFiles([*expansion.messages, *reader_messages]) from error
    api = expansion.relocated(api)
    all_messages = sorted({*expansion.messages, *api.messages})
    return replace(
        api,
        sha256=expansion.sha256,
        lines=expansion.lines,
        messages=tuple(all_messages),
        parts=(path,),
        included=tuple(expansion.paths),
    )


def read_text(path: Path, shown_as: str | None = None) -> ExpandedText:
    """Read the text of a blueprint, with the files that it includes.

    Args:
        path: The file.
        shown_as: The name of the file in errors. Default: the path.

    Raises:
        InvalidFiles: The file is missing or has another format.
    """
    name = shown_as or str(path)
    data = _read_data(path, name)
    text, decoding_messages = includes.decode(data, name)
    expansion = includes.expand(text, path, name)
    expansion.messages.extend(decoding_messages)
    if expansion.has_includes:
        data = expansion.text.encode()
    return replace(expansion, sha256=digest(data), lines=_line_count(text))


def _line_count(text: str) -> int:
    lines = _LINE_BREAK.split(text)
    if not lines[-1]:
        lines.pop()
    return len(lines)


def _read_data(path: Path, name: str) -> bytes:
    if path.is_dir():
        message = "this is a folder; expected a blueprint, a text file such as NAME.apib"
        raise InvalidFiles([FileMessage(Position(name), message)])
    try:
        data = read_bytes(path)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}{missing_file_hint(path)}"
        raise InvalidFiles([FileMessage(Position(name), message)]) from error
    format_message = other_formats.foreign_format_error(data)
    if path.suffix in (".yaml", ".yml"):
        format_message = format_message or other_formats.own_yaml_error(data)
    if format_message:
        raise InvalidFiles([FileMessage(Position(name), format_message)])
    return data


def digest(data: bytes) -> str:
    """Return the SHA-256 of a blueprint in hex. It does not depend on the kind of line breaks."""
    return sha256(line_breaks.unix_line_breaks(data)).hexdigest()


def parse_blueprint(text: str, file: str, api_id: str) -> Api:
    """Parse the text of a blueprint.

    Args:
        text: The blueprint.
        file: The name of the file in errors.
        api_id: The id of the API.

    Raises:
        InvalidFiles: No operation can be served. The exception has all messages.
    """
    source, blocks = read_blocks(text, file)
    api = read_api(source, read_sections(source, blocks), api_id)
    reader_messages = tuple(sorted(set(source.messages)))
    if not api.operations:
        raise InvalidFiles(reader_messages)
    return replace(
        api,
        sha256=digest(text.encode("utf-8", "surrogatepass")),
        messages=reader_messages,
        lines=_line_count(text),
    )
