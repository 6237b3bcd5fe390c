"""One parsed HTTP request. It becomes a request of the pipeline, or a WSGI environ."""

import io
import sys
from typing import Any

from mockserver.config.sandbox_names import split_sandbox_path
from mockserver.errors import TargetTooLong
from mockserver.formats.client_address import client_of
from mockserver.formats.content_coding import decode
from mockserver.pipeline.messages import Request
from mockserver.web.targets import MAX_TARGET, decode_path, path_of, raw_path, segments_of, unquote
from mockserver.web.wsgi import PACES_STREAMS

RawHeaders = list[tuple[bytes, bytes]]
"""Headers in the order of the request, with names in lower case."""


class Message:
    """One HTTP request. Only the parser changes it."""

    __slots__ = (
        "body",
        "close",
        "has_body",
        "headers",
        "is_complete_head",
        "method",
        "received",
        "target",
        "version",
    )

    def __init__(self) -> None:
        self.method = ""
        self.target = b""
        self.version = "1.1"
        self.headers: RawHeaders = []
        self.body = b""
        self.has_body = False
        """Whether the request has a body, of any length."""
        self.is_complete_head = False
        self.close = False
        """Whether the connection ends after the response."""
        self.received: bytes | None = None
        """The bytes of the request if they were received at once and alone, otherwise `None`."""

    def values(self, name: bytes) -> list[bytes]:
        """Return the values of a header."""
        return [value for key, value in self.headers if key == name]

    def header(self, name: str) -> str | None:
        """Return the value of a header as `named_headers` does; `None` if it is missing."""
        values = self.values(name.encode())
        if not values:
            return None
        return b",".join(values).decode("latin-1")

    def named_headers(self) -> dict[str, str]:
        """Return the headers by name, with the values of a repeated header joined.

        See RFC 9110, section 5.3.
        """
        headers: dict[str, str] = {}
        for raw_name, raw_value in self.headers:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            if name in headers:
                value = f"{headers[name]},{value}"
            headers[name] = value
        return headers


class Target:
    """The target of a request: path, query, and the sandbox in the base URL."""

    __slots__ = ("path", "prefix", "query", "raw", "sandbox")

    def __init__(self, target: bytes) -> None:
        self.raw = target.decode("latin-1").partition("#")[0]
        self.query = self.raw.partition("?")[2]
        path = self.raw
        if path != "*":
            path = unquote(raw_path(path))
        sandbox_path = split_sandbox_path(path)
        self.sandbox: str | None = None
        self.prefix = ""
        """The decoded start of the path that names the sandbox."""
        self.path = path
        """Decoded, one character per byte, without the prefix."""
        if sandbox_path:
            self.sandbox, rest = sandbox_path
            self.path, self.prefix = rest or "/", f"/~{self.sandbox}"


def to_request(
    message: Message,
    target: Target,
    address: str,
    max_body: int,
    trusted_proxies: tuple[str, ...] = (),
) -> Request:
    """Return the request of a message. `X-Forwarded-For` is trusted if a trusted proxy sent it.

    Raises:
        MalformedRequest: the path or the body cannot be decoded.
        TargetTooLong: path and query are longer than `MAX_TARGET`.
        BodyTooLarge: the decompressed body has more than `max_body` bytes.
        UnsupportedContentCoding: the compression of the body is not supported.
    """
    headers = message.named_headers()
    size = len(target.path) + len(target.query)
    if size > MAX_TARGET:
        raise TargetTooLong(f"path and query have {size} bytes, expected at most {MAX_TARGET}")
    segments = None
    if "%2" in target.raw:
        segments = segments_of(target.raw, target.prefix, target.path)
    if segments:
        path = path_of(segments)
    else:
        path = decode_path(target.path)
    body = message.body
    if body and "content-encoding" in headers:
        body = decode(body, headers["content-encoding"], max_body)
    if trusted_proxies:
        address = client_of(address, headers.get("x-forwarded-for", ""), trusted_proxies)
    return Request(
        message.method, path, target.query, headers, body, target.sandbox, address, None, segments
    )


def to_environ(
    message: Message, target: Target, address: str, server: tuple[str, int]
) -> dict[str, Any]:
    """Return the WSGI environ of a message (PEP 3333). `server` is the address that received it."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": message.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": target.prefix + target.path,
        "QUERY_STRING": target.query,
        "RAW_URI": target.raw,
        "REMOTE_ADDR": address,
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{message.version}",
        "SERVER_SOFTWARE": "mockserver",
        PACES_STREAMS: True,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(message.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in message.named_headers().items():
        if "_" not in name:  # X_A and X-A would be the same variable
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ.pop("HTTP_CONTENT_LENGTH", None)
    if "HTTP_CONTENT_TYPE" in environ:
        environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE")
    if message.body:
        environ["CONTENT_LENGTH"] = str(len(message.body))
    return environ
