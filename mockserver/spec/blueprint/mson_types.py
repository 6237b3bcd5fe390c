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
from mockserver.spec.blueprint.mson_builders import (
    array_type,
    check_prose,
    enum_of_types,
    enum_type,
    scalar_type,
    with_samples,
)
from mockserver.spec.blueprint.mson_contents import (
    MAX_ALTERNATIVES,
    Alternative,
    ObjectContents,
    alternatives_of,
)
from mockserver.spec.blueprint.mson_declarations import (
    IMPLIED_KINDS,
    SCALARS,
    Declaration,
    Declarations,
)
from mockserver.spec.blueprint.mson_endless import make_finite
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
    scalar_values,
    without_asterisks,
)
from mockserver.spec.description import DataType, Member, Primitive

MAX_TYPES = 20_000
"""Maximum number of types in one type, without those that it refers to."""
MAX_DEPTH = 60
"""Maximum levels of types that extend each other."""

_COLLECTIONS = ("object", "array")
_VARIABLE = re.compile(r"\*[^*]+\*\s*(?:[:(]|-\s|$)")


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
        make_finite(types, self.source)
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
        data, description = self.read(line, blocks, fallback)
        return self._named.write_out(data), description

    def read(
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
        check_prose(self.source, nested.prose)
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

    def _base_type(
        self, line: Signature, nested: Nested, fallback: Primitive, is_extended: bool
    ) -> DataType:
        """Return the type that a line extends: the one it names, else the one its items imply."""
        if line.type is None and nested.items:
            return DataType(IMPLIED_KINDS.get(nested.facet, "object"))
        if line.type is None:
            return DataType(fallback)
        data = self.resolve(line.type, is_extended)
        if nested.items and self._declarations.look_up(line.type.name) is None:
            return DataType("object")
        if nested.facet in ("Members", "Values") and data.kind in SCALARS:
            return replace(data, kind="enum", items=(replace(data, samples=(), default=None),))
        return data

    def resolve(self, type_name: TypeName, is_extended: bool = False) -> DataType:
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
            return replace(data, items=tuple(map(self.resolve, type_name.arguments)))
        if base.kind == "enum":
            return self._base_enum(data, type_name)
        return data

    def _base_enum(self, data: DataType, type_name: TypeName) -> DataType:
        """Return an enum with the type of its values, or with values that are in brackets."""
        names = type_name.arguments
        unknown = [name for name in names if self._declarations.look_up(name.name) is None]
        if not unknown:
            return enum_of_types(self, data, names)
        message = f"values {type_name_text(unknown)!r} in the brackets of an enum"
        expected = "expected a type there, and the values as nested items"
        position = unknown[0].position
        self.source.report(messages.ENUM_VALUES_IN_TYPE, position, f"{message}; {expected}")
        texts = [(name.name, name.position) for name in names]
        return replace(data, values=scalar_values(self.source, texts, data, "string"))

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
        data, _ = self.read(declaration.line, declaration.blocks, "object", is_extended=True)
        self._resolving.pop()
        self._contents[name] = replace(data, name=name)
        return self._contents[name]

    def object_type(self, base: DataType, line: Signature, nested: Nested) -> DataType:
        """Return an object with the nested members."""
        contents = ObjectContents()
        contents.add_all(base)
        for block in nested.items:
            self._add_to_object(contents, block)
        members = [
            with_samples(self, member, nested.value_items) for member in contents.members.values()
        ]
        return replace(
            base,
            members=tuple(members),
            variables=tuple(contents.variables),
            one_of=tuple(contents.choices),
        )

    def _add_to_object(self, contents: ObjectContents, block: Block) -> None:
        """Add an item nested in an object: a mixin, a One Of or a member."""
        mixin = self.mixin(block)
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

    def mixin(self, block: Block) -> TypeName | None:
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
        data = self.resolve(type_name, is_extended=True)
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
        data, nested_description = self.read(line, block.children)
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


_GENERIC = ("array", "enum")
_BUILDERS: dict[str, Callable[[Types, DataType, Signature, Nested], DataType]] = {
    "object": Types.object_type,
    "array": array_type,
    "enum": enum_type,
    "string": scalar_type,
    "number": scalar_type,
    "boolean": scalar_type,
}
"""The method that adds nested blocks to a base type, for each kind."""


def _is_null(text: str) -> bool:
    return strip_backticks(text) == "null"


def _is_variable(block: Block) -> bool:
    """Return whether an item is a member with a variable name: `*name*: VALUE`."""
    return _VARIABLE.match(block.text) is not None


def type_name_text(names: Iterable[TypeName]) -> str:
    """Return the names of types, separated by commas."""
    return ", ".join(name.name for name in names)[:60]
