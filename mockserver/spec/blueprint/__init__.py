"""The blueprint's text -> the API description.

    text --markdown--> blocks --sections--> sections --document, actions, payloads, parameters--> Api
                                            attributes --mson_line, mson_nested, mson_types--> DataType

Source: API Blueprint 1A and MSON. What is not understood is a fault with its line and column, and all are told at once.
"""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from mockserver.errors import FileError, InvalidFiles, Position
from mockserver.formats import line_breaks
from mockserver.formats.files import read_bytes
from mockserver.spec import other_formats
from mockserver.spec.blueprint.document import read_api
from mockserver.spec.blueprint.markdown import read_blocks
from mockserver.spec.blueprint.sections import read_sections
from mockserver.spec.description import Api


def read_blueprint(path: Path, shown_as: str | None = None) -> Api:
    """Read the blueprint at `path`, whose name without `.apib` is the API's id; faults call the file `shown_as`.

    Raises `FaultsFound` when it is not there, is of another format, is not UTF-8, or is not understood.
    """
    name = shown_as or str(path)
    if path.is_dir():
        raise InvalidFiles([FileError(Position(name), "this is a folder; expected a blueprint, a text file such as NAME.apib")])
    try:
        data = read_bytes(path)
    except OSError as error:
        raise InvalidFiles([FileError(Position(name), f"the file cannot be read: {error.strerror}")]) from error
    if other := other_formats.recognized(data):
        raise InvalidFiles([FileError(Position(name), other)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidFiles([FileError(Position(name, line), "the file is not valid UTF-8; expected UTF-8 text")]) from error
    try:
        api = parse_blueprint(text, name, path.stem)
    except InvalidFiles as error:
        if flattened := other_formats.flattened(text):
            raise InvalidFiles([FileError(Position(name), flattened)]) from error
        raise
    return replace(api, sha256=digest(data))


def digest(data: bytes) -> str:
    """The SHA-256 of a blueprint in hex; the same whether its line breaks are LF or CRLF."""
    return sha256(line_breaks.unix_line_breaks(data)).hexdigest()


def parse_blueprint(text: str, file: str, api_id: str) -> Api:
    """Read a blueprint's text; `file` is its name in faults. Raises `FaultsFound` with everything that is wrong in it."""
    source, blocks = read_blocks(text, file)
    api = read_api(source, read_sections(source, blocks), api_id)
    if source.errors:
        raise InvalidFiles(source.errors)
    warnings = tuple(sorted(set(source.warnings)))
    return replace(api, sha256=digest(text.encode("utf-8", "surrogatepass")), warnings=warnings)
