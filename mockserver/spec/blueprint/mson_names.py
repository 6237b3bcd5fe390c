"""Find the base type that the name of a type means: `Integer` and `uuid` are common mistakes.

Source: MSON, "Base Types". The names of base types are case-insensitive.
"""

from typing import NamedTuple

from mockserver.spec.description import Primitive

PRIMITIVES: tuple[Primitive, ...] = ("string", "number", "boolean", "object", "array", "enum")
"""The base types of MSON."""
FLAGS = frozenset({"required", "optional", "nullable", "fixed", "fixed-type", "sample", "default"})
"""The type attributes of MSON."""


class BaseType(NamedTuple):
    """A base type, and whether its values are integers."""

    kind: Primitive
    integer: bool = False

    @property
    def text(self) -> str:
        """The name of the type in a message."""
        if self.integer:
            return "number (the values are read as integers)"
        return self.kind


_INTEGERS = "integer int long short bigint biginteger int32 int64 uint unsigned"
_NUMBERS = "float double decimal numeric real num"
_BOOLEANS = "bool"
_STRINGS = (
    "str text date datetime date-time time timestamp uuid guid url uri email char varchar "
    "binary byte file base64 password html markdown hostname ipv4 ipv6 slug enumeration"
)
_OBJECTS = "map dict dictionary hash json"
_ARRAYS = "list set"

_BASE_TYPES: dict[str, BaseType] = {name: BaseType(name) for name in PRIMITIVES}
_ALIASES: dict[str, BaseType] = {
    **dict.fromkeys(_INTEGERS.split(), BaseType("number", integer=True)),
    **dict.fromkeys(_NUMBERS.split(), BaseType("number")),
    **dict.fromkeys(_BOOLEANS.split(), BaseType("boolean")),
    **dict.fromkeys(_STRINGS.split(), BaseType("string")),
    **dict.fromkeys(_OBJECTS.split(), BaseType("object")),
    **dict.fromkeys(_ARRAYS.split(), BaseType("array")),
}
"""Names that are not in MSON, and that blueprints use as if they were."""


def base_type(name: str) -> BaseType | None:
    """Return the base type of this name in any case; `None` if there is none."""
    return _BASE_TYPES.get(name.lower())


def similar_base_type(name: str) -> BaseType | None:
    """Return the base type that an unknown name means; `None` if there is none."""
    return _ALIASES.get(name.lower())


def meant_type(name: str) -> BaseType | None:
    """Return the base type of this name, else the one that it means; `None` if there is none."""
    return base_type(name) or similar_base_type(name)


def is_type_word(word: str) -> bool:
    """Return whether a word in brackets can only be a type or a flag, in any case."""
    name = word.partition("[")[0].strip().lower()
    return name in FLAGS or name in _BASE_TYPES or name in _ALIASES
