import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.formats.json_pointer import pointer_steps, to_pointer

# The examples of RFC 6901, section 5.
POINTERS = {
    (): "",
    ("foo", 0): "/foo/0",
    ("",): "/",
    ("a/b",): "/a~1b",
    ("m~n",): "/m~0n",
    ("~1",): "/~01",
    (" ",): "/ ",
}


@pytest.mark.parametrize(("steps", "pointer"), POINTERS.items())
def test_a_pointer_has_the_form_of_the_rfc(steps: tuple[str | int, ...], pointer: str) -> None:
    assert to_pointer(steps) == pointer


@given(st.lists(st.text()))
def test_parsing_a_pointer_gives_its_steps(steps: list[str]) -> None:
    assert pointer_steps(to_pointer(steps)) == steps
