"""Bytes to clean UTF-8: one precedence, lies found by evidence, characters that XML forbids removed.

feedparser and expat then only ever see UTF-8 without a declaration. feedparser by itself turns a
whole Japanese feed to mojibake for one stray byte or one cp932 character.
"""

import codecs
import re
from dataclasses import dataclass
from typing import Final

from aggregator.errors import UnsafeDocument
from aggregator.parse.charset import codec_of, decode_as

_DECLARATION: Final = re.compile(rb"\s*<\?xml\b[^>]*?\?>", re.IGNORECASE)
_DECLARED: Final = re.compile(rb"""encoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_BOMS: Final = (  # UTF-32 before UTF-16, whose mark it begins with
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
_SHAPES: Final = (  # XML 1.0 appendix F: `<` and `?`, or `<` and a letter, without a mark
    (re.compile(rb"<\0\0\0[^\0]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0<\0\0\0[^\0]"), "utf-32-be"),
    (re.compile(rb"<\0[^\0]\0"), "utf-16le"),
    (re.compile(rb"\0<\0[^\0]"), "utf-16be"),
)
_ASCII_SAFE: Final = ("utf-8", "windows-1252")
_FORBIDDEN_BYTES: Final = bytes(b for b in range(32) if b not in b"\t\n\r")
_REFERENCE: Final = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_UTF8_TRIPLE: Final = re.compile(rb"[\xe1-\xef][\x80-\xbf]{2}")
_NOT_ASCII: Final = re.compile(rb"[\x80-\xff]")
_SAMPLE: Final = 64 * 1024  # bytes
_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc\u3001\u3002]")
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_LETTER: Final = re.compile(
    "[\u00c0-\u04ff\u0590-\u06ff\u0900-\u0dff\u2010-\u203a\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
)
_ODD: Final = re.compile("[\ufffd\uff61-\uff9f\ue000-\uf8ff\u0080-\u009f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body as UTF-8 without mark, declaration or forbidden characters, and how it came about."""

    body: bytes
    encoding: str
    problem: str | None = None  # in words, where the body was not what it said


def to_utf8(body: bytes, charset: str | None, language: str | None = None) -> Decoded:
    """Decode a body; raise UnsafeDocument for UTF-7, in which markup hides from every check.

    Precedence: byte order mark, HTTP charset, XML declaration, shape. Whatever is said, bytes that
    are UTF-8 beyond chance are UTF-8, and a body that breaks its own label is read by evidence.
    """
    body, said = _said(body, charset)
    codec, text, problem = _choose(body, said, japanese=language == "ja")
    clean = body if text is None else text.encode("utf-8", errors="replace")
    if declaration := _DECLARATION.match(clean):
        clean = clean[declaration.end() :]
    return Decoded(strip_forbidden(clean), codec, problem)


def strip_forbidden(document: bytes) -> bytes:
    """Remove from UTF-8 what XML 1.0 forbids (section 2.2), also when written as a reference."""
    clean = document.translate(None, _FORBIDDEN_BYTES)
    # Single bytes first: looking for one is twenty times as fast as for two.
    if b"\xef" in clean and (b"\xef\xbf\xbe" in clean or b"\xef\xbf\xbf" in clean):
        clean = clean.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
    return _REFERENCE.sub(_allowed_reference, clean) if b"#" in clean and b"&#" in clean else clean


def _allowed_reference(match: re.Match[bytes]) -> bytes:
    digits = match.group(1) or match.group(2)
    number = int(digits[:12], 16 if match.group(1) else 10)
    allowed = (
        number in (9, 10, 13)
        or 0x20 <= number <= 0xD7FF
        or 0xE000 <= number <= 0xFFFD
        or 0x10000 <= number <= 0x10FFFF
    )
    return match.group() if allowed else b""


def _said(body: bytes, charset: str | None) -> tuple[bytes, str | None]:
    """Return the body without its mark, and the encoding it is said to be in, best witness first."""
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :], codec
    body = body.lstrip(b" \t\r\n")
    for shape, codec in _SHAPES:
        if shape.match(body):
            return body, codec
    labels = [charset] if charset else []
    if (declaration := _DECLARATION.match(body[:1024])) and (
        declared := _DECLARED.search(declaration.group())
    ):
        labels.append(declared.group(1).decode("ascii"))
    for label in labels:
        if label.strip().lower().replace("_", "-") in (
            "utf-7",
            "unicode-1-1-utf-7",
            "x-unicode-2-0-utf-7",
        ):
            raise UnsafeDocument("it is in UTF-7, which can hide markup")
        codec_name = codec_of(label)
        # A body whose first bytes are ASCII is not UTF-16, whatever it says.
        if codec_name and not codec_name.startswith("utf-16"):
            return body, codec_name
    return body, None


