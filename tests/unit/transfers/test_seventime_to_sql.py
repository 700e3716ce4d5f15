"""SevenTimeToSqlOperator: templates, watermarks between runs, and errors that end the task."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import DAG, AirflowFailException, Asset

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.exceptions import ConfigError, IncompleteReadError, InvalidRecordError
from airflow_provider_seventime.operators.time_logs import SyncTimeLogsOperator
from airflow_provider_seventime.transfers.seventime_to_sql import SevenTimeToSqlOperator
from airflow_provider_seventime.transfers.windows import windows
from tests.unit.conftest import TaskInstance
from tests.unit.operators.state_store import StateStore
from tests.unit.transfers.by_asset import ByAsset

TEMPLATED = (
    "resource",
    "sql_conn_id",
    "table",
    "mode",
    "modified_since",
    "start",
    "end",
    "filters",
    "min_expected_rows",
    "deletions",
    "account",
    "on_misfit",
    "exclude_fields",
    "hash_fields",
    "seventime_conn_id",
)
CUSTOMERS = Asset("x-warehouse://customers")


@dataclass
class EarlierRun(TaskInstance):
    """A task instance whose task returned a manifest in the run before."""

    returned: object = None

    def xcom_pull(self, **_):
        return self.returned


def run(context=None, *, returned=None, **parameters):
    """Run the operator as a task would: render, then execute."""
    operator = SevenTimeToSqlOperator(
        task_id="sync", **{"resource": "customers", "sql_conn_id": "warehouse", **parameters}
    )
    given: Any = {"ti": EarlierRun(returned=returned), **(context or {})}
    operator.render_template_fields(given)
    return operator.execute(given)


def test_the_constructor_only_stores():
    given: dict[str, Any] = {name: object() for name in TEMPLATED}

    operator = SevenTimeToSqlOperator(task_id="sync", overlap_seconds=7, **given)

    assert {name: getattr(operator, name) for name in TEMPLATED} == given
    assert operator.overlap_seconds == 7
    assert tuple(operator.template_fields) == TEMPLATED


def test_a_collection_with_the_defaults(sandbox, warehouse):
    manifest = run()

    there = {record["_id"]: record for record in sandbox.records("customers")}
    rows = warehouse("select id, record from seventime_customers")
    assert {row_id: exact_json.decode(record) for row_id, record in rows} == there
    assert json.loads(json.dumps(manifest)) == manifest
    assert set(manifest) == {
        "resource",
        "table",
        "mode",
        "start",
        "end",
        "modified_since",
        "rows_read",
        "rows_written",
        "rows_older",
        "misfits",
        "rows_deleted",
        "deletions",
        "requests_made",
        "waited_seconds",
        "rejections",
        "watermark",
        "sync",
    }


def test_every_parameter_may_be_a_template(sandbox, warehouse):
    context = {
        "of": "timeLogs",
        "first": "2026-09-01",
        "user": sandbox.records("timeLogs")[-1]["user"],
        "what": "mark",
        "field": "description",
        "how": "window",
    }

    manifest = run(
        context,
        resource="{{ of }}",
        table="main.{{ of }}",
        mode="{{ how }}",
        start="{{ first }}",
        end="2026-10-01",
        filters={"user": "{{ user }}"},
        deletions="{{ what }}",
        exclude_fields=["{{ field }}"],
    )

    assert (manifest["mode"], manifest["deletions"]) == ("window", "done")
    rows = warehouse('select "user", description, deleted_at from timeLogs')
    assert len(rows) == manifest["rows_read"] > 0
    assert set(rows) == {(context["user"], None, None)}


def test_an_incremental_run_continues_from_the_watermark_in_the_database(sandbox, warehouse):
    first = run(mode="incremental")
    second = run(mode="incremental", returned={**first, "watermark": "2026-01-01T00:00:00.000Z"})

    assert [manifest["mode"] for manifest in (first, second)] == ["full", "incremental"]
    assert second["modified_since"] == first["watermark"]


def test_the_asset_shows_the_watermark(sandbox, warehouse):
    store = StateStore()
    context = {"asset_state_store": ByAsset({CUSTOMERS.uri: store})}

    first = run(context, mode="incremental", outlets=[CUSTOMERS])
    second = run(context, mode="incremental", outlets=[CUSTOMERS])

    assert (first["mode"], second["mode"], second["modified_since"]) == ("full", "incremental", first["watermark"])
    assert list(store.held.values()) == [{"sync": first["sync"], "watermark": second["watermark"]}]


@pytest.mark.parametrize(
    ("parameters", "cause", "message"),
    [
        pytest.param({"resource": "{{ none }}"}, ConfigError, "resource is empty", id="resource-of-none"),
        pytest.param({"resource": "customer"}, ConfigError, "did you mean 'customers'", id="no-such-collection"),
        pytest.param({"mode": "{{ none }}"}, ConfigError, "mode is empty", id="mode-of-none"),
        pytest.param({"mode": "reschedule"}, ConfigError, "mode: 'reschedule' is unknown", id="mode-of-a-sensor"),
        pytest.param({"deletions": "{{ '' }}"}, ConfigError, "deletions is empty", id="deletions-of-nothing"),
        pytest.param({"start": "2026-09-01", "end": "2026-10-01"}, ConfigError, "by start and end", id="no-window"),
        pytest.param({"resource": "users", "mode": "incremental"}, ConfigError, "no filter last", id="no-changes"),
        pytest.param({"mode": "incremental", "deletions": "mark"}, ConfigError, "deletions='mark'", id="deletions"),
        pytest.param({"filters": {"nam": "x"}}, InvalidRecordError, "did you mean 'name'", id="unknown-filter"),
        pytest.param({"exclude_fields": ["nam"]}, ConfigError, "did you mean 'name'", id="unknown-field"),
        pytest.param({"exclude_fields": "{{ none }}"}, ConfigError, "must be a list of paths", id="fields-of-none"),
        pytest.param({"min_expected_rows": "one"}, ConfigError, "min_expected_rows", id="min-expected-rows"),
    ],
)
def test_permanent_errors_end_the_task_before_a_request(sandbox, warehouse, parameters, cause, message):
    with pytest.raises(AirflowFailException, match=message) as ended:
        run(**parameters)

    assert isinstance(ended.value.__cause__, cause)
    assert sandbox.journal() == []


def test_too_few_rows_fail_only_the_try(sandbox, warehouse):
    with pytest.raises(IncompleteReadError, match="at least 1000 are expected") as failed:
        run(min_expected_rows=1_000)

    assert not isinstance(failed.value, AirflowFailException)
    assert warehouse("select name from sqlite_master") == []


def test_windows_map_a_task():
    mapped = SevenTimeToSqlOperator.partial(
        task_id="history", resource="timeLogs", sql_conn_id="warehouse", table="hours"
    ).expand_kwargs(windows("2026-01-01", "2027-01-01"))

    assert mapped.task_id == "history"


SENSORS = {"mode": "reschedule"}
PARAMETERS = {"resource": "timeLogs", "sql_conn_id": "warehouse"}


@pytest.mark.parametrize(
    ("operator_class", "parameters"),
    [
        pytest.param(SevenTimeToSqlOperator, PARAMETERS, id="any-collection"),
        pytest.param(SyncTimeLogsOperator, {"sql_conn_id": "warehouse"}, id="time-logs"),
    ],
)
class TestModeOfSensorsInDefaultArgs:
    """``mode`` of Airflow's sensors is another parameter than ``mode`` of a sync."""

    def test_of_the_dag(self, operator_class, parameters):
        with DAG("sensors", default_args=SENSORS, schedule=None):
            assert operator_class(task_id="sync", **parameters).mode is None

    def test_of_the_task(self, operator_class, parameters):
        assert operator_class(task_id="sync", default_args=SENSORS, **parameters).mode is None

    def test_of_the_dag_of_a_mapped_task(self, operator_class, parameters):
        with DAG("sensors", default_args=SENSORS, schedule=None):
            mapped = operator_class.partial(task_id="sync", **parameters).expand(start=["2026-09-01"])

        assert mapped.unmap({"start": "2026-09-01"}).mode is None

    def test_a_mode_of_a_sync_is_used(self, operator_class, parameters):
        assert operator_class(task_id="sync", default_args={"mode": "full"}, **parameters).mode == "full"
        assert operator_class(task_id="sync", default_args=SENSORS, mode="window", **parameters).mode == "window"

    def test_a_sensor_mode_of_the_task_itself_is_refused_by_the_run(self, operator_class, parameters):
        assert operator_class(task_id="sync", mode="reschedule", **parameters).mode == "reschedule"
