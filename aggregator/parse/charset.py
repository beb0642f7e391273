"""Encodings as the web means them: WHATWG labels, and the Japanese ones with their vendors' characters."""

import codecs
import re
from typing import Final

import webencodings

_ESCAPE: Final = re.compile(rb"\x1b(\([BJI]|\$[@B])")


def codec_of(label: str) -> str | None:
    """Return our name for an encoding label, or None for one that the web does not know.

    UTF-7 is not among them (https://encoding.spec.whatwg.org/), and neither are UTF-32 and EBCDIC.
    """
    encoding = webencodings.lookup(label)
    if encoding is None or encoding.name in ("x-user-defined", "replacement"):
        return None
    name: str = encoding.name
    return "gb18030" if name == "gbk" else name  # its superset


def decode_as(body: bytes, codec: str) -> tuple[str, int]:
    """Decode, and count what had to be replaced by U+FFFD.

    Shift_JIS is read as code page 932 and EUC-JP and ISO-2022-JP with the same characters
    (①㈱髙): the labels mean nothing narrower in practice.
    """
    if codec == "euc-jp":
        text = body.decode("euc_jp", errors="parse.nec-rows")
    elif codec == "iso-2022-jp":
        text = _from_iso_2022_jp(body)
    else:
        known = webencodings.lookup(codec)  # its Shift_JIS is code page 932
        name = known.codec_info.name if known else codec
        try:
            text = body.decode(name)
        except UnicodeDecodeError:
            text = body.decode(name, errors="replace")
            return text, max(1, text.count("\ufffd"))
        return text, 0
    return text, text.count("\ufffd")


def _nec_rows(error: UnicodeError) -> tuple[str, int]:
    """Decode one pair of EUC-JP that Python's table lacks by way of code page 932, else replace a byte."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) == 2 and pair[0] >= 0xA1 and pair[1] >= 0xA1:
        row, cell = pair[0] - 0xA1, pair[1] - 0xA1
        lead = row // 2 + (0x81 if row < 62 else 0xC1)
        trail = cell + 0x9F if row % 2 else cell + 0x40 + (cell >= 63)
        try:
            return bytes((lead, trail)).decode("cp932"), error.start + 2
        except UnicodeDecodeError:
            pass
    return "\ufffd", error.start + 1


codecs.register_error("parse.nec-rows", _nec_rows)


def _from_iso_2022_jp(body: bytes) -> str:
    """Decode by its escape sequences: two-byte stretches are EUC-JP without the high bit."""
    parts: list[str] = []
    mode = b"(B"
    start = 0
    for escape in [*_ESCAPE.finditer(body), None]:
        stretch = body[start : escape.start() if escape else len(body)]
        if mode in (b"(B", b"(J"):
            parts.append(stretch.decode("ascii", errors="replace"))
        elif mode == b"(I":
            parts.append(bytes(b | 0x80 for b in stretch).decode("cp932", errors="replace"))
        else:
            # White space stands between stretches of a body that was cut into lines.
            high = bytes(b | 0x80 if 0x21 <= b <= 0x7E else b for b in stretch)
            parts.append(high.decode("euc_jp", errors="parse.nec-rows"))
        if escape:
            mode, start = escape.group(1), escape.end()
    return "".join(parts)
