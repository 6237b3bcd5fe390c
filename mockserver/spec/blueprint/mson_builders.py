"""Build arrays, enums and scalars of MSON from their line and their nested blocks.

Source: MSON, "Nested Member Types" and "Sample".
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.mson_contents import item_type_name, merge_types, scalar_kind
from mockserver.spec.blueprint.mson_declarations import SCALARS
from mockserver.spec.blueprint.mson_line import Signature, TypeName, parse_signature
from mockserver.spec.blueprint.mson_nested import Nested
from mockserver.spec.blueprint.mson_values import (
    ValueText,
    enum_samples,
    scalar_values,
    split_samples,
    without_asterisks,
)
from mockserver.spec.description import DataType, Member, Scalar

_COLLECTIONS = ("object", "array")
_MEMBER = re.compile(r"[^\s(*`][^(]*|`[^`]+`")


class Reader(Protocol):
    """Reads the types that are nested in others."""

    source: Source

    def mixin(self, block: Block) -> TypeName | None:
        """Return the name in `Include NAME`; `None` if the item is something else."""

    def resolve(self, type_name: TypeName, is_extended: bool = False) -> DataType:
        """Return the type of this name."""

    def read(self, line: Signature, blocks: Iterable[Block]) -> tuple[DataType, str]:
        """Return the type of a line, and its nested description."""

    def object_type(self, base: DataType, line: Signature, nested: Nested) -> DataType:
        """Return an object with the nested members."""


def array_type(reader: Reader, base: DataType, line: Signature, nested: Nested) -> DataType:
    """Return an array with the nested items."""
    items = list(base.items)
    item_name = item_type_name(line.type)
    if _has_members(nested, base):
        first = nested.items[0]
        text = "members in an array; expected them below an item such as `+ (object)`"
        reader.source.report(messages.MEMBERS_IN_ARRAY, first.position, text)
        members = replace(nested, value_items=[], samples=[])
        items = [reader.object_type(base.items[0], line, members)]
    else:
        for block in (*nested.items, *nested.value_items):
            items += _item_types(reader, block, item_name)
    nested_values = {block.position for block in nested.value_items}
    all_texts = [*nested.samples, *nested.defaults]
    texts = [text for text in all_texts if text[1] not in nested_values]
    return replace(base, items=tuple(_with_values(reader, merge_types(items), texts)))


def _item_types(reader: Reader, block: Block, item_name: TypeName | None) -> Iterable[DataType]:
    """Return the types that an item of an array adds."""
    mixin = reader.mixin(block)
    if mixin:
        return reader.resolve(mixin, is_extended=True).items
    item = parse_signature(reader.source, block.text, block.position)
    # An item has no name: a text before its colon belongs to its value.
    value = without_asterisks(item.text) or None
    nameless = replace(item, value=value, type=item.type or item_name)
    data, _ = reader.read(nameless, block.children)
    return (data,)


def _with_values(reader: Reader, items: list[DataType], texts: list[ValueText]) -> list[DataType]:
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
        reader.source.report(messages.OBJECT_VALUE, values[0][1], text)
        return items
    samples = samples_of(reader, values, first)
    return [replace(first, samples=first.samples + samples), *items[1:]]


def enum_type(reader: Reader, base: DataType, line: Signature, nested: Nested) -> DataType:
    """Return an enum with the nested values."""
    values = list(base.values)
    for block in nested.items:
        values += _enum_values(reader, block, base)
    nullable = base.nullable or "nullable" in line.flags
    texts = [*nested.samples, *nested.defaults]
    if not values and texts:
        # Without other values, these are the values of the enum.
        kind = scalar_kind(base)
        values += scalar_values(reader.source, split_samples(texts), base, kind, nullable)
    enum = replace(base, values=without_repetition(values))
    return _with_own_values(reader, enum, line, nested)


def _enum_values(reader: Reader, block: Block, base: DataType) -> tuple[Scalar, ...]:
    """Return the values that an item of an enum adds."""
    mixin = reader.mixin(block)
    if mixin:
        return reader.resolve(mixin, is_extended=True).values
    item = parse_signature(reader.source, block.text, block.position)
    if not item.text:
        message = "empty value of an enum; expected `+ VALUE`"
        reader.source.report(messages.EMPTY_ENUM_VALUE, item.position, message)
        return ()
    kind = scalar_kind(base)
    if item.type:
        own_kind = reader.resolve(item.type).kind
        if own_kind in SCALARS:
            kind = own_kind
    text = (without_asterisks(item.text), item.position)
    return scalar_values(reader.source, [text], base, kind)


def scalar_type(reader: Reader, base: DataType, line: Signature, nested: Nested) -> DataType:
    """Return a scalar with the samples and the default of its line."""
    for block in nested.items[:1]:
        message = f"{block.text[:60]!r} is nested in a {base.kind}; expected nothing in it"
        reader.source.report(messages.NESTED_IN_SCALAR, block.position, message)
    return _with_own_values(reader, base, line, nested)


def _with_own_values(reader: Reader, base: DataType, line: Signature, nested: Nested) -> DataType:
    """Return a scalar or enum with the samples and the default of its line and sections."""
    nullable = "nullable" in line.flags
    samples = samples_of(reader, nested.samples, base, nullable)
    if not ("fixed" in line.flags and samples):
        samples += base.samples
    default = base.default
    defaults = samples_of(reader, nested.defaults, base, nullable)
    if defaults:
        default = defaults[-1]
    return replace(base, samples=samples, default=default)


def samples_of(
    reader: Reader, texts: Iterable[ValueText], data: DataType, nullable: bool = False
) -> tuple[Scalar, ...]:
    """Return the values of these texts. Texts that do not fit the type are reported."""
    if data.kind == "enum" and data.values:
        return enum_samples(reader.source, texts, data, nullable)
    return scalar_values(reader.source, texts, data, scalar_kind(data), nullable)


def _has_members(nested: Nested, array: DataType) -> bool:
    """Return whether the items of an array of objects are members of these objects."""
    if len(array.items) != 1 or array.items[0] != DataType("object") or not nested.items:
        return False
    return all(_MEMBER.match(block.text) for block in nested.items)


def without_repetition(values: Iterable[Scalar]) -> tuple[Scalar, ...]:
    """Return each value once. `True` and `1` are different values."""
    distinct = {(isinstance(value, bool), value): value for value in values}
    return tuple(distinct.values())


def enum_of_types(reader: Reader, data: DataType, names: Iterable[TypeName]) -> DataType:
    """Return an enum with values of scalar types, or with the values of other enums."""
    items: list[DataType] = []
    values: list[Scalar] = []
    for name in names:
        item = reader.resolve(name)
        if item.kind == "enum":
            items += item.items
            values += item.values
        elif item.kind in SCALARS:
            items.append(item)
        else:
            message = f"the values of an enum cannot be of type {item.kind}"
            text = f"{message}; expected string, number, boolean or an enum"
            reader.source.report(messages.TYPE_ARGUMENTS, name.position, text)
    return replace(data, items=tuple(items), values=without_repetition(values))


def with_samples(reader: Reader, member: Member, blocks: Iterable[Block]) -> Member:
    """Return the member with the values from the samples of its object."""
    has_samples = member.type.kind not in _COLLECTIONS
    samples = member.type.samples
    for block in blocks:
        line = parse_signature(reader.source, block.text, block.position)
        if has_samples and line.name == member.name and line.value:
            samples += samples_of(reader, [(line.value, block.position)], member.type)
    return replace(member, type=replace(member.type, samples=samples))


def check_prose(source: Source, blocks: Iterable[Block]) -> None:
    """Report prose of attributes that looks like a body."""
    for block in blocks:
        is_json = block.kind == "paragraph" and block.text.startswith("{")
        if is_json or block.is_indented_code:
            message = (
                "the attributes contain text that looks like a body; expected `+ Body` before it"
            )
            source.report(messages.BODY_IN_ATTRIBUTES, block.position, message)
