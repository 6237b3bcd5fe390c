"""Valid and invalid requests as bytes, each with its responses."""

from helpers.shipped_api import TRASH, TRASHED

HOST = b"Host: localhost\r\nX-Access-Token: t\r\n"
RESTORE = f"PATCH {TRASH}/{TRASHED}".encode()
LIST = f"GET {TRASH}".encode()
SAVED, MALFORMED = "200", "400 malformed-request"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def request(
    line: bytes = LIST, *headers: bytes, version: bytes = b"HTTP/1.1", body: bytes = b""
) -> bytes:
    """Encode a request with the usual headers, and `headers`."""
    more = b"".join(header + b"\r\n" for header in headers)
    return line + b" " + version + b"\r\n" + HOST + more + b"\r\n" + body


def restore(*headers: bytes, body: bytes = b"{}") -> bytes:
    """Encode a request that changes a record if it is accepted."""
    return request(RESTORE, *headers, body=body)


def chunks(body: bytes, *headers: bytes) -> bytes:
    """Encode a request with a chunked body that changes a record if it is accepted."""
    return restore(b"Transfer-Encoding: chunked", *headers, body=body)


def raw(text: str) -> bytes:
    """Encode the head of a request. `|` is a CRLF, and `HOST` stands for the usual headers."""
    return text.replace("|", "\r\n").encode("latin-1").replace(b"HOST\r\n", HOST)


