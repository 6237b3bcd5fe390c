"""URI templates: parsing, errors and expansion."""

import re
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.formats.uri_query import ComposedValue
from mockserver.formats.uri_segment import Segment
from mockserver.formats.uri_template import Remark, parse_template

# Name of the case to the template, its segments with rests as {+name}, and its query variables.
PARSED = {
    "root": ("/", [""], ()),
    "literal": ("/a/b", ["a", "b"], ()),
    "slash at the end": ("/a/", ["a", ""], ()),
    "variable": ("/a/{id}", ["a", "{id}"], ()),
    "query": ("/a{?limit,offset}", ["a"], ("limit", "offset")),
    "query with spaces": ("/a{?limit, offset}", ["a"], ("limit", "offset")),
    "query in parts": ("/{x}{?y}{&z}", ["{x}"], ("y", "z")),
    "query at the root": ("/{?y}", [""], ("y",)),
    "dots and escapes in a name": ("/{a.b%20c}", ["{a.b%20c}"], ()),
    "escape in a literal": ("/caf%C3%A9", ["café"], ()),
    "query written out": ("/a?b={b}&c={c}", ["a"], ("b", "c")),
    "query in braces": ("/a?{b,c}", ["a"], ("b", "c")),
    "query in braces, in parts": ("/a?{b}&{c,d}", ["a"], ("b", "c", "d")),
    "query with both marks": ("/a?{?b}", ["a"], ("b",)),
    "continued query": ("/a{&b}", ["a"], ("b",)),
    "query without variables": ("/a?", ["a"], ()),
    "name missing in a list": ("/a{?b,}", ["a"], ("b",)),
    "name with brackets": ("/a{?page[size]}", ["a"], ("page[size]",)),
    "nameless value": ("/a?b={}", ["a"], ("b",)),
    "twice in a query": ("/a?b={b}{&b}", ["a"], ("b",)),
    "other letters": ("/café/a-b_c~d", ["café", "a-b_c~d"], ()),
    "extension": ("/a/{id}.json", ["a", "{id}.json"], ()),
    "text before": ("/v{n}/a", ["v{n}", "a"], ()),
    "several variables": ("/{a}-{b}", ["{a}-{b}"], ()),
    "comma": ("/{lat},{lon}", ["{lat},{lon}"], ()),
    "list of variables": ("/{lat,lon}", ["{lat},{lon}"], ()),
    "label": ("/a{.b,c}", ["a.{b}.{c}"], ()),
    "path-style parameters": ("/a{;b,c}", ["a;b={b};c={c}"], ()),
    "path segments": ("/a{/b,c}/d", ["a", "{b}", "{c}", "d"], ()),
    "path segments at the start": ("{/a}", ["{a}"], ()),
    "reserved": ("/a/{+b}", ["a", "{+b}"], ()),
    "reserved after a text": ("/a{+b}/c", ["a{+b}", "c"], ()),
    "exploded path segments": ("/a{/b*}", ["a", "{+b}"], ()),
    "exploded segment": ("/{b*}", ["{b}"], ()),
    "hyphen": ("/{user-id}", ["{user-id}"], ()),
    "spaces": ("/{ a }", ["{a}"], ()),
}


def display(segment: Segment) -> str:
    """Return the text of a segment, with rests as `{+name}`."""
    text = segment.display_text
    for variable in segment.variables:
        if variable.is_rest:
            text = text.replace(f"{{{variable.name}}}", f"{{+{variable.name}}}")
    return text


@pytest.mark.parametrize(("text", "segments", "query"), PARSED.values(), ids=PARSED)
def test_a_template_has_its_segments_and_query_variables(
    text: str, segments: list[str], query: tuple[str, ...]
) -> None:
    template = parse_template(text)
    assert [display(segment) for segment in template.segments] == segments
    assert (template.query, template.remarks) == (query, ())


def test_a_list_of_the_query_and_a_composed_value_are_known() -> None:
    template = parse_template("/a?at={lat},{lon}{&ids*}")
    assert (template.query, template.lists) == (("at", "ids"), ("ids",))
    assert template.composed == (ComposedValue("at", ("", ",", ""), ("lat", "lon")),)
    assert template.variables == ("lat", "lon", "ids")


