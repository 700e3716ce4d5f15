"""Lexer of SIE files: lines and their fields, without the meaning of labels (SIE 4B, 5.4-5.10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from airflow_provider_seventime.exceptions import SieFormatError

_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_QUOTED = r'"(?:\\"|[^"\\\t]|\\(?!"))*"'
_BARE = r'[^ \t"{}]+'
_OBJECTS = rf"\{{[ \t]*(?:(?:{_QUOTED}|{_BARE})(?:[ \t]+|(?=\}})))*\}}"
_FIELD = re.compile(rf"[ \t]+(?:(?P<text>{_QUOTED}|{_BARE})|(?P<objects>{_OBJECTS}))(?=[ \t]|$)")
_TEXT = re.compile(rf"{_QUOTED}|{_BARE}")
_LABEL = re.compile(r"#[A-Z0-9_]+|[{}]")


@dataclass(frozen=True)
class SieField:
    """One field of a record.

    :param text: the text without quotation marks.
    :param objects: for an object list: dimension and object number in turn. None: the field is not an object list.
    """

    text: str
    objects: tuple[str, ...] | None = None


@dataclass(frozen=True)
class SieLine:
    """One record.

    :param number: line number from 1.
    :param label: the label, for example ``#VER``, or a single brace.
    :param fields: the fields after the label.
    """

    number: int
    label: str
    fields: tuple[SieField, ...]

    @property
    def content(self) -> str:
        """The part that a checksum covers (SIE 4B, 10): no blanks, enclosing quotation marks or braces."""
        if self.label in {"{", "}"}:
            return ""
        return self.label + "".join(field.text for field in self.fields)


def read_lines(data: bytes) -> Iterator[SieLine]:
    """Read the records of a file without its blank lines.

    :raises SieFormatError: the bytes are not text in code page 437, or a line does not consist of fields.
    """
    _check_encoding(data)
    *lines, rest = data.decode("cp437").split("\n")
    if rest:
        raise SieFormatError("the last line has no line end; the file may be truncated", len(lines) + 1)
    for number, line in enumerate(lines, start=1):
        content = line.removesuffix("\r")
        if _CONTROL.search(content):
            raise SieFormatError("the line has a control character", number)
        if content.strip(" \t"):
            yield _read_line(content.strip(" \t"), number)


def _check_encoding(data: bytes) -> None:
    if data.startswith(_BYTE_ORDER_MARKS):
        raise SieFormatError("the file begins with a byte order mark; expected code page 437")
    try:
        as_utf8 = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    # A Swedish letter in code page 437 is never valid UTF-8, so valid UTF-8 beyond ASCII was written as UTF-8.
    if not as_utf8.isascii():
        raise SieFormatError("the file is encoded as UTF-8; expected code page 437")


def _read_line(line: str, number: int) -> SieLine:
    label = _LABEL.match(line)
    if label is None:
        raise SieFormatError(f"{line[:20]!r} does not begin with a label", number)
    fields: list[SieField] = []
    position = label.end()
    while position < len(line):
        found = _FIELD.match(line, position)
        if found is None:
            raise SieFormatError(
                f"{line[position:].strip()[:20]!r} is not a field; check its quotation marks and braces", number
            )
        fields.append(_field(found))
        position = found.end()
    if label[0] in {"{", "}"} and fields:
        raise SieFormatError("a brace around rows must be alone on its line", number)
    return SieLine(number, label[0], tuple(fields))


def _field(found: re.Match[str]) -> SieField:
    if found["objects"] is None:
        return SieField(_content(found["text"]))
    objects = tuple(_content(text) for text in _TEXT.findall(found["objects"]))
    return SieField("".join(objects), objects)


def _content(written: str) -> str:
    if written.startswith('"'):
        return written[1:-1].replace('\\"', '"')
    return written
