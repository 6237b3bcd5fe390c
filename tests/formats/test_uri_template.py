"""URI templates: parsing, errors and expansion."""

import re
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.formats.uri_template import Segment, UriTemplate, parse_template

PARSED = {
    "root": ("/", [""], ()),
    "literal": ("/a/b", ["a", "b"], ()),
    "slash at the end": ("/a/", ["a", ""], ()),
    "variable": ("/a/{id}", ["a", ("id",)], ()),
    "query": ("/a{?limit,offset}", ["a"], ("limit", "offset")),
    "query with spaces": ("/a{?limit, offset}", ["a"], ("limit", "offset")),
    "query in parts": ("/{x}{?y}{&z}", [("x",)], ("y", "z")),
    "query at the root": ("/{?y}", [""], ("y",)),
    "dots and escapes in a name": ("/{a.b%20c}", [("a.b%20c",)], ()),
    "escape in a literal": ("/caf%C3%A9", ["café"], ()),
    "exploded query": ("/a{?b*,c}", ["a"], ("b", "c")),
    "query written out": ("/a?b={b}&c={c}", ["a"], ("b", "c")),
    "query in braces": ("/a?{b,c}", ["a"], ("b", "c")),
    "other letters": ("/café/a-b_c~d", ["café", "a-b_c~d"], ()),
}


@pytest.mark.parametrize(("text", "parts", "query"), PARSED.values(), ids=PARSED)
def test_a_template_has_its_segments_and_query_variables(
    text: str, parts: list[str | tuple[str]], query: tuple[str, ...]
) -> None:
    segments = []
    for part in parts:
        if isinstance(part, str):
            segments.append(Segment(literal=part))
        else:
            segments.append(Segment(variable=part[0]))
    assert parse_template(text) == UriTemplate(text, tuple(segments), query)


LITERAL_QUERIES = {
    "value": ("/a?b=1", (), (("b", "1"),), ()),
    "values": ("/a?b=1&c=x", (), (("b", "1"), ("c", "x")), ()),
    "flag": ("/a?b", (), (("b", ""),), ()),
    "no value": ("/a?b=", (), (("b", ""),), ()),
    "escapes": ("/a?b%5B%5D=x%20y+z", (), (("b[]", "x y z"),), ()),
    "value with a slash": ("/a?b=/c", (), (("b", "/c"),), ()),
    "then a variable": ("/a?b=1{&c}", ("c",), (("b", "1"),), ()),
    "after a variable": ("/a{?c}&b=1", ("c",), (("b", "1"),), ()),
    "other name": ("/a?user={id}", ("user",), (), (("user", "id"),)),
    "escaped name": (
        "/a{?page%5Bsize%5D}",
        ("page[size]",),
        (),
        (("page[size]", "page%5Bsize%5D"),),
    ),
}


@pytest.mark.parametrize(
    ("text", "query", "fixed", "renamed"), LITERAL_QUERIES.values(), ids=LITERAL_QUERIES
)
def test_a_query_has_literal_parts_and_other_names(
    text: str, query: tuple[str, ...], fixed: object, renamed: object
) -> None:
    template = parse_template(text)
    assert (template.segments, template.query) == ((Segment(literal="a"),), query)
    assert (template.fixed, template.renamed) == (fixed, renamed)


QUERY_FORM = "expected query variables {?a,b}, or a=1 or a={a} after a ?"
INVALID = {
    "no slash": ("a/b", "invalid URI template 'a/b'; expected a slash at its start"),
    "empty": ("", "invalid URI template ''; expected a slash at its start"),
    "URL": ("http://a/b", "invalid URI template 'http://a/b'; expected a slash at its start"),
    "mixed segment": (
        "/a{id}",
        "invalid path segment 'a{id}'; expected text or one variable, {name} between two slashes",
    ),
    "two variables": (
        "/{a}{b}",
        "invalid path segment '{a}{b}'; expected text or one variable, {name} between two slashes",
    ),
    "open": (
        "/{a",
        "invalid path segment '{a'; expected text or one variable, {name} between two slashes",
    ),
    "stray": (
        "/a}",
        "invalid path segment 'a}'; expected text or one variable, {name} between two slashes",
    ),
    "reserved expansion": (
        "/{+a}",
        "invalid variable '{+a}'; expected a name of letters, digits, _ and ., without operators",
    ),
    "fragment": (
        "/{#a}",
        "invalid variable '{#a}'; expected a name of letters, digits, _ and ., without operators",
    ),
    "explode": (
        "/{b*}",
        "invalid variable '{b*}'; expected a name of letters, digits, _ and ., without operators",
    ),
    "prefix": (
        "/{b:3}",
        "invalid variable '{b:3}'; expected a name of letters, digits, _ and ., without operators",
    ),
    "hyphen": (
        "/{a-b}",
        "invalid variable '{a-b}'; expected a name of letters, digits, _ and ., without operators",
    ),
    "nameless": (
        "/{}",
        "invalid variable '{}'; expected a name of letters, digits, _ and ., without operators",
    ),
    "nameless query": (
        "/a{?}",
        "invalid variable '{}'; expected a name of letters, digits, _ and ., without operators",
    ),
    "query without a name": ("/a?", f"invalid query '?'; {QUERY_FORM}"),
    "query with an empty name": ("/a?=1", f"invalid query '?=1'; {QUERY_FORM}"),
    "variable in a value": ("/a?b=x{c}", f"invalid query '{{c}}'; {QUERY_FORM}"),
    "fragment after a query": ("/a?b=1#c", f"invalid query '#c'; {QUERY_FORM}"),
    "written query, no UTF-8": ("/a?b=%FF", "invalid percent-encoding '%FF'; expected UTF-8"),
    "twice in a written query": ("/a?b={b}{&b}", "duplicate variable 'b'; expected each name once"),
    "one name for two": ("/a?b={c}{&b}", "duplicate variable 'b'; expected each name once"),
    "space": (
        "/a b",
        "invalid character ' ' in a path; expected text, {name}, or {?name} at the end",
    ),
    "segment after the query": ("/a{?b}/c", f"invalid query '/c'; {QUERY_FORM}"),
    "open query": ("/a{?b", f"invalid query '{{?b'; {QUERY_FORM}"),
    "twice": ("/{a}{?a}", "duplicate variable 'a'; expected each name once"),
    "no UTF-8": ("/%FF", "invalid percent-encoding '%FF'; expected UTF-8"),
}


