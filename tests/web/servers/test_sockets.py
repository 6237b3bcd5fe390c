"""The sockets that a server listens on."""

import errno
import socket
from contextlib import ExitStack

import pytest

from mockserver.config.settings import Settings
from mockserver.errors import StartError
from mockserver.web.servers import sockets

IPV6 = pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")


@IPV6
def test_a_socket_on_all_ipv6_addresses_does_not_use_ipv4() -> None:
    with ExitStack() as opened:
        (six,) = (opened.enter_context(each) for each in sockets.bind(Settings(host="::", port=0)))
        (four,) = (
            opened.enter_context(each)
            for each in sockets.bind(Settings(host="0.0.0.0", port=six.getsockname()[1]))
        )
        assert [each.family for each in (six, four)] == [socket.AF_INET6, socket.AF_INET]
        assert six.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.EADDRINUSE, "port 80 of 127.0.0.1 is already in use; choose another with --port"),
        (
            errno.EACCES,
            "no permission to use port 80 of 127.0.0.1; choose a port above 1023 with --port",
        ),
        (errno.EADDRNOTAVAIL, "cannot listen on 127.0.0.1:80: Cannot assign requested address"),
    ],
    ids=["in use", "without permission", "of another machine"],
)
def test_an_unusable_address_is_reported(
    monkeypatch: pytest.MonkeyPatch, number: int, message: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, "Cannot assign requested address")

    monkeypatch.setattr(sockets, "_listening_socket", fail)
    with pytest.raises(StartError) as error:
        sockets.bind(Settings(host="127.0.0.1", port=80))
    assert str(error.value) == message


def test_an_address_of_another_machine_is_rejected() -> None:
    with pytest.raises(StartError, match=r"^cannot listen on 192\.0\.2\.1:0: "):
        sockets.bind(Settings(host="192.0.2.1", port=0))
