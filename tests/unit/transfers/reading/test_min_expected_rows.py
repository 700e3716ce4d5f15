"""Fewest records that a read must have: a number, or a template that renders to one."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_seventime.exceptions import ConfigError, IncompleteReadError
from airflow_provider_seventime.operators.time_logs import SyncTimeLogsOperator
from airflow_provider_seventime.transfers.reading.read_records import read_min_expected_rows
from airflow_provider_seventime.transfers.seventime_to_object_storage import SevenTimeToObjectStorageOperator


def test_values(subtests):
    for given, number in ((None, None), (0, 0), (7, 7), ("7", 7), (" 12\n", 12)):
        with subtests.test(given=given):
            assert read_min_expected_rows(given) == number
    wrong: tuple[tuple[Any, str], ...] = (
        ("", "min_expected_rows is empty"),
        ("None", "min_expected_rows is empty"),
        ("many", "must be a whole number from 0, not 'many'"),
        ("-1", "must be a whole number from 0"),
        (-1, "must be a whole number from 0"),
        (1.5, "must be a whole number from 0"),
        (True, "must be a whole number from 0"),
        ("²", "must be a whole number from 0"),
    )
    for value, said in wrong:
        with subtests.test(given=value), pytest.raises(ConfigError, match=said):
            read_min_expected_rows(value)


@pytest.mark.parametrize("kind", ["table", "file"])
def test_a_template(sandbox, context, warehouse_path, tmp_path, kind):
    count = len(sandbox.records("timeLogs"))
    task = (
        SyncTimeLogsOperator(task_id="a", sql_conn_id="warehouse", min_expected_rows="{{ params.fewest }}")
        if kind == "table"
        else SevenTimeToObjectStorageOperator(
            task_id="a", resource="timeLogs", path=f"{tmp_path}/a.jsonl", min_expected_rows="{{ params.fewest }}"
        )
    )
    rendering: Any = {**context(), "params": {"fewest": count + 1}}
    task.render_template_fields(rendering)

    with pytest.raises(IncompleteReadError, match=f"at least {count + 1} are expected"):
        task.execute(rendering)
