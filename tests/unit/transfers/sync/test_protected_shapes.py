"""Protected fields in records whose shapes drift: nothing of them is written or shown."""

from __future__ import annotations

import random

import pytest

from airflow_provider_seventime.contract.personal_data import personal_fields
from airflow_provider_seventime.exceptions import MisfitError

SEEDED = ("Ingrid Norén", "19811218-9876", "070-123 45 67")
SHAPES = (
    lambda one: {"name": one[0], "number": one[1]},
    list,
    lambda one: [{"phone": one[2]}],
    lambda one: one[1],
)
DRIFTS = 60


def drifted(dice, time_log, record_id):
    record = time_log(record_id)
    names = ["user", "project", "isInvoiced", "time", "status", "startLocation", "stopLocation", "userName", "allDay"]
    for name in dice.sample(names, 3):
        shape = dice.choice(SHAPES[:3] if name in ("user", "project") else SHAPES)
        record[name] = shape(SEEDED)
    return record


@pytest.mark.parametrize("on_misfit", ["fail", "null"])
def test_no_seeded_word_is_written_or_shown(account, warehouse, time_log, caplog, on_misfit):
    dice = random.Random(14)
    account.load(*(drifted(dice, time_log, f"m{number:03}") for number in range(DRIFTS)))
    errors = ""
    try:
        manifest = warehouse.sync(exclude_fields=personal_fields("timeLogs"), on_misfit=on_misfit)
    except MisfitError as error:
        errors = str(error)
    else:
        assert manifest["rows_written"] == DRIFTS

    shown = errors + caplog.text + (str(warehouse.everything()) if on_misfit == "null" else "")
    assert bool(errors) is (on_misfit == "fail")
    assert not any(word in shown for word in SEEDED)


def test_undocumented_fields_are_reported_once_by_name(account, warehouse, time_log, caplog):
    account.load(time_log("a", nickName="Inga"), time_log("b", nickName="Ove"))

    warehouse.sync(exclude_fields=personal_fields("timeLogs"))

    assert caplog.text.count("fields that it does not document") == 1
    assert "nickName" in caplog.text
    assert "Inga" not in caplog.text
