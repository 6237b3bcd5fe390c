"""Line breaks of the files that commands write and compare: LF on every system.

Git on Windows converts them to CRLF by default.
"""

ADVICE = (
    "has CRLF line breaks, which git or an editor can write; expected LF: put `* text eol=lf` into "
    ".gitattributes and check the file out again, or write it again without --check"
)
"""What to do about a file that has CRLF line breaks."""


def unix_line_breaks(data: bytes) -> bytes:
    """Return the same text with LF line breaks."""
    return data.replace(b"\r\n", b"\n")
