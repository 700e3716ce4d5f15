"""Checks the pages of the repository: links, paths, the contents of docs/index.md, and the README's absolute links.

``python scripts/check_docs.py`` prints each finding as ``path:line: message`` and exits with 1 if there is one.

* A relative link names a file of the repository, and its anchor a heading of that page.
* A path in code marks, for example ``api/http/retry.py`` or ``tests/``, exists in the repository or in the package.
* README.md has absolute links only, since package indexes show it without the repository. Those that begin with the
  project's Source URL name a file.
* Each page under docs/ is linked from docs/index.md, in one of its four parts and in no other.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("Tutorial", "How-to guides", "Reference", "Explanation")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.*?) *$")
PATH = re.compile(r"`([\w.-]+/[\w./-]*)`")
FENCE = re.compile(r"^ *(```|~~~)")


@dataclass(frozen=True)
class Link:
    """A link of a page.

    :param line: its line, counted from 1.
    :param target: what stands between the parentheses.
    """

    line: int
    target: str

    @property
    def is_absolute(self) -> bool:
        """Return whether the link names a scheme, for example ``https:``."""
        return re.match(r"[a-z]+:", self.target) is not None


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and text of each line outside code blocks."""
    in_code = False
    for number, line in enumerate(text.splitlines(), 1):
        if FENCE.match(line):
            in_code = not in_code
        elif not in_code:
            yield number, line


def links(text: str) -> list[Link]:
    """Return the links of a page, those in code left out."""
    return [
        Link(number, target)
        for number, line in prose(text)
        for target in LINK.findall(re.sub(r"`[^`]*`(?!\])", "", line))
    ]


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    for _, line in prose(text):
        if heading := HEADING.match(line):
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
            found.add(slug if slug not in found else f"{slug}-1")
    return found


def link_problems(root: Path, page: Path, text: str) -> Iterator[str]:
    """Yield the relative links of a page that lead nowhere."""
    for link in links(text):
        if link.is_absolute:
            continue
        path, _, anchor = link.target.partition("#")
        target = (page.parent / path).resolve() if path else page
        shown = f"{page.relative_to(root)}:{link.line}"
        if not target.exists() or root not in target.parents:
            yield f"{shown}: the link {link.target!r} names no file of the repository"
        elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text(encoding="utf-8")):
            yield f"{shown}: the link {link.target!r} names no heading of {target.relative_to(root)}"


def path_problems(root: Path, page: Path, text: str) -> Iterator[str]:
    """Yield the paths in code marks that are missing. Only paths that begin with a folder of the repository count."""
    bases = [root, *sorted(path.parent for path in root.glob("*/get_provider_info.py"))]
    for number, line in prose(text):
        for path in PATH.findall(line):
            first = path.partition("/")[0]
            within = [base for base in bases if (base / first).is_dir()]
            if within and not any((base / path).exists() for base in within):
                yield f"{page.relative_to(root)}:{number}: there is no {path!r} in the repository"


def readme_problems(root: Path, text: str, source: str) -> Iterator[str]:
    """Yield the links of the README that do not work on a package index.

    :param source: URL of the repository; a file is below ``/blob/main/``.
    """
    base = f"{source}/blob/main/"
    for link in links(text):
        if not link.is_absolute:
            yield f"README.md:{link.line}: the link {link.target!r} is relative: write {base}{link.target}"
        elif link.target.startswith(source):
            file = link.target.removeprefix(base).partition("#")[0]
            if not link.target.startswith(base) or not (root / file).is_file():
                yield f"README.md:{link.line}: the link {link.target!r} names no file of the repository"


def index_problems(root: Path, index: str) -> Iterator[str]:
    """Yield the pages of docs/ that are in none or several parts of the index, and parts that are missing."""
    parts: dict[str, set[str]] = {}
    current = ""
    for line in index.splitlines():
        if heading := re.match(r"## (.*)", line):
            current = heading[1]
        parts.setdefault(current, set()).update(link.target.partition("#")[0] for link in links(line))
    yield from (f"docs/index.md: the part {part!r} is missing" for part in PARTS if part not in parts)
    for page in sorted((root / "docs").glob("*.md")):
        within = [part for part in PARTS if page.name in parts.get(part, ())]
        if page.name != "index.md" and len(within) != 1:
            yield f"docs/index.md: {page.name} must be linked in one part, it is in {len(within)}"


def problems(root: Path) -> list[str]:
    """Return every finding of a checkout."""
    found: list[str] = []
    for page in [*sorted(root.glob("*.md")), *sorted((root / "docs").glob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        found += [*link_problems(root, page, text), *path_problems(root, page, text)]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found += readme_problems(root, (root / "README.md").read_text(encoding="utf-8"), project["urls"]["Source"])
    found += index_problems(root, (root / "docs" / "index.md").read_text(encoding="utf-8"))
    return found


def main() -> int:
    """Check the pages and return the exit code."""
    found = problems(ROOT)
    print("\n".join(found or ["Every link of the pages names a file and a heading that exist."]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
