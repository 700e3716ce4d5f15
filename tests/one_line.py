"""Text of an error without its line breaks: the log of a task shows it in short lines."""

from __future__ import annotations


def one_line(error: BaseException) -> str:
    """Return the text of an error on one line, without the line that names the connection."""
    lines = [line for line in str(error).splitlines() if not line.startswith("Connection: ")]
    return " ".join(" ".join(lines).split())
