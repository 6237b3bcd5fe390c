"""Random MSON: named types and attributes, right and wrong ones, as the text of a blueprint."""

from hypothesis import strategies as st

NAMES = ("T0", "T1", "T2")
"""The named types of each blueprint."""

_MEMBERS = ("a", "b", "id", "total", "`a-b`", "*any*", "*k (string)*")
_VALUES = (
    "x",
    "x, y",
    "1",
    "2.5",
    "1,000",
    "true",
    "null",
    "`a - b`",
    "2020-01-01T00:00:00Z",
    "00000000-0000-4000-8000-000000000000",
    "2020-01-01 00:00:00",
)
_BASES = ("string", "number", "boolean", "object", "array", "enum", "integer", "Nope", *NAMES)
_FLAGS = ("required", "optional", "nullable", "fixed", "fixed-type", "default", "sample")

bases = st.sampled_from(_BASES)
nested_types = st.builds(
    "{}[{}]".format, st.sampled_from(("array", "enum")), st.lists(bases, max_size=2).map(", ".join)
)
flags = st.lists(st.sampled_from(_FLAGS), max_size=2)


@st.composite
def definitions(draw: st.DrawFn) -> str:
    """Return the brackets of a line, or an empty text."""
    terms = draw(flags)
    if draw(st.booleans()):
        terms.insert(0, draw(bases | nested_types))
    if not terms:
        return ""
    return f" ({', '.join(terms)})"


@st.composite
def lines(draw: st.DrawFn, level: int) -> list[str]:
    """Return one item with the items nested in it."""
    kind = draw(st.sampled_from(("member",) * 6 + ("include", "one of", "section", "value")))
    text = ""
    if kind == "include":
        return [f"+ Include {draw(st.sampled_from(NAMES))}"]
    if kind == "member":
        text = draw(st.sampled_from(_MEMBERS))
        if draw(st.booleans()):
            text += f": {draw(st.sampled_from(_VALUES))}"
        text += draw(definitions())
    elif kind == "one of":
        text = "One Of"
    elif kind == "section":
        text = draw(st.sampled_from(("Properties", "Items", "Members", "Sample", "Default: 1")))
    else:
        text = f"{draw(st.sampled_from(_VALUES))}{draw(definitions())}".strip()
    nested: list[str] = []
    if level < 3 and kind != "value":
        nested = draw(items(level + 1))
    return [f"+ {text}", *(f"    {line}" for line in nested)]


@st.composite
def items(draw: st.DrawFn, level: int = 0) -> list[str]:
    """Return nested items."""
    collected: list[str] = []
    for _ in range(draw(st.integers(0, 3))):
        collected += draw(lines(level))
    return collected


@st.composite
def blueprints(draw: st.DrawFn) -> str:
    """Return a blueprint whose request and response have attributes."""
    text = ["FORMAT: 1A", "", "# POST /things", ""]
    for payload in ("Request (application/json)", "Response 200 (application/json)"):
        text += [f"+ {payload}", f"    + Attributes{draw(definitions())}"]
        text += [f"        {line}" for line in draw(items())]
        text.append("")
    text += ["# Data Structures", ""]
    for name in NAMES:
        text += [f"## {name}{draw(definitions())}", *draw(items()), ""]
    return "\n".join(text)
