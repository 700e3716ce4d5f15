"""Checks the language of the package: docstrings that begin with a question word, and words of the list below.

``python scripts/check_language.py [PATH ...]`` prints each finding as ``path:line: message`` and exits with 1 if there
is one. Without a path it checks the whole package. It reads Python files: others are skipped, and so is this script
in a folder, because it contains the list of words.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "airflow_provider_seventime"
QUESTION = re.compile(r"(?:Where|What|Whether|How|Who)\b")
FIGURE_OF_SPEECH = re.compile(r"\b(?:told|tells|nobody|somebody|let go|keep in mind)\b", re.IGNORECASE)
# Lines that may hold one of the words, as "path:text"; at most five.
ALLOWED: tuple[str, ...] = ()


def question_docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the first line of each docstring that begins with a question word."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if not isinstance(node, documented) or not node.body:
            continue
        text = ast.get_docstring(node)
        if text is not None and QUESTION.match(text):
            yield node.body[0].lineno, text.partition("\n")[0]


def findings(path: Path) -> Iterator[str]:
    """Yield what is wrong with the language of one file."""
    source = path.read_text(encoding="utf-8")
    shown = path.relative_to(ROOT).as_posix()
    for line, text in question_docstrings(ast.parse(source)):
        yield f"{shown}:{line}: the docstring begins with a question word, name the thing instead: {text}"
    for line, text in enumerate(source.splitlines(), 1):
        found = FIGURE_OF_SPEECH.search(text)
        if found and f"{shown}:{text.strip()}" not in ALLOWED:
            yield f"{shown}:{line}: write plainly instead of {found[0]!r}: {text.strip()}"


def python_files(path: Path) -> Iterator[Path]:
    """Yield the Python files of a path: the file itself, or those of a folder without this script."""
    if path.is_dir():
        yield from (file for file in path.rglob("*.py") if file != Path(__file__).resolve())
    elif path.suffix == ".py":
        yield path


def main(arguments: list[str]) -> int:
    """Check files or folders and return the exit code."""
    paths = [Path(argument).resolve() for argument in arguments] or [PACKAGE]
    files = sorted(file for path in paths for file in python_files(path))
    problems = [problem for file in files for problem in findings(file)]
    print("\n".join(problems or [f"The language of {len(files)} files is plain."]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
