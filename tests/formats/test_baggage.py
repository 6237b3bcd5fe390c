"""The `baggage` header: the value of one member."""

import pytest

from mockserver.formats.baggage import member_value

HEADERS = [
    ("no header", "", None),
    ("another member", "user=alice", None),
    ("one member", "mock.sandbox=anna", "anna"),
    ("the second member", "user=alice,mock.sandbox=anna", "anna"),
    ("whitespace", "user = alice ,\t mock.sandbox \t= \tanna\t , x=y", "anna"),
    ("properties", "mock.sandbox=anna ; secure;ttl = 5 ,user=alice", "anna"),
    ("a property with the key", "user=alice;mock.sandbox=ben", None),
    ("the last of two members", "mock.sandbox=ben,mock.sandbox=anna", "anna"),
    ("percent-encoded", "mock.sandbox=%61nn%61", "anna"),
    ("percent-encoded separators", "mock.sandbox=a%2Cb%3Bc%3Dd", "a,b;c=d"),
    ("percent-encoded UTF-8", "mock.sandbox=%C5%BE", "ž"),
    ("percent-encoded bytes that are not UTF-8", "mock.sandbox=a%FFb", "a\ufffdb"),
    ("a plus sign", "mock.sandbox=a+b", "a+b"),
    ("equals signs", "mock.sandbox=a=b==", "a=b=="),
    ("an empty value", "mock.sandbox=", ""),
    ("no equals sign", "mock.sandbox", ""),
    ("a property in the place of the value", "mock.sandbox;a=b", ""),
    ("another case", "Mock.Sandbox=anna", None),
    ("a percent-encoded key", "mock%2Esandbox=anna", None),
    ("a longer key", "mock.sandbox.x=anna,xmock.sandbox=ben", None),
    ("empty members", ",, ,mock.sandbox=anna,", "anna"),
    ("a member without a key", "=x,mock.sandbox=anna", "anna"),
    ("180 members", ",".join(["user=alice"] * 179 + ["mock.sandbox=anna"]), "anna"),
]


@pytest.mark.parametrize(
    ("header", "value"), [case[1:] for case in HEADERS], ids=[case[0] for case in HEADERS]
)
def test_the_value_of_a_member_is_read_as_w3c_baggage_defines_it(
    header: str, value: str | None
) -> None:
    assert member_value(header, "mock.sandbox") == value
