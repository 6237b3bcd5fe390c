"""`mockserver init`: create the two folders of an API from its blueprint."""

import argparse
import os
import re
import shlex
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from mockserver.cli.blueprints.arguments import blueprint_files
from mockserver.cli.message_formats import print_messages
from mockserver.cli.proof import prove_contract
from mockserver.config.settings import PREFIX
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract.loader import load_contract
from mockserver.errors import UsageError
from mockserver.formats.files import RESERVED_NAMES, display_path, read_bytes
from mockserver.generation.scaffold import build
from mockserver.generation.scaffold.build import ScaffoldedApi
from mockserver.spec import blueprint
from mockserver.spec.blueprint_files import read_apis
from mockserver.spec.description import Api

_FOLDERS = {"schemas": SCHEMAS, "fixtures": FIXTURES}
"""Option to the shipped folder, in which nothing is created."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9_-]+")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the blueprints, `--name` and the two folders, which need not exist."""
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="Blueprint, folder of blueprints or pattern; the files are copied.",
    )
    parser.add_argument(
        "--name", help="Name of the API and of its folders. Default: the file name."
    )
    for option in _FOLDERS:
        variable = f"{PREFIX}{option.upper()}"
        text = f"Folder to create the API's {option} folder in. [{variable}] Default: ./{option}."
        parser.add_argument(
            f"--{option}",
            type=Path,
            default=Path(os.environ.get(variable) or option),
            metavar="FOLDER",
            help=text,
        )


def run(args: argparse.Namespace) -> int:
    """Create both folders and return 0.

    Raises:
        UsageError: A folder exists, or is not writable.
        InvalidFiles: The blueprint is invalid.
    """
    api = _read(args.files)
    name = args.name or _NOT_IN_NAMES.sub("_", api.parts[0].stem.lower()).strip("_-")
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"--name: invalid API name {name!r}; expected at most 64 letters, digits, _ and -"
        )
    if name.lower() in RESERVED_NAMES:
        raise UsageError(f"--name: {name!r} is a device on Windows; choose another name")
    targets = [getattr(args, option) / name for option in _FOLDERS]
    _check(targets)
    api = replace(api, id=name)
    copies = _copies(api)
    try:
        with _new_folders(targets) as (schemas, fixtures):
            for file_name, text in copies.items():
                (schemas / file_name).write_bytes(text)
            scaffolded = build.scaffold_api(api, schemas, fixtures, prove_contract)
        with _removed_on_error(targets):
            contract = load_contract(args.schemas, args.fixtures)
    except OSError as error:
        raise UsageError(
            f"{error.filename or args.schemas}: {error.strerror}; expected writable folders"
        ) from error
    _report(scaffolded, args, targets)
    names = tuple(f"{display_path(path)}/" for path in targets)
    messages = [build.failure_message(api, failure) for failure in scaffolded.failures]
    for message in contract.messages:
        if message.position.file.startswith(names):
            messages.append(message)
    print_messages(messages)
    return 0


def _read(arguments: Sequence[str]) -> Api:
    """Return the only API of the files.

    Raises:
        InvalidFiles: A file cannot be read, or no operation can be served.
        UsageError: The files have several HOSTs.
    """
    apis = read_apis(blueprint_files(arguments))
    if len(apis) > 1:
        names = ", ".join(api.file for api in apis)
        raise UsageError(
            f"FILE: the files have {len(apis)} HOSTs ({names}), and each HOST is an API; "
            "run `mockserver init` for each"
        )
    return apis[0]


def _copies(api: Api) -> dict[str, bytes]:
    """Return the names and texts of the copies of an API's files, in their order."""
    copies: dict[str, bytes] = {}
    for number, path in enumerate(api.parts, 1):
        file_name = f"{number:03}-{path.stem}.apib"
        if number == 1:
            file_name = f"{api.id}.apib"
        expansion = blueprint.read_text(path)
        copies[file_name] = read_bytes(path)
        if expansion.has_includes:
            copies[file_name] = expansion.text.encode()
    return copies


def _check(targets: Sequence[Path]) -> None:
    """Raise `UsageError` if a target exists, or is in a shipped folder."""
    for path, (option, shipped) in zip(targets, _FOLDERS.items(), strict=True):
        folder = path.parent
        if folder.resolve() == shipped.resolve():
            message = f"{display_path(folder)} is the shipped folder; expected another folder"
            raise UsageError(f"--{option}: {message}")
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"--{option}: expected a folder, got {display_path(folder)}")
    existing = [display_path(path) for path in targets if path.exists() or path.is_symlink()]
    if existing:
        verb = "exist" if len(existing) > 1 else "exists"
        raise UsageError(f"{' and '.join(existing)} already {verb}; choose another --name")


@contextmanager
def _new_folders(targets: Sequence[Path]) -> Iterator[list[Path]]:
    """Provide a temporary folder for each target.

    On success it is renamed to the target, on an error it is removed.
    """
    with ExitStack() as stack:
        folders: list[Path] = []
        for target in targets:
            stack.enter_context(_parent(target.parent))
            temporary = tempfile.TemporaryDirectory(dir=target.parent, prefix=".init-")
            folder = Path(stack.enter_context(temporary)) / target.name
            folder.mkdir()
            folders.append(folder)
        yield folders
        with _removed_on_error(targets):
            for path, target in zip(folders, targets, strict=True):
                path.rename(target)


@contextmanager
def _parent(folder: Path) -> Iterator[None]:
    """Create the folder if it is missing, and remove it again if it stays empty."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        for path in missing:
            if not any(path.iterdir()):
                path.rmdir()


@contextmanager
def _removed_on_error(targets: Sequence[Path]) -> Iterator[None]:
    """Remove the targets on an error; they did not exist before."""
    try:
        yield
    except BaseException:
        for path in targets:
            _remove(path)
        raise


def _remove(path: Path) -> None:
    for entry in sorted(path.rglob("*"), reverse=True):
        if entry.is_dir():
            entry.rmdir()
        else:
            entry.unlink()
    if path.exists():
        path.rmdir()


def _report(scaffolded: ScaffoldedApi, args: argparse.Namespace, targets: Sequence[Path]) -> None:
    draft, contract = scaffolded.draft, scaffolded.contract
    for path in targets:
        names = sorted(entry.name for entry in path.iterdir() if entry.suffix != ".json")
        print(f"Created {display_path(path)} ({', '.join(names)})")
    record_count = sum(map(len, contract.collections.values()))
    effects = f"{len(draft.inferred)} of {len(draft.operations)} operations"
    print(f"Inferred effects for {effects}; generated {record_count} records.")
    refused = sum(api.refused for api in contract.apis)
    if refused:
        print(f"Operations that are not served: {refused}. Each has an error.")
    for operation in draft.not_inferred:
        reason = " ".join(operation.reason.split())
        print(
            f"No effect inferred for {operation.id} ({operation.label}): {reason}. "
            "It returns its documented example."
        )
    folders = ""
    for option in _FOLDERS:
        folders += f" --{option} {shlex.quote(str(getattr(args, option)))}"
    print(f"Start it with: mockserver serve{folders}")
