"""Bytes to text, as mail really labels them.

The order was measured on well and badly labelled mails: UTF-8 first whatever the label says, then the label as the web understands
it (iso-8859-1 means cp1252, gb2312 means gbk), then cp1252. Guessing a charset from statistics took short Hebrew for Chinese.
"""

import base64
import binascii
import codecs
import quopri
import re

import webencodings

# utf-16, utf-7 and iso-2022 are valid ASCII or UTF-8 by accident, so for them alone the label comes first.
_STATEFUL = re.compile(r"utf-?(?:7|16|32)|iso-2022|hz", re.I)
_SAFE_CODEC = re.compile(r"(?:cp|ibm|iso|mac|windows|koi|euc|big5|gb|shift|johab|latin|ascii|us-ascii|tis|ptcp)[\w.\-]*", re.I)
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_ENCODED_WORDS = re.compile(r"(?<=\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
# Invisible characters that reorder or split words for the reader; joiners stay, some scripts need them.
_MISLEADING = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def decode(data: bytes, label: str = "") -> str:
    """The text of `data`, which calls its charset `label`. Never fails: what fits nothing becomes replacement characters."""
    label = label.strip().strip("\"'").lower()
    if data.isascii() and not _STATEFUL.match(label):
        return clean(data.decode("ascii"))
    if _STATEFUL.match(label) and (text := _try(data, label)) is not None:
        return clean(text)
    if (text := _utf8(data)) is not None:
        return clean(text)
    known = webencodings.lookup(label)
    if known is not None and known.name != "utf-8":
        return clean(data.decode(known.codec_info.name, "replace"))
    for codec in (label, label.replace("-", "")):
        if _SAFE_CODEC.fullmatch(codec) and (text := _try(data, codec, "replace")) is not None:
            return clean(text)
    return clean(data.decode("cp1252", "replace"))


def clean(text: str) -> str:
    """Text every database and screen can hold: one kind of line end, no NUL, no lone surrogate, nothing that reorders words."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return _CONTROL.sub(_visible, text)
    return _MISLEADING.sub("", _CONTROL.sub(_visible, text))


def _visible(character: re.Match[str]) -> str:
    code = character.group()
    if code in "\x0b\x0c\x85":
        return "\n"
    return "\ufffd" if code >= "\ud800" else " "


def decode_words(value: str) -> str:
    """A header's value with its encoded words read. Neighbouring words of one charset are joined first: they split characters."""
    if "=?" not in value:
        return " ".join(clean(value).split())
    value = _BETWEEN_ENCODED_WORDS.sub("", value)
    pieces: list[str] = []
    pending, label, place = b"", "", 0
    for word in _ENCODED_WORD.finditer(value):
        between, charset = value[place : word.start()], word.group(1).partition("*")[0].lower()
        if pending and (between or charset != label):
            pieces.append(decode(pending, label))
            pending = b""
        pieces.append(between)
        pending, label, place = pending + _word_bytes(word.group(2), word.group(3)), charset, word.end()
    if pending:
        pieces.append(decode(pending, label))
    pieces.append(value[place:])
    return " ".join(clean("".join(pieces)).split())


def _word_bytes(kind: str, text: str) -> bytes:
    data = text.encode("ascii", "replace")
    if kind in "qQ":
        return quopri.decodestring(data.replace(b"_", b" "), header=False)
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except (binascii.Error, ValueError):
        return data


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A last character cut in two is a cut mail, not another charset.
        if error.reason == "unexpected end of data" and error.end == len(data) and error.start > 0:
            return data[: error.start].decode("utf-8") + "\ufffd"
        return None


def _try(data: bytes, codec: str, errors: str = "strict") -> str | None:
    try:
        codecs.lookup(codec)
        return data.decode(codec, errors)
    except (LookupError, ValueError):
        return None
