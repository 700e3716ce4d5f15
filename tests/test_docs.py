"""The check of the pages: what it accepts, and that each kind of mistake is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts_loader import ROOT, loaded_script

SOURCE = "https://code.example/project"
PROJECT = f'[project.urls]\nSource = "{SOURCE}"\n'
INDEX = """# Documentation

## Tutorial

[First steps](tutorial.md)

## How-to guides

## Reference

## Explanation
"""


@pytest.fixture(scope="module")
def check_docs() -> Iterator[ModuleType]:
    with loaded_script("check_docs") as module:
        yield module


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that writes a file of a small, correct project; the test then changes one file."""

    def written(name: str, text: str) -> Path:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return tmp_path

    written("pyproject.toml", PROJECT)
    written("package/get_provider_info.py", "")
    (tmp_path / "package" / "api").mkdir()
    written("README.md", f"[First steps]({SOURCE}/blob/main/docs/tutorial.md)\n")
    written("docs/index.md", INDEX)
    written("docs/tutorial.md", "# First steps\n\n## Run `make`, then wait\n\n[up](#first-steps), [all](index.md)\n")
    return written


def test_pages_of_this_repository_are_correct(check_docs: ModuleType) -> None:
    assert check_docs.problems(ROOT) == []


@pytest.mark.parametrize(
    ("page", "text", "problem"),
    [
        pytest.param(
            "docs/tutorial.md", "\n[x](no.md)", "docs/tutorial.md:2: the link 'no.md' names no file", id="file"
        ),
        pytest.param("docs/tutorial.md", "[x](index.md#no)", "names no heading of docs/index.md", id="heading"),
        pytest.param("docs/tutorial.md", "[x](../../outside.md)", "names no file of the repository", id="outside"),
        pytest.param("docs/tutorial.md", "`docs/no.md`", "docs/tutorial.md:1: there is no 'docs/no.md'", id="path"),
        pytest.param("docs/tutorial.md", "`api/no.py`", "there is no 'api/no.py'", id="path in the package"),
        pytest.param("README.md", "[x](docs/tutorial.md)", "is relative: write https://code.example", id="relative"),
        pytest.param("README.md", f"[x]({SOURCE}/blob/main/no.md)", "names no file of the repository", id="absolute"),
        pytest.param("README.md", f"[x]({SOURCE}/docs/tutorial.md)", "names no file of the repository", id="no blob"),
        pytest.param("docs/new.md", "# New", "new.md must be linked in one part, it is in 0", id="not in the index"),
        pytest.param(
            "docs/index.md",
            f"{INDEX}[again](tutorial.md)",
            "tutorial.md must be linked in one part, it is in 2",
            id="twice in the index",
        ),
        pytest.param(
            "docs/index.md",
            INDEX.replace("## Reference", "## Other"),
            "the part 'Reference' is missing",
            id="part",
        ),
    ],
)
def test_mistake_is_found(
    check_docs: ModuleType, write: Callable[[str, str], Path], page: str, text: str, problem: str
) -> None:
    (found,) = check_docs.problems(write(page, text))
    assert problem in found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("```\n[x](no.md)\n```", id="code block"),
        pytest.param("`[x](no.md)`", id="code"),
        pytest.param("[x](https://example.com/no.md)", id="another site"),
        pytest.param("`docs/tutorial.md` `docs/` `api/` `https/no.md`", id="paths"),
        pytest.param("[x](tutorial.md#twice-1)\n## Twice\n## Twice", id="heading twice"),
        pytest.param("[x](#run-make-then-wait)\n## Run `make`, then wait", id="heading with signs"),
    ],
)
def test_correct_link_is_accepted(check_docs: ModuleType, write: Callable[[str, str], Path], text: str) -> None:
    assert check_docs.problems(write("docs/tutorial.md", text)) == []