# Name of the case to the template, the same template without it, and the remark.
REMARKS: dict[str, tuple[str, str, Remark]] = {
    "fragment": ("/a{#b}", "/a", Remark("fragment", "{#b}")),
    "literal fragment": ("/a?b=1#c", "/a?b=1", Remark("fragment", "#c")),
    "prefix": ("/{b:3}", "/{b}", Remark("prefix", "{b:3}")),
    "prefix in a query": ("/a{?b:3}", "/a{?b}", Remark("prefix", "{?b:3}")),
    "default in a query": ("/a{?b=1}", "/a{?b}", Remark("ignored text", "=1")),
    "name in braces": ("/a?{b}=1", "/a?b=1", Remark("braced name", "b")),
    "start of a name in braces": ("/a?{b}%5Bc%5D=1", "/a?b[c]=1", Remark("braced name", "b[c]")),
    "another separator": ("/a{?b&c}", "/a{?b,c}", Remark("ignored text", "&")),
    "space as a separator": ("/a{?b c}", "/a{?b,c}", Remark("ignored text", " ")),
    "optional variable": ("/a{?b?}", "/a{?b}", Remark("ignored text", "?")),
    "in path and query": ("/{a}{?a,b}", "/{a}{?b}", Remark("duplicate", "a")),
    "space": ("/a b", "/a%20b", Remark("character", " ")),
    "angle bracket": ("/<a>", "/%3Ca%3E", Remark("character", "<")),
}


@pytest.mark.parametrize(("text", "same", "remark"), REMARKS.values(), ids=REMARKS)
def test_a_part_with_another_meaning_is_a_remark(text: str, same: str, remark: Remark) -> None:
    template = parse_template(text)
    assert template.remarks == (remark,)
    assert replace(template, text=same, remarks=()) == parse_template(same)


def test_a_variable_that_is_twice_in_the_path_is_a_remark() -> None:
    template = parse_template("/{a}/b/{a}")
    assert template.path == ("a",)
    assert template.remarks == (Remark("duplicate", "a"),)


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
    assert (template.segments, template.query) == ((Segment(("a",)),), query)
    assert (template.fixed, template.renamed) == (fixed, renamed)


NAME = "expected a name of letters, digits, -, _ and ."
INVALID = {
    "no slash": ("a/b", "invalid URI template 'a/b'; expected a slash at its start"),
    "empty": ("", "invalid URI template ''; expected a slash at its start"),
    "URL": ("http://a/b", "invalid URI template 'http://a/b'; expected a slash at its start"),
    "two variables": (
        "/{a}{b}",
        "no text between the variables 'a' and 'b'; expected one, such as -",
    ),
    "open": ("/{a", "unbalanced braces in '/{a'; expected {name}"),
    "stray": ("/a}", "unbalanced braces in '/a}'; expected {name}"),
    "nested": ("/{a{b}}", "unbalanced braces in '/{a{b}}'; expected {name}"),
    "open query": ("/a{?b", "unbalanced braces in '/a{?b'; expected {name}"),
    "nameless": ("/{}", f"invalid variable '{{}}'; {NAME}"),
    "nameless query": ("/a{?}", f"invalid variable '{{}}'; {NAME}"),
    "name with a space": ("/{a b}", f"invalid variable '{{a b}}'; {NAME}"),
    "unknown operator": ("/{=a}", f"invalid variable '{{=a}}'; {NAME}"),
    "optional variable": ("/{a?}", f"invalid variable '{{a?}}'; {NAME}"),
    "segment after the query": (
        "/a{?b}/c",
        "invalid query '/c'; expected query variables {?a,b}, or a=1 or a={a} after a ?",
    ),
    "written query, no UTF-8": ("/a?b=%FF", "invalid percent-encoding '%FF'; expected UTF-8"),
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
    "mixed": ("/a b/v{x}.json".replace(" ", "%20"), {"x": "1/2"}, "/a%20b/v1%2F2.json"),
    "rest": ("/a/{+x}", {"x": "b/c d?e"}, "/a/b/c%20d%3Fe"),
    "repeated": ("/a{?x*}", {"x": ["a", 2]}, "/a?x=a&x=2"),
    "repeated, one value": ("/a{?x*}", {"x": "a"}, "/a?x=a"),
    "composed": ("/a?x={b},{c}", {"x": "1,2"}, "/a?x=1%2C2"),
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
    [
        ("/a/{b}{?c}", "/a/{b}"),
        ("/a%20b/{c}", "/a b/{c}"),
        ("/a/", "/a/"),
        ("/", "/"),
        ("/a{/b*}{#c}", "/a/{b}"),
    ],
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


@given(st.text("/{}?&=,;ab%.*+#:-[] é", max_size=20))
def test_any_text_is_parsed_or_rejected_with_a_message(text: str) -> None:
    try:
        template = parse_template(text)
    except ValueError as error:
        message = str(error)
    else:
        assert template.text == text
        values = dict.fromkeys((*template.path, *template.query), "x")
        assert template.expand(values).startswith("/")
        return
    assert re.search(r"^\S.*; expected \S", message)
