"""URI templates: what is read, what is refused, and that expansion can be undone."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.uri_template import Segment, UriTemplate, parse

READ = {
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
    "other letters": ("/café/a-b_c~d", ["café", "a-b_c~d"], ()),
}


@pytest.mark.parametrize(("text", "parts", "query"), READ.values(), ids=READ)
def test_read(text: str, parts: list[str | tuple[str]], query: tuple[str, ...]) -> None:
    segments = tuple(Segment(literal=part) if isinstance(part, str) else Segment(variable=part[0]) for part in parts)
    assert parse(text) == UriTemplate(text, segments, query)


REFUSED = {
    "no slash": ("a/b", "a/b is no URI template; expected a slash at its beginning"),
    "empty": ("", " is no URI template; expected a slash at its beginning"),
    "URL": ("http://a/b", "http://a/b is no URI template; expected a slash at its beginning"),
    "mixed segment": ("/a{id}", "a{id} is neither a text nor one variable; expected {name} between two slashes"),
    "two variables": ("/{a}{b}", "{a}{b} is neither a text nor one variable; expected {name} between two slashes"),
    "open": ("/{a", "{a is neither a text nor one variable; expected {name} between two slashes"),
    "stray": ("/a}", "a} is neither a text nor one variable; expected {name} between two slashes"),
    "reserved expansion": ("/{+a}", "{+a} is no variable; expected a name of letters, digits, _ and ., without operators"),
    "fragment": ("/{#a}", "{#a} is no variable; expected a name of letters, digits, _ and ., without operators"),
    "explode": ("/a{?b*}", "{b*} is no variable; expected a name of letters, digits, _ and ., without operators"),
    "prefix": ("/{b:3}", "{b:3} is no variable; expected a name of letters, digits, _ and ., without operators"),
    "hyphen": ("/{a-b}", "{a-b} is no variable; expected a name of letters, digits, _ and ., without operators"),
    "nameless": ("/{}", "{} is no variable; expected a name of letters, digits, _ and ., without operators"),
    "nameless query": ("/a{?}", "{} is no variable; expected a name of letters, digits, _ and ., without operators"),
    "written query": ("/a?b=1", "'?' cannot be in a path; expected a text, {name}, or {?name} at the end"),
    "space": ("/a b", "' ' cannot be in a path; expected a text, {name}, or {?name} at the end"),
    "behind the query": ("/a{?b}/c", "/c is not understood; expected nothing behind the query variables {?a,b}"),
    "open query": ("/a{?b", "{?b is not understood; expected nothing behind the query variables {?a,b}"),
    "twice": ("/{a}{?a}", "the variable a is there twice; expected each once"),
    "no UTF-8": ("/%FF", "%FF is no percent-encoded UTF-8"),
}


@pytest.mark.parametrize(("text", "sentence"), REFUSED.values(), ids=REFUSED)
def test_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole sentence is compared
        parse(text)
    assert str(caught.value) == sentence


EXPANDED = {
    "all": ("/a/{x}{?y,z}", {"x": "1", "y": 2, "z": "c"}, "/a/1?y=2&z=c"),
    "without the query": ("/a/{x}{?y}", {"x": 1}, "/a/1"),
    "None is left out": ("/a{?x,y}", {"x": None, "y": 0}, "/a?y=0"),
    "booleans": ("/a{?x,y}", {"x": True, "y": False}, "/a?x=true&y=false"),
    "lists": ("/a{?x}", {"x": ["a b", 2]}, "/a?x=a%20b,2"),
    "encoded": ("/é/{x}{?y}", {"x": "a/b?c", "y": "&=é"}, "/%C3%A9/a%2Fb%3Fc?y=%26%3D%C3%A9"),
    "others are ignored": ("/a", {"x": 1}, "/a"),
}


@pytest.mark.parametrize(("text", "values", "uri"), EXPANDED.values(), ids=EXPANDED)
def test_expanded(text: str, values: dict[str, object], uri: str) -> None:
    assert parse(text).expand(values) == uri


@pytest.mark.parametrize(
    ("text", "shown"),
    [("/a/{b}{?c}", "/a/{b}"), ("/a%20b/{c}", "/a b/{c}"), ("/a/", "/a/"), ("/", "/")],
)
def test_its_path_is_shown_decoded_and_without_the_query(text: str, shown: str) -> None:
    assert parse(text).shown == shown


def test_a_path_needs_all_its_values() -> None:
    with pytest.raises(ValueError, match=r"/\{a\}/\{b\} needs a value for b"):
        parse("/{a}/{b}").expand({"a": 1})


NAMES = st.lists(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), unique=True, max_size=6)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(NAMES, st.integers(0, 6), st.lists(TEXTS, min_size=6, max_size=6))
def test_what_is_expanded_can_be_taken_apart_again(names: list[str], cut: int, texts: list[str]) -> None:
    path, query = names[:cut], names[cut:]
    template = parse("/x" + "".join(f"/{{{name}}}" for name in path) + (f"{{?{','.join(query)}}}" if query else ""))
    values = dict(zip(names, texts, strict=False))
    uri, _, pairs = template.expand(values).partition("?")
    assert [segment.literal for segment in parse(uri).segments] == ["x", *(values[name] for name in path)]
    assert dict(parse_qsl(pairs, keep_blank_values=True)) == {name: values[name] for name in query}


@given(st.text("/{}?&,ab%.*+ é", max_size=20))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        template = parse(text)
    except ValueError as error:
        sentence = str(error)
    else:
        assert template.text == text
        assert all((segment.literal is None) != (segment.variable is None) for segment in template.segments)
        return
    assert "expected" in sentence or "UTF-8" in sentence
