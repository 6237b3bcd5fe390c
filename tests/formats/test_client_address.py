"""The address of a client, with and without trusted proxies."""

import pytest

from mockserver.formats.client_address import canonical, client_of

ADDRESSES = [
    ("127.0.0.1", "127.0.0.1"),
    ("127.1.2.3", "127.0.0.1"),
    ("::1", "127.0.0.1"),
    ("::ffff:127.0.0.1", "127.0.0.1"),
    ("::ffff:10.0.0.7", "10.0.0.7"),
    ("2001:DB8:0:0::1", "2001:db8::1"),
    ("10.0.0.7", "10.0.0.7"),
    ("", ""),
    ("unix:", ""),
    ("10.0.0.7:8080", ""),
]


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_an_address_has_one_canonical_form(text: str, address: str) -> None:
    assert canonical(text) == address


HOPS = [
    ("no proxy is trusted", "10.0.0.1", "1.1.1.1", (), "10.0.0.1"),
    ("another is trusted", "10.0.0.1", "1.1.1.1", ("10.0.0.2",), "10.0.0.1"),
    ("one is trusted", "10.0.0.1", "6.6.6.6, 1.1.1.1", ("10.0.0.1",), "1.1.1.1"),
    ("two are trusted", "10.0.0.1", "6.6.6.6,1.1.1.1,10.0.0.2", ("10.0.0.0/8",), "1.1.1.1"),
    ("all are trusted", "10.0.0.1", "10.0.0.3, 10.0.0.2", ("10.0.0.0/8",), "10.0.0.3"),
    ("a trusted one without a header", "10.0.0.1", "", ("10.0.0.1",), "10.0.0.1"),
    ("an invalid hop", "10.0.0.1", "1.1.1.1, nobody", ("10.0.0.1",), "10.0.0.1"),
    ("loopback addresses have one form", "::1", "1.1.1.1", ("127.0.0.1",), "1.1.1.1"),
    (
        "loopback addresses have one form in the setting",
        "127.0.0.1",
        "::ffff:1.1.1.1",
        ("::1",),
        "1.1.1.1",
    ),
    ("a peer without address", "", "1.1.1.1", ("10.0.0.1",), ""),
]


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "client"),
    [hop[1:] for hop in HOPS],
    ids=[hop[0] for hop in HOPS],
)
def test_the_client_is_the_last_hop_that_is_not_a_trusted_proxy(
    peer: str, forwarded: str, trusted: tuple[str, ...], client: str
) -> None:
    assert client_of(peer, forwarded, trusted) == client