LENGTHS: dict[str, tuple[bytes, list[str]]] = {
    "a length": (restore(b"Content-Length: 2"), [SAVED]),
    "a length with zeros": (restore(b"Content-Length: 0002"), [SAVED]),
    "a length with a space after it": (restore(b"Content-Length: 2 "), [SAVED]),
    "a length and chunks": (
        restore(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        [MALFORMED],
    ),
    "chunks and a length": (
        restore(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n"),
        [MALFORMED],
    ),
    "two equal lengths": (restore(b"Content-Length: 2", b"Content-Length: 2"), [MALFORMED]),
    "two different lengths": (restore(b"Content-Length: 2", b"Content-Length: 3"), [MALFORMED]),
    "a list of lengths": (restore(b"Content-Length: 2, 2"), [MALFORMED]),
    "a length with a plus": (restore(b"Content-Length: +2"), [MALFORMED]),
    "a negative length": (restore(b"Content-Length: -2"), [MALFORMED]),
    "a hexadecimal length": (restore(b"Content-Length: 0x2"), [MALFORMED]),
    "a length with an underscore": (restore(b"Content-Length: 1_0"), [MALFORMED]),
    "two numbers": (restore(b"Content-Length: 2 2"), [MALFORMED]),
    "an empty length": (restore(b"Content-Length:"), [MALFORMED]),
    "a length of 19 digits": (
        restore(b"Content-Length: 9999999999999999999"),
        ["413 body-too-large"],
    ),
    "a length of 30 digits": (restore(b"Content-Length: " + b"9" * 30), [MALFORMED]),
    "a space before the colon": (restore(b"Content-Length : 2"), [MALFORMED]),
    "a tab before the colon": (restore(b"Content-Length\t: 2"), [MALFORMED]),
    "an underscore in the name": (
        request(RESTORE, b"Content_Length: 2") + request(),
        [SAVED, SAVED],
    ),
}
CODINGS: dict[str, tuple[bytes, list[str]]] = {
    name: (request(RESTORE, header, body=b"0\r\n\r\n"), [MALFORMED])
    for name, header in {
        "xchunked": b"Transfer-Encoding: xchunked",
        "gzip and chunked": b"Transfer-Encoding: gzip, chunked",
        "chunked twice": b"Transfer-Encoding: chunked, chunked",
        "two headers": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "gzip in another header": b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
        "identity after chunked": b"Transfer-Encoding: chunked, identity",
        "identity": b"Transfer-Encoding: identity",
        "empty": b"Transfer-Encoding:",
        "quoted": b'Transfer-Encoding: "chunked"',
        "with a parameter": b"Transfer-Encoding: chunked;a=b",
        "a vertical tab in the name": b"Transfer-Encoding\x0b: chunked",
        "a vertical tab in the value": b"Transfer-Encoding: \x0bchunked",
        "a no-break space": b"Transfer-Encoding: \xa0chunked",
        "on the next line": b"Transfer-Encoding:\r\n chunked",
        "a space before the colon": b"Transfer-Encoding : chunked",
    }.items()
}
CODINGS["in HTTP/1.0"] = (
    request(RESTORE, b"Transfer-Encoding: chunked", version=b"HTTP/1.0", body=b"0\r\n\r\n"),
    [MALFORMED],
)
CODINGS["in HTTP/1.0 without Host"] = (
    RESTORE + b" HTTP/1.0\r\nX-Access-Token: t\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
    [MALFORMED],
)
CODINGS["any case"] = restore(b"transfer-encoding: Chunked", body=b"2\r\n{}\r\n0\r\n\r\n"), [SAVED]
CODINGS["a tab before it"] = (
    restore(b"Transfer-Encoding:\tchunked", body=b"2\r\n{}\r\n0\r\n\r\n"),
    [SAVED],
)
CODINGS["a tab after it"] = restore(b"Transfer-Encoding: chunked\t", body=b"0\r\n\r\n"), [MALFORMED]
CHUNKS: dict[str, tuple[bytes, list[str]]] = {
    "two chunks": (chunks(b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"), [SAVED]),
    "zeros before the size": (chunks(b"0002\r\n{}\r\n000\r\n\r\n"), [SAVED]),
    "an extension": (chunks(b'2;a="b;\\"c"\r\n{}\r\n0;d\r\n\r\n'), [SAVED]),
    "trailers": (
        chunks(b"2\r\n{}\r\n0\r\nX-Mock-Sandbox: other\r\nPrefer: code=400\r\n\r\n"),
        [SAVED],
    ),
    "a request after trailers": (
        chunks(b"2\r\n{}\r\n0\r\nA: b\r\n\r\n") + request(),
        [SAVED, SAVED],
    ),
    "a space after the size": (chunks(b"2 \r\n{}\r\n0\r\n\r\n"), [MALFORMED]),
    "a plus": (chunks(b"+2\r\n{}\r\n0\r\n\r\n"), [MALFORMED]),
    "a minus": (chunks(b"-2\r\n{}\r\n0\r\n\r\n"), [MALFORMED]),
    "0x": (chunks(b"0x2\r\n{}\r\n0\r\n\r\n"), [MALFORMED]),
    "an underscore": (chunks(b"0_2\r\n{}\r\n0\r\n\r\n"), [MALFORMED]),
    "no size": (chunks(b"\r\n{}\r\n0\r\n\r\n"), [MALFORMED]),
    "an extension without a size": (chunks(b";a\r\n{}\r\n0\r\n\r\n"), [MALFORMED]),
    "17 digits": (chunks(b"10000000000000002\r\n{}\r\n0\r\n\r\n"), [MALFORMED]),
    "a bare LF after the size": (chunks(b"2\n{}\r\n0\r\n\r\n"), [MALFORMED]),
    "a bare CR after the size": (chunks(b"2\r{}\r\n0\r\n\r\n"), [MALFORMED]),
    "a bare LF in an extension": (chunks(b"2;a\nb\r\n{}\r\n0\r\n\r\n"), [MALFORMED]),
    "a bare CR in an extension": (chunks(b"2;a\rb\r\n{}\r\n0\r\n\r\n"), [MALFORMED]),
    "a NUL in an extension": (chunks(b"2;\0\r\n{}\r\n0\r\n\r\n"), [MALFORMED]),
    "a bare LF after the data": (chunks(b"2\r\n{}\n0\r\n\r\n"), [MALFORMED]),
    "more data than the size": (chunks(b"2\r\n{}x\r\n0\r\n\r\n"), [MALFORMED]),
    "a bare LF at the end": (chunks(b"2\r\n{}\r\n0\r\n\n"), [MALFORMED]),
    "a length as a trailer": (chunks(b"2\r\n{}\r\n0\r\nContent-Length: 2\r\n\r\n"), [MALFORMED]),
    "a coding as a trailer": (
        chunks(b"2\r\n{}\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        [MALFORMED],
    ),
    "an invalid trailer": (chunks(b"2\r\n{}\r\n0\r\n bad\r\n\r\n"), [MALFORMED]),
}
HEADERS: dict[str, tuple[bytes, list[str]]] = {
    name: (request(LIST, header), [MALFORMED])
    for name, header in {
        "a folded line": b"X-A: 1\r\n 2",
        "a folded line with a tab": b"X-A: 1\r\n\t2",
        "a space before the colon": b"X-A : 1",
        "no colon": b"X-A",
        "no name": b": 1",
        "a space in the name": b"X A: 1",
        "a NUL in the name": b"X\0: 1",
        "a letter that is not ASCII in the name": b"X-\xe9: 1",
        "a NUL in the value": b"X: a\0b",
        "a control character in the value": b"X: a\x01b",
        "a DEL in the value": b"X: a\x7fb",
        "a bare CR in the value": b"X: a\rb",
        "a bare CR before a header": b"X: a\rContent-Length: 5",
        "a bare LF before a header": b"X: a\nContent-Length: 5",
        "a second Host": b"Host: localhost",
    }.items()
}
HEADERS |= {
    "bytes that are not ASCII in the value": (request(LIST, b"X: \xff\xc5\x99"), ["200"]),
    "a bare LF at the end": (raw("GET /api HTTP/1.1|HOST|\n")[:-3] + b"\n", [MALFORMED]),
    "bare LFs only": (request().replace(b"\r", b""), [MALFORMED]),
    "bare CRs only": (request().replace(b"\n", b""), [MALFORMED]),
    "a space before the first": (raw("GET /api HTTP/1.1| X: 1|HOST|"), [MALFORMED]),
    "no Host": (raw("GET /api/x HTTP/1.1||"), [MALFORMED]),
    "no Host and a URL": (raw("GET http://x/api/x HTTP/1.1||"), [MALFORMED]),
    "no Host in HTTP/1.0": (raw(f"GET {TRASH} HTTP/1.0|X-Access-Token: t||"), ["200"]),
    "an empty Host": (raw(f"GET {TRASH} HTTP/1.1|Host:|X-Access-Token: t||"), ["200"]),
    "a Host with a port": (
        raw(f"GET {TRASH} HTTP/1.1|Host: [::1]:80|X-Access-Token: t||"),
        ["200"],
    ),
    "a Host with a space": (raw("GET /api HTTP/1.1|Host: a b||"), [MALFORMED]),
    "a Host with a user": (raw("GET /api HTTP/1.1|Host: u@a||"), [MALFORMED]),
    "a Host with a path": (raw("GET /api HTTP/1.1|Host: a/b||"), [MALFORMED]),
    "a Host with a port that is not a number": (raw("GET /api HTTP/1.1|Host: a:b||"), [MALFORMED]),
    "two Hosts in HTTP/1.0": (raw("GET /api HTTP/1.0|Host: a|Host: b||"), [MALFORMED]),
}
LINES: dict[str, tuple[bytes, list[str]]] = {
    name: (request(line, version=version), [status])
    for name, line, version, status in [
        ("HTTP/1.0", LIST, b"HTTP/1.0", "200"),
        ("HTTP/0.9", LIST, b"HTTP/0.9", MALFORMED),
        ("HTTP/1.2", LIST, b"HTTP/1.2", MALFORMED),
        ("HTTP/1.10", LIST, b"HTTP/1.10", MALFORMED),
        ("HTTP/01.1", LIST, b"HTTP/01.1", MALFORMED),
        ("HTTP/2.0", LIST, b"HTTP/2.0", MALFORMED),
        ("http/1.1", LIST, b"http/1.1", MALFORMED),
        ("no version", LIST, b"", MALFORMED),
        ("ICE", b"SOURCE /api", b"ICE/1.0", MALFORMED),
        ("a space at the end", LIST, b"HTTP/1.1 ", MALFORMED),
        ("a tab after the method", LIST.replace(b" ", b"\t"), b"HTTP/1.1", MALFORMED),
        ("a space before the method", b" " + LIST, b"HTTP/1.1", MALFORMED),
        ("a space in the target", LIST + b"?a b", b"HTTP/1.1", MALFORMED),
        ("a NUL in the target", LIST + b"\0", b"HTTP/1.1", MALFORMED),
        ("a bare CR in the target", LIST + b"\r", b"HTTP/1.1", MALFORMED),
        ("bytes that are not ASCII in the target", LIST + b"/\xc5\x99", b"HTTP/1.1", MALFORMED),
        ("a method in lower case", b"get /api", b"HTTP/1.1", MALFORMED),
        ("an unknown method", b"FETCH /api", b"HTTP/1.1", MALFORMED),
        ("a method of HTTP/2", b"PRI /api", b"HTTP/1.1", MALFORMED),
        ("a method of WebDAV", b"PROPFIND" + LIST[3:], b"HTTP/1.1", "405 method-not-allowed"),
        ("TRACE", b"TRACE" + LIST[3:], b"HTTP/1.1", "405 method-not-allowed"),
        ("a fragment", LIST + b"#part", b"HTTP/1.1", "200"),
        ("a URL", LIST.replace(b" /", b" http://example.com:8080/"), b"HTTP/1.1", "200"),
        (
            "a URL with a scheme in capitals",
            LIST.replace(b" /", b" HTTP://example.com/"),
            b"HTTP/1.1",
            "200",
        ),
        (
            "a URL of another scheme",
            LIST.replace(b" /", b" ftp://example.com/"),
            b"HTTP/1.1",
            MALFORMED,
        ),
        ("a relative path", b"GET trash", b"HTTP/1.1", MALFORMED),
        ("an authority", b"GET localhost:80", b"HTTP/1.1", MALFORMED),
        ("CONNECT", b"CONNECT localhost:80", b"HTTP/1.1", MALFORMED),
        ("CONNECT with a path", b"CONNECT /api", b"HTTP/1.1", MALFORMED),
        ("GET *", b"GET *", b"HTTP/1.1", MALFORMED),
        ("OPTIONS *", b"OPTIONS *", b"HTTP/1.1", "404 route-not-found"),
        ("an encoded NUL", LIST + b"%00", b"HTTP/1.1", "404 unknown-operation"),
        ("a percent sign without digits", LIST + b"?searched_text=%zz%2", b"HTTP/1.1", "200"),
        ("an encoded byte that is not UTF-8", LIST + b"%ff", b"HTTP/1.1", MALFORMED),
    ]
}
LINES |= {
    "the line of HTTP/0.9": (LIST + b"\r\n\r\n", [MALFORMED]),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", [MALFORMED]),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [MALFORMED]),
    "empty lines before it": (b"\r\n\r\n" + request(), ["200"]),
    "an empty line after a body": (
        restore(b"Content-Length: 2") + b"\r\n" + request(),
        [SAVED, "200"],
    ),
    "nothing": (b"", []),
    "empty lines only": (b"\r\n\r\n", []),
    "half a method": (b"GE", [MALFORMED]),
    "half a line": (LIST + b" HT", [MALFORMED]),
    "half a head": (LIST + b" HTTP/1.1\r\nHost: lo", [MALFORMED]),
    "half a body": (restore(b"Content-Length: 9"), [MALFORMED]),
}
H2C = (
    b"Connection: Upgrade, HTTP2-Settings",
    b"Upgrade: h2c",
    b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
)
CONNECTIONS: dict[str, tuple[bytes, list[str]]] = {
    "a WebSocket": (
        request(LIST, b"Connection: Upgrade", b"Upgrade: websocket") + request(),
        ["200", "200"],
    ),
    "HTTP/2": (request(LIST, *H2C) + request(), ["200", "200"]),
    "HTTP/2 with a body": (restore(*H2C, b"Content-Length: 2") + request(), [SAVED, "200"]),
    "HTTP/2 with an empty body": (
        request(RESTORE, *H2C, b"Content-Length: 0") + request(),
        [SAVED, "200"],
    ),
    "HTTP/2 with chunks": (
        restore(*H2C, b"Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n\r\n") + request(),
        [SAVED, "200"],
    ),
    "HTTP/2 with a request as its body": (
        restore(*H2C, b"Content-Length: %d" % len(request(RESTORE)), body=request(RESTORE)),
        ["400 request-breaks-contract"],
    ),
    "HTTP/2, at the end": (request(LIST, *H2C, b"Connection: close") + request(), ["200"]),
    "close": (request() + request(LIST, b"Connection: close") + request(), ["200", "200"]),
    "close in a list": (request(LIST, b"Connection: keep-alive, Close") + request(), ["200"]),
    "HTTP/1.0": (request(version=b"HTTP/1.0") + request(), ["200"]),
    "HTTP/1.0 that goes on": (
        request(LIST, b"Connection: keep-alive", version=b"HTTP/1.0") * 2 + request(),
        ["200"] * 3,
    ),
    "an invalid one after good ones": (
        request() * 2 + b"oops\r\n\r\n" + request(),
        ["200", "200", MALFORMED],
    ),
    "half a request after a good one": (request() + LIST, ["200", MALFORMED]),
    "another expectation": (restore(b"Expect: 200-ok", b"Content-Length: 2"), [SAVED]),
    "100-continue without a body": (request(LIST, b"Expect: 100-continue"), ["200"]),
    "100-continue in HTTP/1.0": (
        request(
            RESTORE, b"Expect: 100-continue", b"Content-Length: 2", version=b"HTTP/1.0", body=b"{}"
        ),
        [SAVED],
    ),
}
CONNECTIONS["100-continue in HTTP/1.0 without the body"] = (
    request(RESTORE, b"Expect: 100-continue", b"Content-Length: 2", version=b"HTTP/1.0"),
    [MALFORMED],
)
GROUPS = {
    "Content-Length": LENGTHS,
    "Transfer-Encoding": CODINGS,
    "chunks": CHUNKS,
    "headers": HEADERS,
    "request line": LINES,
    "connection": CONNECTIONS,
}
CORPUS = {
    f"{group}: {name}": case for group, cases in GROUPS.items() for name, case in cases.items()
}
"""Name to the bytes of one connection, and the status and slug of each response."""
