"""Pictures of pages, small enough to keep."""

import base64
import struct
import zlib

from playwright.sync_api import Page

# The browser decodes the PNG. Each channel is rounded to an invisible step, so that the smoothed
# edges of letters are equal in each picture.
_PIXELS = """async (png) => {
  const bytes = Uint8Array.from(atob(png), (one) => one.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const {data} = context.getImageData(0, 0, image.width, image.height);
  let text = "";
  for (let at = 0; at < data.length; at += 4) {
    for (const channel of data.subarray(at, at + 3)) {
      text += String.fromCharCode(Math.min(255, Math.round(channel / 6) * 6));
    }
  }
  return [image.width, image.height, btoa(text)];
}"""


def screenshot(page: Page) -> bytes:
    """Return a picture of the page, as a PNG (RFC 2083) without transparency."""
    shot = base64.b64encode(page.screenshot(animations="disabled", caret="hide")).decode()
    blank = page.context.new_page()
    width, height, pixels = blank.evaluate(_PIXELS, shot)
    blank.close()
    data, row = base64.b64decode(pixels), width * 3
    lines = b"".join(b"\0" + data[at : at + row] for at in range(0, len(data), row))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
