"""Text and traceback of an error as the log of a failed task shows them: short lines, and few frames."""

from __future__ import annotations

import re
import textwrap
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_seventime.exceptions import SevenTimeError

# Airflow's web page shows about so many characters of a line beside the time.
LINE_WIDTH = 120
SENTENCE_END = re.compile(r"(?<=[\w)\]'\"])\. (?=[A-Z])")
LIST_ITEM = "  - "

PACKAGE = Path(__file__).parent.parent
# Folders with the code of tasks. Of the code below them, the traceback shows the line that raised the error.
TASK_FOLDERS = ("operators", "sensors", "transfers", "triggers")
# Of these libraries no frame is shown: they call the package's own code, or are the way to the operating system.
HIDDEN_LIBRARIES = ("tenacity", "concurrent", "contextlib", "threading", "asyncio", "requests", "urllib3", "asgiref")


def failure_text(error: SevenTimeError) -> str:
    """Return the message of an error in short lines: what happened, the connection, and last what to do.

    :param error: the error. Its ``connection`` is shown if it is set.
    """
    lines = str(error).splitlines()
    items = [line for line in lines if line.startswith(LIST_ITEM)]
    # What to do about one of several problems remains with it.
    whole = items if len(items) > 1 else []
    parts = [part for line in lines for part in ([line] if line in whole else _sentences(line))]
    if error.connection is not None:
        listed = [index for index, part in enumerate(parts) if part.startswith(LIST_ITEM)]
        parts.insert(listed[-1] + 1 if listed else 1, f"Connection: {error.connection}")
    return "\n".join(line for part in parts for line in _wrapped(part))


def headline(error: SevenTimeError) -> str:
    """Return the first sentence of an error's message, which says what happened."""
    return next(iter(_sentences(str(error).partition("\n")[0])), "")


def _sentences(line: str) -> list[str]:
    """Return the sentences of a line. What stands in parentheses is not divided: it may quote another message."""
    ends = [found.start() + 1 for found in SENTENCE_END.finditer(line)]
    ends = [end for end in ends if line.count("(", 0, end) <= line.count(")", 0, end)]
    return [line[start:end].strip() if start else line[:end] for start, end in pairwise([0, *ends, len(line)])]


def _wrapped(paragraph: str) -> list[str]:
    indent = " " * (len(paragraph) - len(paragraph.lstrip(" -")))
    return textwrap.wrap(
        paragraph, LINE_WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def shorten_traceback(error: BaseException) -> None:
    """Remove the frames of libraries and of lower layers from the traceback of an error, and those of its causes.

    The frames of the task's own code and of the line that raised the error remain. The causes remain without frames.

    :param error: the error.
    """
    error.__traceback__ = _shortened(error.__traceback__)
    seen = {id(error)}
    cause = error.__cause__ or error.__context__
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        cause.__traceback__ = None
        cause = cause.__cause__ or cause.__context__


def _shortened(traceback: TracebackType | None) -> TracebackType | None:
    entries = []
    while traceback is not None:
        entries.append(traceback)
        traceback = traceback.tb_next
    shown = None
    for entry in reversed(entries):
        if shown is None or _is_shown(entry.tb_frame.f_code.co_filename):
            shown = TracebackType(shown, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return shown


def _is_shown(file: str) -> bool:
    path = Path(file)
    if path.is_relative_to(PACKAGE):
        return path.relative_to(PACKAGE).parts[0] in TASK_FOLDERS
    return not any(library in HIDDEN_LIBRARIES for library in (*path.parts[-3:-1], path.stem))