@pytest.mark.parametrize(("text", "message"), INVALID.values(), ids=INVALID)
def test_an_invalid_template_is_rejected_with_the_expected_form(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        parse_template(text)
    assert str(caught.value) == message


EXPANDED = {
    "all": ("/a/{x}{?y,z}", {"x": "1", "y": 2, "z": "c"}, "/a/1?y=2&z=c"),
    "without the query": ("/a/{x}{?y}", {"x": 1}, "/a/1"),
    "None is left out": ("/a{?x,y}", {"x": None, "y": 0}, "/a?y=0"),
    "booleans": ("/a{?x,y}", {"x": True, "y": False}, "/a?x=true&y=false"),
    "lists": ("/a{?x}", {"x": ["a b", 2]}, "/a?x=a%20b,2"),
    "encoded": ("/é/{x}{?y}", {"x": "a/b?c", "y": "&=é"}, "/%C3%A9/a%2Fb%3Fc?y=%26%3D%C3%A9"),
    "written": ("/a?b=x y&c={d}".replace(" ", "%20"), {"c": 1, "d": 2}, "/a?b=x%20y&c=1"),
    "escaped name": ("/a{?page%5Bsize%5D}", {"page[size]": 3}, "/a?page%5Bsize%5D=3"),
    "dots": ("/{x}/{y}/{z}", {"x": ".", "y": "..", "z": "a.b"}, "/%2E/%2E%2E/a.b"),
    "others are ignored": ("/a", {"x": 1}, "/a"),
}


@pytest.mark.parametrize(("text", "values", "uri"), EXPANDED.values(), ids=EXPANDED)
def test_a_template_is_expanded_with_encoded_values(
    text: str, values: dict[str, object], uri: str
) -> None:
    assert parse_template(text).expand(values) == uri


@pytest.mark.parametrize(
    ("text", "display_text"),
    [("/a/{b}{?c}", "/a/{b}"), ("/a%20b/{c}", "/a b/{c}"), ("/a/", "/a/"), ("/", "/")],
)
def test_the_display_text_is_the_decoded_path_without_the_query(
    text: str, display_text: str
) -> None:
    assert parse_template(text).display_text == display_text


def test_expansion_requires_the_values_of_the_path() -> None:
    with pytest.raises(ValueError, match=r"/\{a\}/\{b\} needs a value for b"):
        parse_template("/{a}/{b}").expand({"a": 1})


NAMES = st.lists(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), unique=True, max_size=6)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(NAMES, st.integers(0, 6), st.lists(TEXTS, min_size=6, max_size=6))
def test_parsing_an_expanded_uri_gives_the_values_again(
    names: list[str], cut: int, texts: list[str]
) -> None:
    path, query = names[:cut], names[cut:]
    text = "/x" + "".join(f"/{{{name}}}" for name in path)
    if query:
        text += f"{{?{','.join(query)}}}"
    template = parse_template(text)
    values = dict(zip(names, texts, strict=False))
    uri, _, pairs = template.expand(values).partition("?")
    assert [segment.literal for segment in parse_template(uri).segments] == [
        "x",
        *(values[name] for name in path),
    ]
    assert dict(parse_qsl(pairs, keep_blank_values=True)) == {name: values[name] for name in query}


@given(st.text("/{}?&=,ab%.*+# é", max_size=20))
def test_any_text_is_parsed_or_rejected_with_a_message(text: str) -> None:
    try:
        template = parse_template(text)
    except ValueError as error:
        message = str(error)
    else:
        assert template.text == text
        assert all(
            (segment.literal is None) != (segment.variable is None) for segment in template.segments
        )
        return
    assert re.search(r"^\S.*; expected \S", message)
