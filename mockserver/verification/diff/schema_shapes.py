"""The shape of a node: which kinds of values it accepts, and the alternatives of each kind."""

import itertools
from typing import Any

from mockserver.formats.json_schema import Schema
from mockserver.verification.diff.schema_branch import Branch, Opaque
from mockserver.verification.diff.schema_document import NOTHING, Document, Node, node_key, node_of
from mockserver.verification.diff.schema_keywords import KIND_OF_TYPE, KINDS
from mockserver.verification.diff.schema_simplification import simplified

MAX_BRANCHES = 32
"""Maximum alternatives of one kind. More are compared as text."""

MAX_NESTING = 30
"""Maximum alternatives within alternatives. Deeper ones are compared as text."""

Shape = dict[str, tuple[Branch, ...]]
"""The alternatives of each kind that a node accepts. A node without kinds accepts no value."""


class Shapes:
    """The shapes of the nodes of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._shapes: dict[frozenset[int], Shape] = {}
        self._unchecked: dict[frozenset[int], Shape] = {}
        self._open: set[frozenset[int]] = set()

    def key(self, node: Node) -> frozenset[int]:
        """Return the identity of a node: two nodes with the same key accept the same values."""
        return node_key(self.document.parts(node))

    def shape(self, node: Node) -> Shape:
        """Return the shape of a node."""
        key = self.key(node)
        if key not in self._shapes:
            shape = self._checked(self._shape(node))
            self._shapes[key] = {kind: simplified(shape[kind]) for kind in shape}
        return self._shapes[key]

    def accepts_nothing(self, node: Node) -> bool:
        """Return whether a node provably accepts no value."""
        return node == NOTHING or not self.shape(node)

    def _checked(self, shape: Shape) -> Shape:
        """Return a shape without the objects whose required members accept no value."""
        branches = []
        for branch in shape.get("object", ()):
            members = map(branch.member, branch.required)
            if all(map(self._shape, members)):
                branches.append(branch)
        if branches:
            return {**shape, "object": tuple(branches)}
        return {kind: others for kind, others in shape.items() if kind != "object"}

    def _shape(self, node: Node) -> Shape:
        """Return the shape of a node, which is not empty if only a required member has no value."""
        key = self.key(node)
        if key not in self._unchecked:
            self._open.add(key)
            self._unchecked[key] = self._build(self.document.parts(node))
            self._open.discard(key)
        return self._unchecked[key]

    def _build(self, parts: Node) -> Shape:
        if parts == NOTHING:
            return {}
        shape: Shape = {}
        for kind in _kinds(parts):
            branches = [Branch(self.document, kind, parts)]
            for part in parts:
                for keyword in ("anyOf", "oneOf"):
                    if keyword in part:
                        branches = self._with_alternatives(branches, part, keyword)
            branches = [branch for branch in branches if not branch.is_empty]
            if branches:
                shape[kind] = tuple(branches)
        return shape

    def _with_alternatives(
        self, branches: list[Branch], part: Schema, keyword: str
    ) -> list[Branch]:
        """Return the branches of values that fit one of the alternatives, too."""
        if not branches:
            return []
        groups = self._groups(part[keyword], branches[0].kind)
        text = Opaque(keyword, {keyword: part[keyword]})
        if groups is None or len(branches) * sum(map(len, groups)) > MAX_BRANCHES:
            return [_with_text(branch, text) for branch in branches]
        combined = []
        for branch in branches:
            extended = [self._extended(branch, group) for group in groups]
            is_union = keyword == "anyOf" or self._are_disjoint(extended)
            for alternative in itertools.chain.from_iterable(extended):
                if not is_union:
                    alternative = _with_text(alternative, text)
                combined.append(alternative)
        return combined

    def _groups(self, schemas: list[Any], kind: str) -> list[tuple[Branch, ...]] | None:
        """Return the branches of each alternative; `None` if one contains itself."""
        if len(self._open) > MAX_NESTING:
            return None
        groups = []
        for schema in schemas:
            node: Node = (schema,)
            if self.key(node) in self._open:
                return None
            groups.append(self._shape(node).get(kind, ()))
        return groups

    def _extended(self, branch: Branch, group: tuple[Branch, ...]) -> list[Branch]:
        """Return the values of a branch that fit each branch of a group, if there are any."""
        extended = [_intersection(branch, other) for other in group]
        return [other for other in extended if not self._is_empty(other)]

    def _are_disjoint(self, groups: list[list[Branch]]) -> bool:
        """Return whether no value fits two alternatives, as `oneOf` requires."""
        for first_group, second_group in itertools.combinations(groups, 2):
            for first, second in itertools.product(first_group, second_group):
                if not self._is_empty(_intersection(first, second)):
                    return False
        return True

    def _is_empty(self, branch: Branch) -> bool:
        """Return whether a branch provably has no value."""
        if branch.is_empty:
            return True
        if len(self._open) > MAX_NESTING:
            return False
        for name in branch.required:
            member = branch.member(name)
            if self.key(member) not in self._open and not self._shape(member):
                return True
        return False


def _kinds(parts: Node) -> list[str]:
    """Return the kinds of the values that fit the `type` of all schemas."""
    kinds = list(KINDS)
    for part in parts:
        types = part.get("type", list(KINDS))
        if isinstance(types, str):
            types = [types]
        allowed = {KIND_OF_TYPE[name] for name in types}
        kinds = [kind for kind in kinds if kind in allowed]
    return kinds


def _intersection(first: Branch, second: Branch) -> Branch:
    """Return the values of both branches."""
    parts = node_of((*first.parts, *second.parts))
    alternatives = (*first.alternatives, *second.alternatives)
    return Branch(first.document, first.kind, parts, alternatives)


def _with_text(branch: Branch, text: Opaque) -> Branch:
    """Return the values of a branch that fit a keyword, too, which is compared as text."""
    return Branch(branch.document, branch.kind, branch.parts, (*branch.alternatives, text))
