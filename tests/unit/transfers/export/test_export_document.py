"""docs/object-storage.md agrees with the operator."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from airflow_provider_seventime.files.file_formats import ENDINGS
from airflow_provider_seventime.transfers.seventime_to_object_storage import SevenTimeToObjectStorageOperator

DOCUMENT = (Path(__file__).parents[4] / "docs" / "object-storage.md").read_text(encoding="utf-8")


def names_in(cell):
    return re.findall(r"`([^`]+)`", cell)


def rows_of(heading):
    """Return the cells of the first table whose heading begins so."""
    table = DOCUMENT.split(f"\n| {heading} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_the_parameters_are_those_of_the_operator():
    documented = [name for row in rows_of("parameter") for name in names_in(row[0])]
    taken = [name for name in inspect.signature(SevenTimeToObjectStorageOperator).parameters if name != "kwargs"]

    assert sorted(documented) == sorted(taken)
    untemplated = re.search(r"All parameters except (.*?) are templates", DOCUMENT, re.DOTALL)
    assert sorted(set(documented) - set(names_in(untemplated.group(1)))) == sorted(
        SevenTimeToObjectStorageOperator.template_fields
    )


def test_the_endings_are_those_of_the_formats():
    assert sorted(name for row in rows_of("ending") for name in names_in(row[0])) == sorted(ENDINGS)


def test_the_keys_are_those_of_the_manifest(export, lake):
    documented = [name for row in rows_of("key") for name in names_in(row[0])]

    manifest = export(path=str(lake / "time_logs.jsonl"))

    assert sorted(documented) == sorted(manifest)
    returned = SevenTimeToObjectStorageOperator.__doc__.split("Returned to XCom:", 1)[1].split(":param", 1)[0]
    assert set(documented) <= set(re.findall(r"``(\w+)``", returned))
