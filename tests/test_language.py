"""The check of the package's language: what it finds, and its short list of exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts_loader import loaded_script

MAX_ALLOWED = 5


@pytest.fixture
def check_language(tmp_path: Path) -> Iterator[ModuleType]:
    with loaded_script("check_language") as module:
        vars(module)["ROOT"] = tmp_path
        yield module


def findings(check_language: ModuleType, folder: Path, text: str) -> list[str]:
    file = folder / "module.py"
    file.write_text(text, encoding="utf-8")
    return list(check_language.findings(file))


def test_language_of_the_package_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    with loaded_script("check_language") as module:
        code = module.main([])
    assert code == 0, capsys.readouterr().out


@pytest.mark.parametrize("word", ["Where", "What", "Whether", "How", "Who"])
@pytest.mark.parametrize(
    "code",
    [
        pytest.param('"""{} a page ends."""', id="module"),
        pytest.param('class Page:\n    """{} a page ends."""', id="class"),
        pytest.param('def page():\n    """{} a page ends."""', id="function"),
        pytest.param('async def page():\n    """{} a page ends."""', id="coroutine"),
    ],
)
def test_docstring_that_begins_with_a_question_word_is_found(
    check_language: ModuleType, tmp_path: Path, code: str, word: str
) -> None:
    (found,) = findings(check_language, tmp_path, code.format(word))
    assert "begins with a question word" in found


@pytest.mark.parametrize("words", ["told", "Tells", "nobody", "Somebody", "let go", "keep in mind"])
@pytest.mark.parametrize("line", ["# {}", 'MESSAGE = "{}"', '"""The reader: {}."""'])
def test_figure_of_speech_is_found(check_language: ModuleType, tmp_path: Path, line: str, words: str) -> None:
    (found,) = findings(check_language, tmp_path, f"{line.format(words)}\n")
    assert found.startswith("module.py:1: write plainly")
    assert words in found


def test_plain_text_is_accepted(check_language: ModuleType, tmp_path: Path) -> None:
    assert findings(check_language, tmp_path, '"""Pages of a list."""\n\nWHEREVER = "a stolid outlet goes"\n') == []


def test_allowed_line_is_accepted(check_language: ModuleType, tmp_path: Path) -> None:
    vars(check_language)["ALLOWED"] = ('module.py:NAME = "nobody"',)
    assert findings(check_language, tmp_path, 'NAME = "nobody"\n') == []


def test_list_of_allowed_lines_is_short(check_language: ModuleType) -> None:
    assert len(check_language.ALLOWED) <= MAX_ALLOWED


@pytest.mark.parametrize(("text", "code"), [('"""Pages."""\n', 0), ('"""What a page is."""\n', 1)])
def test_exit_code(
    check_language: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int
) -> None:
    (tmp_path / "module.py").write_text(text, encoding="utf-8")
    assert check_language.main([str(tmp_path)]) == code
    assert capsys.readouterr().out


def test_file_that_is_not_python_is_skipped(
    check_language: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("# What nobody tells\n", encoding="utf-8")
    assert check_language.main([str(page)]) == 0
    assert capsys.readouterr().out == "The language of 0 files is plain.\n"


def test_folder_with_the_script_itself_is_checked_without_it(check_language: ModuleType) -> None:
    script = Path(check_language.__file__ or "").resolve()
    files = set(check_language.python_files(script.parent))
    assert files
    assert script not in files
    assert list(check_language.python_files(script)) == [script]