def _choose(body: bytes, said: str | None, *, japanese: bool) -> tuple[str, str | None, str | None]:
    """Return the encoding, the text (None: the body is clean UTF-8 as it is), and what was wrong."""
    if said in ("utf-16le", "utf-16be", "utf-32-le", "utf-32-be"):
        text, bad = decode_as(body, said)
        return said, text, f"{bad} characters are broken" if bad else None
    if b"\x1b" in body and b"\x1b$" in body and said in (None, "iso-2022-jp", *_ASCII_SAFE):
        text, bad = decode_as(body, "iso-2022-jp")
        return "iso-2022-jp", text, f"{bad} characters are broken" if bad else None
    if _is_utf8(body, said):
        wrong = said not in (None, "utf-8") and not body.isascii()
        return "utf-8", None, f"it says {said} and is UTF-8" if wrong else None
    text, bad = decode_as(body, said or "utf-8")
    if not bad and said is not None and said not in _ASCII_SAFE:
        return said, text, None
    return _by_evidence(body, said or "utf-8", text, bad, japanese=japanese)


def _is_utf8(body: bytes, said: str | None) -> bool:
    """Tell whether a body is UTF-8; Japanese double bytes can look like two-byte UTF-8, not like triples."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return said not in ("shift_jis", "euc-jp") or body.isascii() or bool(_UTF8_TRIPLE.search(body))


def _by_evidence(
    body: bytes, said: str, text: str, bad: int, *, japanese: bool
) -> tuple[str, str, str | None]:
    """Choose between what a body says that breaks its label, or could be anything, and its bytes."""
    sample = _sample(body)
    best, best_score = said, _plausible(decode_as(sample, said)[0])
    for codec in ("utf-8", "shift_jis", "euc-jp"):
        other, _ = decode_as(sample, codec)
        score = _plausible(other)
        if score > best_score and (codec == "utf-8" or japanese or _is_japanese(other)):
            best, best_score = codec, score
    if best == "utf-8" and best_score <= 0:
        # More of it is broken than not: European text that lies about its encoding, or says nothing.
        best = "windows-1252"
    if best == said:
        return said, text, f"{bad} characters are broken" if bad else None
    return best, decode_as(body, best)[0], f"it says {said} and is {best}"


def _sample(body: bytes) -> bytes:
    """Return a stretch from where a body is no longer ASCII: enough to tell an encoding by."""
    first = _NOT_ASCII.search(body)
    start = max(0, first.start() - 1000) if first else 0
    return body[start : start + _SAMPLE]


def _is_japanese(text: str) -> bool:
    """Tell whether a text has kana as Japanese has them: European bytes give kanji alone."""
    return len(_KANA.findall(text)) * 8 > len(_HAN.findall(text))


def _plausible(text: str) -> float:
    """Return how much a text looks like text: letters speak for it, replacements and oddities against."""
    return len(_KANA.findall(text)) + len(_LETTER.findall(text)) / 2 - 4 * len(_ODD.findall(text))
