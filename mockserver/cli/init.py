"""`mockserver init`: the two folders of an API of one's own, made of its blueprint."""

import argparse
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mockserver.config.settings import PREFIX
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract.loader import load_contract
from mockserver.errors import UsageError
from mockserver.formats.files import display_path, read_bytes
from mockserver.generation.scaffold import build
from mockserver.generation.scaffold.build import ScaffoldedApi
from mockserver.web.app import proof_app

_FOLDERS = {"schemas": SCHEMAS, "fixtures": FIXTURES}
"""Option to the shipped folder, which it must not be."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_STRANGE = re.compile(r"[^a-z0-9_-]+")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The blueprint, `--name`, and the two folders, which need not be there yet."""
    parser.add_argument("file", type=Path, metavar="FILE.apib", help="The blueprint; it is copied.")
    parser.add_argument("--name", help="The API's name, that of its folders. Default: the file's.")
    for option in _FOLDERS:
        variable = f"{PREFIX}{option.upper()}"
        text = f"The folder to make the API's folder of {option} in. [{variable}] Default: ./{option}."
        parser.add_argument(
            f"--{option}", type=Path, default=Path(os.environ.get(variable) or option), metavar="FOLDER", help=text
        )


def run(args: argparse.Namespace) -> int:
    """0 when both folders are made. Raises `UsageError` where something is in the way, `FaultsFound` for a wrong blueprint."""
    api = build.read_blueprint(args.file)
    name = args.name or _STRANGE.sub("_", args.file.stem.lower()).strip("_-")
    if not _NAME.fullmatch(name):
        raise UsageError(f"--name: expected letters, digits, _ and -, at most 64, got {name!r}")
    targets = [getattr(args, option) / name for option in _FOLDERS]
    _check(targets)
    text = read_bytes(args.file)
    try:
        with _together(targets) as (schemas, fixtures):
            founded = build.scaffold_api(api, text, schemas, fixtures, proof_app)
        with _undone(targets):
            whole = load_contract(args.schemas, args.fixtures)
    except OSError as error:
        raise UsageError(f"{error.filename or args.schemas}: {error.strerror}; expected folders that can be written") from error
    _report(founded, args, targets)
    for warning in whole.warnings:
        if any(display_path(path) in warning for path in targets):
            print(f"mockserver: warning: {warning}", file=sys.stderr)
    return 0


def _check(targets: Sequence[Path]) -> None:
    """Nothing is overwritten, and nothing goes among what is shipped."""
    for path, (option, shipped) in zip(targets, _FOLDERS.items(), strict=True):
        if path.parent.resolve() == shipped.resolve():
            raise UsageError(f"--{option}: {display_path(path.parent)} is the shipped folder; expected one of your own")
        if path.parent.exists() and not path.parent.is_dir():
            raise UsageError(f"--{option}: expected a folder, got {display_path(path.parent)}")
    if there := [display_path(path) for path in targets if path.exists() or path.is_symlink()]:
        raise UsageError(
            f"{' and '.join(there)} {'are' if len(there) > 1 else 'is'} there already; expected a --name that is new"
        )


@contextmanager
def _together(targets: Sequence[Path]) -> Iterator[list[Path]]:
    """A folder beside each target, to write in; when all is well they take the targets' names, else nothing was there."""
    with ExitStack() as stack:
        for path in targets:
            stack.enter_context(_parent(path.parent))
        made = [Path(stack.enter_context(tempfile.TemporaryDirectory(dir=p.parent, prefix=".init-"))) / p.name for p in targets]
        for path in made:
            path.mkdir()
        yield made
        with _undone(targets):
            for path, target in zip(made, targets, strict=True):
                path.rename(target)


@contextmanager
def _parent(folder: Path) -> Iterator[None]:
    """The folder, made where it is missing, and gone again where nothing came of it."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        for each in missing:
            if not any(each.iterdir()):
                each.rmdir()


@contextmanager
def _undone(targets: Sequence[Path]) -> Iterator[None]:
    """Should anything fail, the targets are gone: they are ours, and were not there."""
    try:
        yield
    except BaseException:
        for path in targets:
            _remove(path)
        raise


def _remove(path: Path) -> None:
    for each in sorted(path.rglob("*"), reverse=True):
        if each.is_dir():
            each.rmdir()
        else:
            each.unlink()
    if path.exists():
        path.rmdir()


def _report(founded: ScaffoldedApi, args: argparse.Namespace, targets: Sequence[Path]) -> None:
    draft, contract = founded.draft, founded.contract
    for path in targets:
        print(f"made {display_path(path)}: {', '.join(sorted({each.name for each in path.iterdir() if each.suffix != '.json'}))}")
    records = sum(map(len, contract.collections.values()))
    plain = len(draft.operations) - len(draft.not_inferred)
    print(f"{plain} of {len(draft.operations)} operations have an effect on {records} records; it serves without a fault")
    for each in draft.not_inferred:
        print(f"not inferred: {each.id} ({each.label}) answers with its example: {' '.join(each.reason.split())}")
    folders = " ".join(f"--{option} {shlex.quote(str(getattr(args, option)))}" for option in _FOLDERS)
    print(f"serve it: mockserver serve {folders}")
