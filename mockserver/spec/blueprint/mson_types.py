"""Build a `DataType` from attributes: an MSON type whose named types are all written out.

A recursive type cannot be written out, and is an error.

Source: MSON, "Named Types", "Nested Member Types" and "Type Sections".
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from mockserver.errors import Position, similar_name
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.mson_contents import (
    SCALARS,
    ObjectContents,
    ValueText,
    item_type_name,
    merge_types,
    scalar_kind,
    split_samples,
)
from mockserver.spec.blueprint.mson_line import (
    Signature,
    TypeName,
    parse_scalar,
    parse_signature,
    strip_backticks,
)
from mockserver.spec.blueprint.mson_nested import MIXIN, ONE_OF, Nested, child_items, read_nested
from mockserver.spec.description import DataType, Member, Primitive, Scalar

PRIMITIVES: tuple[Primitive, ...] = ("string", "number", "boolean", "object", "array", "enum")
"""The base types of MSON."""
MAX_DEPTH = 60
"""Maximum nesting of types."""
MAX_TYPES = 20_000
"""Maximum number of types in one type with all names written out."""

_IMPLIED_KINDS: dict[str, Primitive] = {"Items": "array", "Members": "enum", "Values": "enum"}
_COLLECTIONS = ("object", "array")


@dataclass(frozen=True, slots=True)
class _Declaration:
    line: Signature
    blocks: tuple[Block, ...]


class Types:
    """The named types of a blueprint, and the types that are built from them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._declarations: dict[str, _Declaration] = {}
        self._resolved: dict[str, DataType] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._resolving: list[str] = []
        """The names of the types that are being resolved, from the outermost to the innermost."""

    def declare(self, name: str, line: Signature, blocks: tuple[Block, ...]) -> None:
        """Register a named type. All types must be declared before the first one is resolved."""
        first = self._declarations.setdefault(name, _Declaration(line, blocks))
        if first.line is not line:
            message = f"duplicate type {name!r} (first defined on line {first.line.position.line})"
            text = f"{message}; expected each name once"
            self.source.report(messages.DUPLICATE_TYPE, line.position, text)
        elif name in PRIMITIVES:
            message = f"{name!r} is a base type of MSON; expected another name"
            self.source.report(messages.RESERVED_TYPE, line.position, message)

    @property
    def names(self) -> frozenset[str]:
        """Return the names of the declared types."""
        return frozenset(self._declarations)

    def resolve_all(self) -> None:
        """Resolve every named type, so that errors in unused types are found too."""
        for name, declaration in self._declarations.items():
            self._resolve(TypeName(name, (), declaration.line.position))

    def data_type(
        self, line: Signature, blocks: Iterable[Block], fallback: Primitive = "string"
    ) -> tuple[DataType, str]:
        """Return the type of a line of MSON with its nested blocks, and its nested description.

        Args:
            line: The line.
            blocks: The blocks nested in the line.
            fallback: The type of a line without a type and without nested items.
        """
        nested = read_nested(blocks)
        base = self._base_type(line, nested, fallback)
        if line.value and base.kind == "object":
            message = f"an object cannot have the value {line.value[:60]!r}"
            text = f"{message}; expected its members nested below it"
            self.source.report(messages.OBJECT_VALUE, line.position, text)
        elif line.value:
            values = nested.samples
            if "default" in line.flags:
                values = nested.defaults
            values.append((line.value, line.position))
        self._check_prose(nested.prose)
        data = _BUILDERS[base.kind](self, base, line, nested)
        data = replace(
            data,
            nullable=data.nullable or "nullable" in line.flags,
            fixed=data.fixed or "fixed" in line.flags,
        )
        return self._limited(data, line.position), self.source.text(nested.prose)

    def _check_prose(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            is_json = block.kind == "paragraph" and block.text.startswith("{")
            if is_json or block.is_indented_code:
                message = (
                    "the attributes contain text that looks like a body; "
                    "expected `+ Body` before it"
                )
                self.source.report(messages.BODY_IN_ATTRIBUTES, block.position, message)

    def _base_type(self, line: Signature, nested: Nested, fallback: Primitive) -> DataType:
        """Return the type that a line extends: the one it names, else the one its items imply."""
        if line.type is None and nested.items:
            return DataType(_IMPLIED_KINDS.get(nested.facet, "object"))
        if line.type is None:
            return DataType(fallback)
        data = self._resolve(line.type)
        if nested.facet in ("Members", "Values") and data.kind in SCALARS:
            return replace(data, kind="enum", items=(data,))
        return data

    def _resolve(self, type_name: TypeName) -> DataType:
        """Return the type of this name. A declared type is built only once."""
        name = type_name.name
        if type_name.arguments and name not in ("array", "enum"):
            expected = "expected array[TYPE] or enum[TYPE]"
            message = f"the type {name[:60]!r} takes no type in brackets; {expected}"
            self.source.report(messages.TYPE_ARGUMENTS, type_name.position, message)
        if name in PRIMITIVES:
            return DataType(name, items=tuple(map(self._resolve, type_name.arguments)))
        if name in self._resolved:
            return self._resolved[name]
        if name in self._resolving or len(self._resolving) > MAX_DEPTH:
            self._report_recursive(type_name)
            return DataType("object", name=name)
        if name in self._declarations:
            return self._resolve_declaration(name)
        self._report_unknown(type_name)
        return DataType("string")

    def _report_recursive(self, type_name: TypeName) -> None:
        path = " > ".join([*self._resolving[-4:], type_name.name])
        message = f"recursive or too deeply nested type: {path}"
        expected = "expected a type that does not contain itself"
        text = f"{message}; {expected}"
        self.source.report(messages.RECURSIVE_TYPE, type_name.position, text)

    def _report_unknown(self, type_name: TypeName) -> None:
        message = f"unknown type {type_name.name[:60]!r}"
        expected = f"expected {', '.join(PRIMITIVES)} or a data structure"
        similar = similar_name(type_name.name, [*PRIMITIVES, *self._declarations])
        if similar:
            expected += f" (did you mean {similar}?)"
        text = f"{message}; {expected}"
        self.source.report(messages.UNKNOWN_TYPE, type_name.position, text)

    def _resolve_declaration(self, name: str) -> DataType:
        declaration = self._declarations[name]
        self._resolving.append(name)
        data, _ = self.data_type(declaration.line, declaration.blocks, "object")
        self._resolving.pop()
        self._resolved[name] = replace(data, name=name)
        self._sizes[name] = self._size(data)
        return self._resolved[name]

    def _limited(self, data: DataType, position: Position) -> DataType:
        """Return the type, or an empty object and an error if the type is too large."""
        count, depth = self._size(data)
        if count <= MAX_TYPES and depth <= MAX_DEPTH:
            return data
        message = f"the type expands to {count} types, {depth} levels deep"
        limit = f"expected at most {MAX_TYPES} types, {MAX_DEPTH} levels deep"
        self.source.report(messages.LARGE_TYPE, position, f"{message}; {limit}")
        return DataType("object")

    def _size(self, data: DataType) -> tuple[int, int]:
        """Return the number of types in a type, and their depth."""
        if data.name in self._sizes and self._resolved[data.name] is data:
            return self._sizes[data.name]
        count, depth = 1, 1
        for inner in (*_member_types(data), *data.items):
            inner_count, inner_depth = self._size(inner)
            count += inner_count
            depth = max(depth, inner_depth + 1)
        return count, depth

    def _object(self, base: DataType, line: Signature, nested: Nested) -> DataType:
        contents = ObjectContents()
        contents.add_all(base)
        for block in nested.items:
            self._add_to_object(contents, block)
        members = [
            self._with_samples(member, nested.value_items) for member in contents.members.values()
        ]
        return replace(
            base, members=tuple(members), open=contents.is_open, one_of=tuple(contents.choices)
        )

    def _add_to_object(self, contents: ObjectContents, block: Block) -> None:
        """Add an item nested in an object: a mixin, a One Of or a member."""
        mixin = MIXIN.fullmatch(block.text)
        if mixin:
            name = strip_backticks(mixin["name"])
            contents.add_all(self._included(TypeName(name, (), block.position)))
        elif ONE_OF.fullmatch(block.text):
            alternatives = [self._alternative(child) for child in child_items(block)]
            if alternatives:
                contents.add_choice(alternatives)
            else:
                message = "One Of without alternatives; expected items nested below it"
                self.source.report(messages.EMPTY_ONE_OF, block.position, message)
        else:
            contents.add_member(self._member(block))

    def _included(self, type_name: TypeName) -> DataType:
        """Return the type that a mixin includes (MSON, "Mixin Type")."""
        data = self._resolve(type_name)
        # An unknown type, which is a string without a name, is an error already.
        is_known = data.name or type_name.name in PRIMITIVES
        if data.kind != "object" and is_known:
            message = (
                f"{type_name.name[:60]!r} is of type {data.kind}; expected an object to include"
            )
            self.source.report(messages.INVALID_INCLUDE, type_name.position, message)
        return data

    def _alternative(self, block: Block) -> list[Member]:
        """Return one alternative of a One Of: a member, or the members of a nested group."""
        blocks = [block]
        group = read_nested([block])
        if group.facet:
            blocks = group.items
        members = map(self._member, blocks)
        return [member for member in members if member]

    def _member(self, block: Block) -> Member | None:
        """Return a member of an object, or `None` for a variable property name.

        An object with a variable property name (`*name*`) can have any other member.
        """
        line = parse_signature(self.source, block.text, block.position)
        if not line.name:
            message = "member without a name; expected `+ NAME: VALUE (TYPE)`"
            self.source.report(messages.NAMELESS_MEMBER, block.position, message)
        data, nested_description = self.data_type(line, block.children)
        description = "\n\n".join(filter(None, [line.description, nested_description]))
        is_variable = len(line.name) > 2 and line.name[0] == line.name[-1] == "*"
        if is_variable:
            return None
        return Member(line.name, data, "required" in line.flags, description, block.position)

    def _with_samples(self, member: Member, blocks: Iterable[Block]) -> Member:
        """Return the member with the values from the samples of its object."""
        has_samples = member.type.kind not in _COLLECTIONS
        samples = member.type.samples
        for block in blocks:
            line = parse_signature(self.source, block.text, block.position)
            if has_samples and line.name == member.name and line.value:
                samples += self._values([(line.value, block.position)], member.type)
        return replace(member, type=replace(member.type, samples=samples))

    def _array(self, base: DataType, line: Signature, nested: Nested) -> DataType:
        items = list(base.items)
        for block in nested.items:
            item = parse_signature(self.source, block.text, block.position)
            item_type = item.type or item_type_name(line.type)
            # An item has no name: a text before its colon belongs to its value.
            nameless = replace(item, value=item.text or None, type=item_type)
            data, _ = self.data_type(nameless, block.children)
            items.append(data)
        samples = split_samples(nested.samples)
        if samples and not items:
            items = [DataType("string")]
        items = merge_types(items)
        if samples and items[0].kind not in _COLLECTIONS:
            values = self._values(samples, items[0])
            items[0] = replace(items[0], samples=items[0].samples + values)
        return replace(base, items=tuple(items))

    def _enum(self, base: DataType, line: Signature, nested: Nested) -> DataType:
        texts: list[ValueText] = []
        for block in nested.items:
            item = parse_signature(self.source, block.text, block.position)
            if item.text:
                texts.append((item.text, item.position))
            else:
                message = "empty value of an enum; expected `+ VALUE`"
                self.source.report(messages.EMPTY_ENUM_VALUE, item.position, message)
        values = self._values(texts, base)
        enum = replace(base, values=tuple(dict.fromkeys(base.values + values)))
        return self._scalar(enum, line, replace(nested, items=[]))

    def _scalar(self, base: DataType, line: Signature, nested: Nested) -> DataType:
        for block in nested.items[:1]:
            message = f"{block.text[:60]!r} is nested in a {base.kind}; expected nothing in it"
            self.source.report(messages.NESTED_IN_SCALAR, block.position, message)
        nullable = "nullable" in line.flags
        samples = base.samples + self._values(nested.samples, base, nullable)
        default = base.default
        defaults = self._values(nested.defaults, base, nullable)
        if defaults:
            default = defaults[-1]
        return replace(base, samples=samples, default=default)

    def _values(
        self, texts: Iterable[ValueText], data: DataType, nullable: bool = False
    ) -> tuple[Scalar, ...]:
        """Return the values of these texts. Texts that are not of the type are errors."""
        kind = scalar_kind(data)
        values: list[Scalar] = []
        for text, position in texts:
            try:
                values.append(parse_scalar(text, kind, nullable or data.nullable))
            except ValueError as error:
                text = f"{error}; expected a value of type {kind}"
                self.source.report(messages.INVALID_VALUE, position, text)
        return tuple(values)


_BUILDERS: dict[str, Callable[[Types, DataType, Signature, Nested], DataType]] = {
    "object": Types._object,
    "array": Types._array,
    "enum": Types._enum,
    "string": Types._scalar,
    "number": Types._scalar,
    "boolean": Types._scalar,
}
"""The method that adds nested blocks to a base type, for each kind."""


def _member_types(data: DataType) -> list[DataType]:
    return [member.type for member in data.members]
