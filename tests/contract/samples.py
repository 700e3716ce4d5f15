"""Extracts the sample responses from the vendor's documentation.

The documentation is not part of the project. With a copy of it, this command writes the samples again::

    python tests/contract/samples.py FOLDER_OF_THE_DOCUMENTATION

The files are ``samples/<version>/<collection>.<operation>.json``. Three parts of a sample are removed, because they are
not JSON: comments, a comma after the last element, and a log sentence after the response. An object with only a comment
is removed too. Everything else is copied unchanged. ``samples/index.json`` has the number of samples, and the reason
for each sample that is not JSON.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SAMPLES = HERE / "samples"
INDEX = SAMPLES / "index.json"
# Document to the folder of its samples. The folder's name begins with the version of the API.
DOCUMENTS = {
    "000_23ade1cbf5400641.txt": "v2",
    "001_f54e0a35103a9ffa.txt": "v1-supplier-invoices",
    "002_bcf93271985fd8e1.txt": "v1-customers",
    "003_b4a479fb45c8f965.txt": "v1",
    "004_d7c26993750745fb.txt": "v2-invoices",
}

TEXT = r'("(?:\\.|[^"\\])*")'
COMMENT = re.compile(TEXT + r"|\{\s*//[^\n]*\s*\}(?:\s*,)?|//[^\n]*")
LAST_COMMA = re.compile(TEXT + r"|,(?=\s*[\]}])")
LOG_SENTENCE = re.compile(r'\s*("[^"]*"\s*)?')


def clean(sample: str) -> str:
    """Return a sample without comments, last commas and log sentence.

    :raises ValueError: the rest is not JSON.
    """
    text = COMMENT.sub(_text_only, sample)
    text = LAST_COMMA.sub(_text_only, text).strip()
    _, end = json.JSONDecoder().raw_decode(text)
    if not LOG_SENTENCE.fullmatch(text, end):
        raise ValueError(f"it is followed by something other than a log sentence: {text[end:].strip()!r}")
    return "\n".join(line.rstrip() for line in text[:end].splitlines() if line.strip()) + "\n"


def _text_only(match: re.Match[str]) -> str:
    """Return the match if it is a JSON text, in which slashes and commas have no meaning."""
    return match[1] or ""


def samples_in(document: str) -> Iterator[tuple[str, str]]:
    """Yield every block of JSON in a document, with the heading of its section."""
    section, language, block = "", "", ""
    for line in document.splitlines(keepends=True):
        if line.startswith("```"):
            if language == "json":
                yield section, block
            language, block = "" if language else line.strip("` \n") or "text", ""
        elif language:
            block += line
        elif line.startswith("## "):
            section = line.removeprefix("## ").strip()


def operation_names(version: str) -> dict[str, str]:
    """Return the name of each documented operation of a version (``customers.list``) by its section."""
    rows = json.loads((HERE / "operations.json").read_text(encoding="utf-8"))
    return {
        row["section"].casefold(): f"{row['collection']}.{row['operation']}"
        for row in rows
        if row["edition"] == version
    }


def extract(documents: Path) -> dict[str, Any]:
    """Write the samples of every document and return the index."""
    index: dict[str, Any] = {}
    for document, folder in DOCUMENTS.items():
        names = operation_names(folder[:2])
        valid, broken = [], {}
        for section, sample in samples_in((documents / document).read_text(encoding="utf-8")):
            name = names[section.casefold()]
            try:
                text = clean(sample)
            except ValueError as error:
                broken[name] = str(error)
                continue
            valid.append(name)
            target = SAMPLES / folder / f"{name}.json"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        index[folder] = {"document": document, "valid": len(valid), "broken": broken}
    return index


if __name__ == "__main__":
    INDEX.write_text(json.dumps(extract(Path(sys.argv[1])), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
