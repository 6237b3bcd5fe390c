"""`mockserver check`: run the checks of `serve`, `schemas` and `fixtures`.

It then sends each documented request to the server.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mockserver.cli import schemas
from mockserver.cli.blueprints.arguments import blueprint_files
from mockserver.cli.blueprints.sources import contract_source
from mockserver.cli.message_formats import DOCUMENTS, FORMATS, print_messages
from mockserver.cli.options import add_settings, settings_of
from mockserver.cli.parser import CommandParser
from mockserver.cli.proof import prove_contract
from mockserver.config.named_contracts import MAIN_CONTRACT
from mockserver.config.settings import Settings
from mockserver.contract import loader
from mockserver.contract.api_loader import blueprint_messages
from mockserver.contract.model import Contract
from mockserver.errors import FileMessage, InvalidFiles
from mockserver.formats.files import display_path, paths_in_folders
from mockserver.generation import recipes
from mockserver.pipeline.factory import make_server
from mockserver.spec import blueprint
from mockserver.spec.blueprint.messages import ROUTE_IN_TWO_FILES
from mockserver.spec.blueprint_files import files_to_read, is_reported, merged_apis, no_operation
from mockserver.spec.description import Api


@dataclass(slots=True)
class _Report:
    """The result of a check."""

    messages: list[FileMessage] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)
    """What was read, and how much of it is served."""


def add_arguments(parser: CommandParser) -> None:
    """Add the files, the format, `--strict` and the settings that select what is checked."""
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="Check only these blueprints, folders of blueprints or patterns.",
    )
    parser.add_choice(
        "--format",
        names=FORMATS,
        default="text",
        help="Format of the messages. Default: text. A format for programs goes to stdout.",
    )
    parser.add_argument(
        "--strict", action="store_true", help="Make warnings errors, so that they exit with 1."
    )
    add_settings(parser, ["schemas", "fixtures", "scenarios_folder", "scenarios"])


def run(args: argparse.Namespace) -> int:
    """Check, print all messages, and return 1 if one of them is an error, else 0.

    Raises:
        UsageError: A setting is invalid.
    """
    settings = settings_of(args)
    if args.files:
        reports = list(_check_files(args.files, args.strict))
        reports.append(_check_scenarios(settings, reports))
    else:
        reports = [_check_folders(settings, args.strict)]
    messages: set[FileMessage] = set()
    for report in reports:
        messages.update(report.messages)
    _print(reports, sorted(messages), args.format)
    return int(any(message.is_error for message in messages))


def _print(reports: Sequence[_Report], messages: Sequence[FileMessage], format_name: str) -> None:
    """Print messages and summaries. A document for programs is alone on stdout."""
    summary_stream = sys.stdout
    if format_name == "text":
        print_messages(messages)
    else:
        document = DOCUMENTS[format_name](messages)
        if document:
            print(document)
        summary_stream = sys.stderr
    for report in reports:
        for line in report.summary:
            print(line, file=summary_stream)


def _check_files(arguments: Sequence[str], strict: bool) -> Iterator[_Report]:
    """Yield a report for each blueprint, without folders, and one for all of them together."""
    files = blueprint_files(arguments)
    parts: list[Api] = []
    has_report = False
    for file in files_to_read(files):
        name = display_path(file.path)
        try:
            parts.append(blueprint.read_blueprint(file.path, name))
        except InvalidFiles as error:
            if file.named or is_reported(file, error.errors):
                has_report = True
                messages = _with_severity(error.errors, strict)
                yield _Report(messages, [f"{name}: no operation served ({_counts(messages)})"])
        else:
            yield _check_blueprint(parts[-1], strict)
    if len(parts) > 1:
        yield _Report(_with_severity(_repeated_routes(parts), strict))
    if not parts and not has_report:
        yield _Report([no_operation(files)])


def _check_scenarios(settings: Settings, reports: Iterable[_Report]) -> _Report:
    """Check the folder of `--scenarios` against the blueprints, if these have no error."""
    for report in reports:
        if any(message.is_error for message in report.messages):
            return _Report()
    if settings.scenarios_folder:
        try:
            contract_source(settings).load()
        except InvalidFiles as error:
            return _Report(list(error.errors))
    return _Report()


def _check_blueprint(api: Api, strict: bool) -> _Report:
    messages = _with_severity(blueprint_messages(api), strict)
    operations = _operations(len(api.operations), api.refused)
    return _Report(messages, [f"{api.file}: {_verdict(messages)}{operations}; {_counts(messages)}"])


def _repeated_routes(parts: Sequence[Api]) -> Iterator[FileMessage]:
    """Yield a warning for each operation that another file has too."""
    for api in merged_apis(parts):
        for message in api.messages:
            if message.code == ROUTE_IN_TWO_FILES.code:
                yield message


def _check_folders(settings: Settings, strict: bool) -> _Report:
    """Check the APIs of both folders, and prove them if they can be loaded."""
    found = [*_recipe_errors(settings.fixtures), *_schema_messages(settings.schemas)]
    summary = []
    read = f"Read {display_path(settings.schemas)} and {display_path(settings.fixtures)}"
    try:
        contract = loader.load_contract(
            settings.schemas, settings.fixtures, settings.scenarios_folder
        )
    except InvalidFiles as error:
        messages = _with_severity([*found, *error.errors], strict)
        return _Report(messages, [f"{read}: {_counts(messages)}"])
    make_server(replace(settings, contract=MAIN_CONTRACT), contract)
    found += contract.messages
    found += [failure.problem for failure in prove_contract(contract)]
    messages = _with_severity(found, strict)
    if not any(message.is_error for message in messages):
        summary.append(_ok(contract))
    refused = sum(api.refused for api in contract.apis)
    operations = _operations(len(contract.served), refused)
    summary.append(f"{read}: {operations}; {_counts(messages)}")
    return _Report(messages, summary)


def _with_severity(messages: Iterable[FileMessage], strict: bool) -> list[FileMessage]:
    """Return messages without repetition. `strict` makes all of them errors."""
    distinct = sorted(set(messages))
    if strict:
        return [replace(message, severity="error") for message in distinct]
    return distinct


def _ok(contract: Contract) -> str:
    names = ", ".join(api.id for api in contract.apis)
    records = sum(map(len, contract.collections.values()))
    counts = f"{len(contract.served)} operations, {records} records"
    return f"{names}: OK ({counts}, {len(contract.scenarios)} scenarios)"


def _verdict(messages: Sequence[FileMessage]) -> str:
    if any(message.is_error for message in messages):
        return ""
    return "OK, "


def _operations(served: int, refused: int) -> str:
    return f"{_counted(served, 'operation')} served, {refused} refused"


def _counts(messages: Sequence[FileMessage]) -> str:
    errors = sum(message.is_error for message in messages)
    return f"{_counted(errors, 'error')}, {_counted(len(messages) - errors, 'warning')}"


def _counted(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun}s"


def _recipe_errors(fixtures: Path) -> Iterator[FileMessage]:
    for path in paths_in_folders(fixtures, "recipes.yaml"):
        try:
            recipes.read_recipes(path, display_path(path))
        except InvalidFiles as error:
            yield from error.errors


def _schema_messages(folder: Path) -> Iterator[FileMessage]:
    """Yield the messages of `mockserver schemas`."""
    try:
        for api in schemas.read_apis(folder).values():
            yield from api.messages
    except InvalidFiles as error:
        yield from error.errors
