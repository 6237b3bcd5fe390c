"""Build a `DataType` from attributes.

Named types are read without the contents of the types that they use, because these can be
recursive. `mson_references` writes the contents out afterwards.

Source: MSON, "Named Types", "Nested Member Types" and "Type Sections".
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from mockserver.errors import Position
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.mson_contents import (
    MAX_ALTERNATIVES,
    Alternative,
    ObjectContents,
    alternatives_of,
    item_type_name,
    merge_types,
    scalar_kind,
)
from mockserver.spec.blueprint.mson_declarations import (
    IMPLIED_KINDS,
    SCALARS,
    Declaration,
    Declarations,
)
from mockserver.spec.blueprint.mson_endless import endless_members, with_optional_member
from mockserver.spec.blueprint.mson_line import (
    Signature,
    TypeName,
    parse_signature,
    strip_backticks,
)
from mockserver.spec.blueprint.mson_names import BaseType
from mockserver.spec.blueprint.mson_nested import (
    MIXIN,
    ONE_OF,
    REFERENCE,
    Nested,
    child_items,
    read_nested,
)
from mockserver.spec.blueprint.mson_references import NamedTypes, TypeSizes, fixed_throughout
from mockserver.spec.blueprint.mson_values import (
    ValueText,
    enum_samples,
    scalar_values,
    split_samples,
    without_asterisks,
)
from mockserver.spec.description import DataType, Member, Primitive, Scalar

MAX_TYPES = 20_000
"""Maximum number of types in one type, without those that it refers to."""
MAX_DEPTH = 60
"""Maximum levels of types that extend each other."""

_COLLECTIONS = ("object", "array")
_VARIABLE = re.compile(r"\*[^*]+\*\s*(?:[:(]|-\s|$)")
_MEMBER = re.compile(r"[^\s(*`][^(]*|`[^`]+`")


class Types:
    """The named types of a blueprint, and the types that are built from them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._declarations = Declarations(source)
        self._contents: dict[str, DataType] = {}
        self._resolving: list[str] = []
        """The names of the types that are being read, from the outermost to the innermost."""
        self._named = NamedTypes({})
        self._sizes = TypeSizes()

    def declare(self, name: str, line: Signature, blocks: tuple[Block, ...]) -> None:
        """Register a named type. All types must be declared before the first one is resolved."""
        self._declarations.add(Declaration(name, line, blocks))

    @property
    def names(self) -> frozenset[str]:
        """Return the names of the declared types."""
        return frozenset(declaration.name for declaration in self._declarations)

    def resolve_all(self) -> None:
        """Read every named type, so that errors in unused types are found too."""
        types: dict[Position, DataType] = {}
        for declaration in self._declarations:
            name = TypeName(declaration.name, (), declaration.position)
            types[declaration.position] = self._declared(declaration, name)
        self._make_finite(types)
        self._named = NamedTypes(types)

    def kept_types(self) -> dict[Position, DataType]:
        """Return the named types that references refer to, by the position of the declaration."""
        return self._named.kept_types()

    def data_type(
        self, line: Signature, blocks: Iterable[Block], fallback: Primitive = "string"
    ) -> tuple[DataType, str]:
        """Return the type of a line of MSON with its nested blocks, and its nested description.

        Args:
            line: The line.
            blocks: The blocks nested in the line.
            fallback: The type of a line without a type and without nested items.
        """
        data, description = self._read(line, blocks, fallback)
        return self._named.write_out(data), description

    def _make_finite(self, types: dict[Position, DataType]) -> None:
        """Make members optional that would make a type endless."""
        for position, member in list(endless_members(types)):
            types[position] = with_optional_member(types[position], member.name)
            message = f"the member {member.name[:60]!r} makes its type endless"
            expected = "expected an optional or nullable member, or an array"
            self.source.report(messages.ENDLESS_TYPE, member.position, f"{message}; {expected}")

    def _read(
        self,
        line: Signature,
        blocks: Iterable[Block],
        fallback: Primitive = "string",
        is_extended: bool = False,
    ) -> tuple[DataType, str]:
        """Return the type of a line, in which named types are references.

        Args:
            line: The line.
            blocks: The blocks nested in the line.
            fallback: The type of a line without a type and without nested items.
            is_extended: Whether the type that the line names must not be a reference.
        """
        nested = read_nested(blocks)
        is_extended = is_extended or nested.has_contents or line.value is not None
        base = self._base_type(line, nested, fallback, is_extended)
        is_nullable = base.nullable or "nullable" in line.flags
        if line.value and base.kind in _COLLECTIONS and is_nullable and _is_null(line.value):
            base = replace(base, samples=(None,))
        elif line.value and base.kind == "object":
            message = f"an object cannot have the value {line.value[:60]!r}"
            text = f"{message}; expected its members nested below it"
            self.source.report(messages.OBJECT_VALUE, line.position, text)
        elif line.value:
            values = nested.samples
            if "default" in line.flags:
                values = nested.defaults
            values.insert(0, (line.value, line.position))
        self._check_prose(nested.prose)
        data = base
        if base.reference is None:
            data = _BUILDERS[base.kind](self, base, line, nested)
        data = replace(
            data,
            nullable=is_nullable,
            fixed_type=data.fixed_type or "fixed-type" in line.flags,
        )
        if data.fixed or "fixed" in line.flags:
            data = fixed_throughout(data)
        return self._limited(data, line.position), self.source.text(nested.prose)

    def _limited(self, data: DataType, position: Position) -> DataType:
        """Return the type, or an empty object and a message if the type is too large."""
        size = self._sizes.size(data)
        if size <= MAX_TYPES:
            return data
        message = f"the type expands to {size} types; expected at most {MAX_TYPES}"
        self.source.report(messages.LARGE_TYPE, position, message)
        return DataType("object")

    def _check_prose(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            is_json = block.kind == "paragraph" and block.text.startswith("{")
            if is_json or block.is_indented_code:
                message = (
                    "the attributes contain text that looks like a body; "
                    "expected `+ Body` before it"
                )
                self.source.report(messages.BODY_IN_ATTRIBUTES, block.position, message)

    def _base_type(
        self, line: Signature, nested: Nested, fallback: Primitive, is_extended: bool
    ) -> DataType:
        """Return the type that a line extends: the one it names, else the one its items imply."""
        if line.type is None and nested.items:
            return DataType(IMPLIED_KINDS.get(nested.facet, "object"))
        if line.type is None:
            return DataType(fallback)
        data = self._resolve(line.type, is_extended)
        if nested.items and self._declarations.look_up(line.type.name) is None:
            return DataType("object")
        if nested.facet in ("Members", "Values") and data.kind in SCALARS:
            return replace(data, kind="enum", items=(replace(data, samples=(), default=None),))
        return data

    def _resolve(self, type_name: TypeName, is_extended: bool = False) -> DataType:
        """Return the type of this name.

        Args:
            type_name: The name.
            is_extended: Whether the contents of a named object or array are needed.
        """
        found = self._declarations.find(type_name)
        if found is None:
            return DataType("string")
        kind = found.kind if isinstance(found, BaseType) else self._declarations.kind(found)
        if type_name.arguments and (isinstance(found, Declaration) or kind not in _GENERIC):
            expected = "expected array[TYPE] or enum[TYPE]"
            message = f"the type {type_name.name[:60]!r} takes no type in brackets; {expected}"
            self.source.report(messages.TYPE_ARGUMENTS, type_name.position, message)
        if isinstance(found, BaseType):
            return self._base(found, type_name)
        if kind in _COLLECTIONS and not is_extended:
            return DataType(kind, name=found.name, reference=found.position)
        return self._declared(found, type_name)

    def _base(self, base: BaseType, type_name: TypeName) -> DataType:
        """Return a base type with the types in its brackets."""
        data = DataType(base.kind, integer=base.integer)
        if base.kind == "array":
            return replace(data, items=tuple(map(self._resolve, type_name.arguments)))
        if base.kind == "enum":
            return self._base_enum(data, type_name)
        return data

    def _base_enum(self, data: DataType, type_name: TypeName) -> DataType:
        """Return an enum with the type of its values, or with values that are in brackets."""
        names = type_name.arguments
        unknown = [name for name in names if self._declarations.look_up(name.name) is None]
        if not unknown:
            return self._enum_of_types(data, names)
        message = f"values {type_name_text(unknown)!r} in the brackets of an enum"
        expected = "expected a type there, and the values as nested items"
        position = unknown[0].position
        self.source.report(messages.ENUM_VALUES_IN_TYPE, position, f"{message}; {expected}")
        texts = [(name.name, name.position) for name in names]
        return replace(data, values=scalar_values(self.source, texts, data, "string"))

    def _enum_of_types(self, data: DataType, names: Iterable[TypeName]) -> DataType:
        """Return an enum with values of scalar types, or with the values of other enums."""
        items: list[DataType] = []
        values: list[Scalar] = []
        for name in names:
            item = self._resolve(name)
            if item.kind == "enum":
                items += item.items
                values += item.values
            elif item.kind in SCALARS:
                items.append(item)
            else:
                message = f"the values of an enum cannot be of type {item.kind}"
                text = f"{message}; expected string, number, boolean or an enum"
                self.source.report(messages.TYPE_ARGUMENTS, name.position, text)
        return replace(data, items=tuple(items), values=_without_repetition(values))

    def _declared(self, declaration: Declaration, type_name: TypeName) -> DataType:
        """Return the contents of a declared type, which are read only once."""
        name = declaration.name
        if name in self._contents:
            return self._contents[name]
        if name in self._resolving or len(self._resolving) > MAX_DEPTH:
            path = " > ".join([*self._resolving[-4:], name])
            message = f"a type cannot extend a type that contains it: {path}"
            text = f"{message}; expected a type that does not extend itself"
            self.source.report(messages.RECURSIVE_TYPE, type_name.position, text)
            return DataType(self._declarations.kind(declaration), name=name)
        self._resolving.append(name)
        data, _ = self._read(declaration.line, declaration.blocks, "object", is_extended=True)
        self._resolving.pop()
        self._contents[name] = replace(data, name=name)
        return self._contents[name]

    def _object(self, base: DataType, line: Signature, nested: Nested) -> DataType:
        contents = ObjectContents()
        contents.add_all(base)
        for block in nested.items:
            self._add_to_object(contents, block)
        members = [
            self._with_samples(member, nested.value_items) for member in contents.members.values()
        ]
        return replace(
            base,
            members=tuple(members),
            variables=tuple(contents.variables),
            one_of=tuple(contents.choices),
        )

    def _add_to_object(self, contents: ObjectContents, block: Block) -> None:
        """Add an item nested in an object: a mixin, a One Of or a member."""
        mixin = self._mixin(block)
        if mixin:
            included = self._included(mixin)
            if included:
                contents.add_all(included)
            for child in child_items(block):
                self._add_to_object(contents, child)
        elif ONE_OF.fullmatch(block.text):
            contents.add_choice(self._choice(block))
        else:
            member = self._member(block)
            if member and _is_variable(block):
                contents.add_variable(member)
            elif member:
                contents.add_member(member)

    def _mixin(self, block: Block) -> TypeName | None:
        """Return the name in `Include NAME`; `None` if the item is something else."""
        mixin = MIXIN.fullmatch(block.text)
        if mixin and mixin["name"]:
            return TypeName(strip_backticks(mixin["name"]), (), block.position)
        reference = REFERENCE.fullmatch(block.text)
        name = ""
        if mixin:
            name = mixin["bracketed"].strip()
        elif reference:
            name = strip_backticks(reference["name"])
        if not isinstance(self._declarations.look_up(name), Declaration):
            return None
        if reference:
            text = f"{block.text[:60]!r} is not MSON; expected `Include {name[:60]}`"
            self.source.report(messages.REFERENCE, block.position, text)
        return TypeName(name, (), block.position)

    def _included(self, type_name: TypeName) -> DataType | None:
        """Return the object that a mixin includes; `None` if the type is not an object."""
        is_known = self._declarations.look_up(type_name.name) is not None
        data = self._resolve(type_name, is_extended=True)
        if data.kind == "object":
            return data
        if is_known:
            message = (
                f"{type_name.name[:60]!r} is of type {data.kind}; expected an object to include"
            )
            self.source.report(messages.INVALID_INCLUDE, type_name.position, message)
        return None

    def _choice(self, block: Block) -> list[Alternative]:
        """Return the alternatives of a One Of."""
        alternatives: list[Alternative] = []
        for child in child_items(block):
            alternatives += self._alternatives(child)
        if not alternatives:
            message = "One Of without alternatives; expected items nested below it"
            self.source.report(messages.EMPTY_ONE_OF, block.position, message)
        return self._limited_choice(alternatives, block.position)

    def _alternatives(self, block: Block) -> list[Alternative]:
        """Return the alternatives that one item of a One Of adds."""
        contents = ObjectContents()
        group = read_nested([block])
        blocks = [block]
        if group.facet:
            blocks = group.items
        elif ONE_OF.fullmatch(block.text):
            return self._choice(block)
        for item in blocks:
            self._add_to_object(contents, item)
        members = tuple(contents.members.values())
        if not members:
            return []
        data = DataType("object", members=members, one_of=tuple(contents.choices))
        return self._limited_choice(alternatives_of(data), block.position)

    def _limited_choice(
        self, alternatives: list[Alternative], position: Position
    ) -> list[Alternative]:
        """Return at most `MAX_ALTERNATIVES` alternatives."""
        if len(alternatives) > MAX_ALTERNATIVES:
            message = "One Of with too many alternatives"
            text = f"{message}; expected at most {MAX_ALTERNATIVES}"
            self.source.report(messages.LARGE_ONE_OF, position, text)
        return alternatives[:MAX_ALTERNATIVES]

    def _member(self, block: Block) -> Member | None:
        """Return a member of an object; `None` if it has no name."""
        line = parse_signature(self.source, block.text, block.position)
        if not line.name:
            message = "member without a name; expected `+ NAME: VALUE (TYPE)`"
            self.source.report(messages.NAMELESS_MEMBER, block.position, message)
            return None
        data, nested_description = self._read(line, block.children)
        description = "\n\n".join(filter(None, [line.description, nested_description]))
        name = line.name
        if _is_variable(block):
            # A type in the name is that of the names: `*rel (Custom String)*`.
            name = strip_backticks(without_asterisks(name).partition("(")[0])
        return Member(
            name,
            data,
            required="required" in line.flags,
            description=description,
            position=block.position,
            optional="optional" in line.flags,
        )

    def _with_samples(self, member: Member, blocks: Iterable[Block]) -> Member:
        """Return the member with the values from the samples of its object."""
        has_samples = member.type.kind not in _COLLECTIONS
        samples = member.type.samples
        for block in blocks:
            line = parse_signature(self.source, block.text, block.position)
            if has_samples and line.name == member.name and line.value:
                samples += self._samples([(line.value, block.position)], member.type)
        return replace(member, type=replace(member.type, samples=samples))

    def _array(self, base: DataType, line: Signature, nested: Nested) -> DataType:
        items = list(base.items)
        item_name = item_type_name(line.type)
        if _has_members(nested, base):
            first = nested.items[0]
            text = "members in an array; expected them below an item such as `+ (object)`"
            self.source.report(messages.MEMBERS_IN_ARRAY, first.position, text)
            members = replace(nested, value_items=[], samples=[])
            items = [self._object(base.items[0], line, members)]
        else:
            for block in (*nested.items, *nested.value_items):
                items += self._items(block, item_name)
        nested_values = {block.position for block in nested.value_items}
        all_texts = [*nested.samples, *nested.defaults]
        texts = [text for text in all_texts if text[1] not in nested_values]
        return replace(base, items=tuple(self._with_values(merge_types(items), texts)))

    def _items(self, block: Block, item_name: TypeName | None) -> Iterable[DataType]:
        """Return the types that an item of an array adds."""
        mixin = self._mixin(block)
        if mixin:
            return self._resolve(mixin, is_extended=True).items
        item = parse_signature(self.source, block.text, block.position)
        # An item has no name: a text before its colon belongs to its value.
        value = without_asterisks(item.text) or None
        nameless = replace(item, value=value, type=item.type or item_name)
        data, _ = self._read(nameless, block.children)
        return (data,)

    def _with_values(self, items: list[DataType], texts: list[ValueText]) -> list[DataType]:
        """Return the item types with the values of an array's samples, in the first type."""
        values = split_samples(texts)
        if values and not items:
            items = [DataType("string")]
        if not values:
            return items
        first = items[0]
        if first.kind in _COLLECTIONS:
            message = f"the value {values[0][0][:60]!r} of an array of type {first.kind}"
            text = f"{message}; expected its items nested below it"
            self.source.report(messages.OBJECT_VALUE, values[0][1], text)
            return items
        samples = self._samples(values, first)
        return [replace(first, samples=first.samples + samples), *items[1:]]

    def _enum(self, base: DataType, line: Signature, nested: Nested) -> DataType:
        values = list(base.values)
        for block in nested.items:
            values += self._enum_values(block, base)
        nullable = base.nullable or "nullable" in line.flags
        texts = [*nested.samples, *nested.defaults]
        if not values and texts:
            # Without other values, these are the values of the enum.
            kind = scalar_kind(base)
            values += scalar_values(self.source, split_samples(texts), base, kind, nullable)
        enum = replace(base, values=_without_repetition(values))
        return self._with_own_values(enum, line, nested)

    def _enum_values(self, block: Block, base: DataType) -> tuple[Scalar, ...]:
        """Return the values that an item of an enum adds."""
        mixin = self._mixin(block)
        if mixin:
            return self._resolve(mixin, is_extended=True).values
        item = parse_signature(self.source, block.text, block.position)
        if not item.text:
            message = "empty value of an enum; expected `+ VALUE`"
            self.source.report(messages.EMPTY_ENUM_VALUE, item.position, message)
            return ()
        kind = scalar_kind(base)
        if item.type:
            own_kind = self._resolve(item.type).kind
            if own_kind in SCALARS:
                kind = own_kind
        text = (without_asterisks(item.text), item.position)
        return scalar_values(self.source, [text], base, kind)

    def _scalar(self, base: DataType, line: Signature, nested: Nested) -> DataType:
        for block in nested.items[:1]:
            message = f"{block.text[:60]!r} is nested in a {base.kind}; expected nothing in it"
            self.source.report(messages.NESTED_IN_SCALAR, block.position, message)
        return self._with_own_values(base, line, nested)

    def _with_own_values(self, base: DataType, line: Signature, nested: Nested) -> DataType:
        """Return a scalar or enum with the samples and the default of its line and sections."""
        nullable = "nullable" in line.flags
        samples = self._samples(nested.samples, base, nullable)
        if not ("fixed" in line.flags and samples):
            samples += base.samples
        default = base.default
        defaults = self._samples(nested.defaults, base, nullable)
        if defaults:
            default = defaults[-1]
        return replace(base, samples=samples, default=default)

    def _samples(
        self, texts: Iterable[ValueText], data: DataType, nullable: bool = False
    ) -> tuple[Scalar, ...]:
        """Return the values of these texts. Texts that do not fit the type are reported."""
        if data.kind == "enum" and data.values:
            return enum_samples(self.source, texts, data, nullable)
        return scalar_values(self.source, texts, data, scalar_kind(data), nullable)


_GENERIC = ("array", "enum")
_BUILDERS: dict[str, Callable[[Types, DataType, Signature, Nested], DataType]] = {
    "object": Types._object,
    "array": Types._array,
    "enum": Types._enum,
    "string": Types._scalar,
    "number": Types._scalar,
    "boolean": Types._scalar,
}
"""The method that adds nested blocks to a base type, for each kind."""


def _is_null(text: str) -> bool:
    return strip_backticks(text) == "null"


def _is_variable(block: Block) -> bool:
    """Return whether an item is a member with a variable name: `*name*: VALUE`."""
    return _VARIABLE.match(block.text) is not None


def _has_members(nested: Nested, array: DataType) -> bool:
    """Return whether the items of an array of objects are members of these objects."""
    if len(array.items) != 1 or array.items[0] != DataType("object") or not nested.items:
        return False
    return all(_MEMBER.match(block.text) for block in nested.items)


def _without_repetition(values: Iterable[Scalar]) -> tuple[Scalar, ...]:
    """Return each value once. `True` and `1` are different values."""
    distinct = {(isinstance(value, bool), value): value for value in values}
    return tuple(distinct.values())


def type_name_text(names: Iterable[TypeName]) -> str:
    """Return the names of types, separated by commas."""
    return ", ".join(name.name for name in names)[:60]
