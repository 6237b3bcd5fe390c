"""Compare OLD with NEW: all changes, by operation."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from mockserver.errors import Position
from mockserver.spec.description import Operation
from mockserver.verification.diff.changes import (
    Change,
    Options,
    Subject,
    change_of,
    subject_of,
)
from mockserver.verification.diff.findings import Finding
from mockserver.verification.diff.matching import (
    ApiPair,
    OperationPair,
    api_pairs,
    operation_matches,
)
from mockserver.verification.diff.operations import operation_findings
from mockserver.verification.diff.own_files import OwnFiles
from mockserver.verification.diff.refusals import refusal_of
from mockserver.verification.diff.sides import DescribedApi, Side

_SubjectFinding = tuple[Subject, Finding]


def compare(old: Side, new: Side, options: Options, own_files: OwnFiles) -> tuple[Change, ...]:
    """Return all changes from OLD to NEW, in the order of NEW, without repetition."""
    changes: dict[object, Change] = {}
    for pair in api_pairs(old.apis, new.apis):
        for subject, finding in _api_findings(pair):
            shown = _with_names(finding, old.shown, new.shown)
            files = own_files.files_of(subject, finding)
            change = change_of(subject, shown, options, files)
            key = (subject, finding.rule, finding.where, finding.old, finding.new)
            changes.setdefault(key, change)
    return tuple(changes.values())


def _with_names(
    finding: Finding,
    old_name: Callable[[Position], Position],
    new_name: Callable[[Position], Position],
) -> Finding:
    """Return a finding whose positions have the names of files for people."""
    old_position, new_position = finding.old_position, finding.new_position
    if old_position is not None:
        old_position = old_name(old_position)
    if new_position is not None:
        new_position = new_name(new_position)
    return replace(finding, old_position=old_position, new_position=new_position)


def _api_findings(pair: ApiPair) -> Iterator[_SubjectFinding]:
    if pair.old is not None and pair.new is not None:
        yield from _paired_findings(pair.old, pair.new)
    elif pair.old is not None:
        for operation in pair.old.api.operations:
            yield _removed(pair.old, None, operation)
    elif pair.new is not None:
        for operation in pair.new.api.operations:
            yield _added(None, pair.new, operation)


def _paired_findings(old: DescribedApi, new: DescribedApi) -> Iterator[_SubjectFinding]:
    api = Subject(old.api.id, name=new.api.name or old.api.name)
    for finding in _api_texts(old, new):
        yield api, finding
    matches = operation_matches(old, new)
    for pair in matches.pairs:
        subject = subject_of(old.api.id, pair.old, pair.new)
        for finding in operation_findings(pair):
            yield subject, _with_positions(_unless_refused(finding, pair), pair)
    for operation in matches.removed:
        yield _removed(old, new, operation)
    for operation in matches.added:
        yield _added(old, new, operation)


def _api_texts(old: DescribedApi, new: DescribedApi) -> Iterator[Finding]:
    """Yield the changes of an API without its operations."""
    positions = (Position(old.api.file), Position(new.api.file))
    paths = (old.api.base_path or "/", new.api.base_path or "/")
    if paths[0] != paths[1]:
        yield Finding("BASE-CHANGED", "", *paths, *positions)
    elif old.api.host != new.api.host:
        yield Finding("TEXT-CHANGED", "HOST", old.api.host, new.api.host, *positions)
    for name in ("name", "description"):
        texts = (getattr(old.api, name), getattr(new.api, name))
        if texts[0] != texts[1]:
            yield Finding("TEXT-CHANGED", name, *texts, *positions)


def _with_positions(finding: Finding, pair: OperationPair) -> Finding:
    """Return a finding with the positions of the operations where it has none."""
    return replace(
        finding,
        old_position=finding.old_position or pair.old.position,
        new_position=finding.new_position or pair.new.position,
    )


def _unless_refused(finding: Finding, pair: OperationPair) -> Finding:
    """Return an undecided finding for a status that the other side may document but refuses."""
    if finding.rule in ("STATUS-REMOVED", "ERROR-REMOVED"):
        return _unless_refused_in_new(finding, pair.new, pair.new_api)
    if finding.rule == "STATUS-ADDED":
        return _unless_refused_in_old(finding, pair.old, pair.old_api)
    return finding


def _unless_refused_in_new(finding: Finding, operation: Operation, new: DescribedApi) -> Finding:
    position = refusal_of(operation, new.refused)
    if position is None:
        return finding
    return replace(finding, rule="UNDECIDED", old="served", new="refused", new_position=position)


def _unless_refused_in_old(finding: Finding, operation: Operation, old: DescribedApi) -> Finding:
    position = refusal_of(operation, old.refused)
    if position is None:
        return finding
    undecided = replace(finding, rule="UNDECIDED", variant="", old_position=position)
    return replace(undecided, old="refused", new="served")


def _removed(old: DescribedApi, new: DescribedApi | None, operation: Operation) -> _SubjectFinding:
    finding = Finding("OP-REMOVED", old_position=operation.position)
    if new is not None:
        finding = _unless_refused_in_new(finding, operation, new)
    return subject_of(old.api.id, operation, None), finding


def _added(old: DescribedApi | None, new: DescribedApi, operation: Operation) -> _SubjectFinding:
    finding = Finding("OP-ADDED", new_position=operation.position)
    if old is not None:
        finding = _unless_refused_in_old(finding, operation, old)
    return subject_of(new.api.id, None, operation), finding
