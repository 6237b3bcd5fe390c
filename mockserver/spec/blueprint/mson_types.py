"""Attributes -> `DataType`: MSON types with their names resolved, so that each stands alone.

Source: MSON, "Named types" and "Nested member types". A type that holds itself cannot stand alone, and is a fault.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from mockserver.errors import Position
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.mson_line import Signature, TypeName, parse_scalar, parse_signature, split_values, strip_backticks
from mockserver.spec.blueprint.mson_nested import MIXIN, ONE_OF, Nested, inner_items, read_nested
from mockserver.spec.description import DataType, Member, Primitive, Scalar

PRIMITIVES: tuple[Primitive, ...] = ("string", "number", "boolean", "object", "array", "enum")
MAX_DEPTH = 60
MAX_PARTS = 20_000
"""How many types one type may hold when all names are written out: a few lines could ask for millions."""

_IMPLIED: dict[str, Primitive] = {"Items": "array", "Members": "enum", "Values": "enum"}
_SCALARS = ("string", "number", "boolean")


@dataclass(frozen=True, slots=True)
class _Declared:
    line: Signature
    blocks: tuple[Block, ...]


class Types:
    """The named types of a blueprint, and what is made of them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._declared: dict[str, _Declared] = {}
        self._resolved: dict[str, DataType] = {}
        self._extents: dict[str, tuple[int, int]] = {}
        self._making: list[str] = []

    def declare(self, name: str, line: Signature, blocks: tuple[Block, ...]) -> None:
        """Make a type known by its name, before anything is made."""
        first = self._declared.setdefault(name, _Declared(line, blocks))
        if first.line is not line:
            self.source.add_error(
                line.position,
                f"duplicate type {name} (first defined on line {first.line.position.line}); expected each name once",
            )
        elif name in PRIMITIVES:
            self.source.add_error(line.position, f"{name} is a base type of MSON; expected another name")

    def resolve_all(self) -> None:
        """Make every named type, so that what is wrong with one is told even where nobody uses it."""
        for name, declared in self._declared.items():
            self._named(TypeName(name, (), declared.line.position))

    def data_type(self, line: Signature, blocks: Iterable[Block], otherwise: Primitive = "string") -> tuple[DataType, str]:
        """The type of a line of MSON and of what is nested in it; and the description that is nested in it.

        A line that names no type has the type that its nested items imply, or else `otherwise`.
        """
        nested = read_nested(blocks)
        starting = self._starting(line, nested, otherwise)
        if line.value and starting.kind == "object":
            self.source.add_error(
                line.position, f"an object cannot have the value {line.value[:60]!r}; expected its members nested below it"
            )
        elif line.value:
            (nested.defaults if "default" in line.flags else nested.samples).append((line.value, line.position))
        for block in nested.prose:
            if block.is_indented_code or (block.kind == "paragraph" and block.text.startswith("{")):
                self.source.add_error(
                    block.position, "the attributes contain text that looks like a body; expected `+ Body` before it"
                )
        made = _FILL[starting.kind](self, starting, line, nested)
        made = replace(made, nullable=made.nullable or "nullable" in line.flags, fixed=made.fixed or "fixed" in line.flags)
        return self._bounded(made, line.position), self.source.text(nested.prose)

    def _starting(self, line: Signature, nested: Nested, otherwise: Primitive) -> DataType:
        if line.type is None:
            return DataType(_IMPLIED.get(nested.facet, "object") if nested.items else otherwise)
        found = self._named(line.type)
        if nested.facet in ("Members", "Values") and found.kind in _SCALARS:
            return replace(found, kind="enum", items=(found,))
        return found

    def _named(self, wanted: TypeName) -> DataType:
        """The type of this name; one that is declared is made only once."""
        if wanted.arguments and wanted.name not in ("array", "enum"):
            self.source.add_error(
                wanted.position, f"the type {wanted.name[:60]} takes no type in brackets; expected array[TYPE] or enum[TYPE]"
            )
        if wanted.name in PRIMITIVES:
            return DataType(wanted.name, items=tuple(map(self._named, wanted.arguments)))
        if wanted.name in self._resolved:
            return self._resolved[wanted.name]
        if wanted.name in self._making or len(self._making) > MAX_DEPTH:
            way = " > ".join([*self._making[-4:], wanted.name])
            self.source.add_error(
                wanted.position, f"recursive or too deeply nested type: {way}; expected a type that does not contain itself"
            )
            return DataType("object", name=wanted.name)
        return self._make(wanted.name) if wanted.name in self._declared else self._unknown(wanted)

    def _unknown(self, wanted: TypeName) -> DataType:
        near = get_close_matches(wanted.name[:100], [*PRIMITIVES, *self._declared], 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        known = f"{', '.join(PRIMITIVES)} or a data structure"
        self.source.add_error(wanted.position, f"unknown type {wanted.name[:60]!r}; expected {known}{hint}")
        return DataType("string")

    def _make(self, name: str) -> DataType:
        declared = self._declared[name]
        self._making.append(name)
        made, _ = self.data_type(declared.line, declared.blocks, "object")
        self._making.pop()
        self._resolved[name] = replace(made, name=name)
        self._extents[name] = self._extent(made)
        return self._resolved[name]

    def _bounded(self, made: DataType, at: Position) -> DataType:
        parts, depth = self._extent(made)
        if parts <= MAX_PARTS and depth <= MAX_DEPTH:
            return made
        message = f"the type expands to {parts} types, {depth} levels deep"
        self.source.add_error(at, f"{message}; expected at most {MAX_PARTS} types, {MAX_DEPTH} levels deep")
        return DataType("object")

    def _extent(self, data: DataType) -> tuple[int, int]:
        """How many types it holds, and how deep."""
        if data.name in self._extents and self._resolved[data.name] is data:
            return self._extents[data.name]
        inner = [self._extent(each) for each in (*(member.type for member in data.members), *data.items)]
        return 1 + sum(parts for parts, _ in inner), 1 + max((depth for _, depth in inner), default=0)

    def _object(self, starting: DataType, line: Signature, nested: Nested) -> DataType:
        members = {member.name: member for member in starting.members}
        is_open, choices = starting.open, list(starting.one_of)
        for block in nested.items:
            if mixin := MIXIN.fullmatch(block.text):
                included = self._included(TypeName(strip_backticks(mixin["name"]), (), block.position))
                members |= {member.name: member for member in included.members}
                is_open, choices = is_open or included.open, [*choices, *included.one_of]
            elif ONE_OF.fullmatch(block.text):
                alternatives = [self._alternative(child) for child in inner_items(block)]
                members |= {member.name: replace(member, required=False) for group in alternatives for member in group}
                choices.append(tuple(tuple(member.name for member in group) for group in alternatives))
            elif member := self._member(block):
                members[member.name] = member
            else:
                is_open = True
        whole = tuple(self._with_samples(member, nested.shown) for member in members.values())
        return replace(starting, members=whole, open=is_open, one_of=tuple(choices))

    def _included(self, wanted: TypeName) -> DataType:
        found = self._named(wanted)
        if found.kind != "object" and (found.name or wanted.name in PRIMITIVES):
            self.source.add_error(wanted.position, f"{wanted.name[:60]} is of type {found.kind}; expected an object to include")
        return found

    def _alternative(self, block: Block) -> list[Member]:
        """One choice of a One Of: a member, or the members of a nested group."""
        group = read_nested([block])
        blocks = group.items if group.facet else [block]
        return [member for member in map(self._member, blocks) if member]

    def _member(self, block: Block) -> Member | None:
        """A member of an object; `None` for one whose name is a variable: the object is open."""
        line = parse_signature(self.source, block.text, block.position)
        if not line.name:
            self.source.add_error(block.position, "member without a name; expected `+ NAME: VALUE (TYPE)`")
        made, inner = self.data_type(line, block.children)
        description = "\n\n".join(filter(None, [line.description, inner]))
        is_variable = len(line.name) > 2 and line.name[0] == line.name[-1] == "*"
        return None if is_variable else Member(line.name, made, "required" in line.flags, description, block.position)

    def _with_samples(self, member: Member, blocks: Iterable[Block]) -> Member:
        """The member with the values that a Sample of its object shows for it."""
        for block in blocks:
            line = parse_signature(self.source, block.text, block.position)
            if line.name == member.name and line.value and member.type.kind not in ("object", "array"):
                values = self._values([(line.value, block.position)], member.type)
                member = replace(member, type=replace(member.type, samples=member.type.samples + values))
        return member

    def _array(self, starting: DataType, line: Signature, nested: Nested) -> DataType:
        items = list(starting.items)
        for block in nested.items:
            inner = parse_signature(self.source, block.text, block.position)
            unnamed = replace(inner, value=inner.text or None, type=inner.type or _only(line.type))
            items.append(self.data_type(unnamed, block.children)[0])
        shown = [(each, at) for text, at in nested.samples for each in split_values(text)]
        merged = _merged(items or [DataType("string")]) if items or shown else []
        if shown and merged[0].kind not in ("object", "array"):
            merged[0] = replace(merged[0], samples=merged[0].samples + self._values(shown, merged[0]))
        return replace(starting, items=tuple(merged))

    def _enum(self, starting: DataType, line: Signature, nested: Nested) -> DataType:
        lines = [parse_signature(self.source, block.text, block.position) for block in nested.items]
        for nameless in [each for each in lines if not each.text]:
            self.source.add_error(nameless.position, "empty value of an enum; expected `+ VALUE`")
        own = self._values([(each.text, each.position) for each in lines if each.text], starting)
        whole = replace(starting, values=tuple(dict.fromkeys(starting.values + own)))
        return self._scalar(whole, line, replace(nested, items=[]))

    def _scalar(self, starting: DataType, line: Signature, nested: Nested) -> DataType:
        for block in nested.items[:1]:
            self.source.add_error(block.position, f"{block.text[:60]!r} is nested in a {starting.kind}; expected nothing in it")
        samples = starting.samples + self._values(nested.samples, starting, "nullable" in line.flags)
        defaults = self._values(nested.defaults, starting, "nullable" in line.flags)
        return replace(starting, samples=samples, default=defaults[-1] if defaults else starting.default)

    def _values(self, texts: Iterable[tuple[str, Position]], data: DataType, nullable: bool = False) -> tuple[Scalar, ...]:
        kind = _scalar_kind(data)
        values: list[Scalar] = []
        for text, at in texts:
            try:
                values.append(parse_scalar(text, kind, nullable or data.nullable))
            except ValueError as error:
                self.source.add_error(at, f"{error}; expected a value of type {kind}")
        return tuple(values)


_FILL: dict[str, Callable[[Types, DataType, Signature, Nested], DataType]] = {
    "object": Types._object,
    "array": Types._array,
    "enum": Types._enum,
    "string": Types._scalar,
    "number": Types._scalar,
    "boolean": Types._scalar,
}
"""How each kind of type is filled with what is nested in it."""


def _scalar_kind(data: DataType) -> str:
    """The type that the values of a type have; an enum has it from its brackets."""
    if data.kind != "enum":
        return data.kind
    return data.items[0].kind if data.items and data.items[0].kind in _SCALARS else "string"


def _only(wanted: TypeName | None) -> TypeName | None:
    """The type of an array's items, where it names exactly one."""
    return wanted.arguments[0] if wanted and len(wanted.arguments) == 1 else None


def _merged(items: Iterable[DataType]) -> list[DataType]:
    """Item types without repetition: two that differ in nothing but what they show are one that shows both."""
    found: dict[DataType, DataType] = {}
    for item in items:
        key = replace(item, samples=())
        known = found.get(key)
        found[key] = replace(known, samples=known.samples + item.samples) if known else item
    return list(found.values())
