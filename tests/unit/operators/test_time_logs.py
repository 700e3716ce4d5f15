"""The operator: parameters and templates to a table, connections looked up, errors that end the task."""

from __future__ import annotations

import inspect
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException

from airflow_provider_seventime.exceptions import ConfigError, InvalidRecordError, MisfitError, ServerError
from airflow_provider_seventime.operators.time_logs import SyncTimeLogsOperator
from airflow_provider_seventime.transfers.seventime_to_sql import SevenTimeToSqlOperator

TEMPLATED = tuple(name for name in SevenTimeToSqlOperator.template_fields if name != "resource")


@pytest.fixture
def seventime_sandbox_options():
    return {"time_logs": 0, "today": date(2026, 10, 1)}


@pytest.fixture
def sandbox(seventime_sandbox):
    """September from its first to its last Swedish minute, with the last of August and the first of October around."""
    instants = {
        "august": "2026-08-31T21:59:00.000Z",
        "first": "2026-08-31T22:00:00.000Z",
        "last": "2026-09-30T21:59:00.000Z",
        "october": "2026-09-30T22:00:00.000Z",
    }
    seventime_sandbox.load(
        {
            "timeLogs": [
                {"_id": name, "timestamp": instant, "user": "u1", "project": "p1", "modifiedDate": instant}
                for name, instant in instants.items()
            ]
        }
    )
    return seventime_sandbox


def run(context: Any = None, **parameters):
    """Run the operator as a task would: render, then execute."""
    operator = SyncTimeLogsOperator(task_id="sync", **{"sql_conn_id": "warehouse", **parameters})
    context = context or {}
    operator.render_template_fields(context)
    return operator.execute(context)


def ids(query, table="seventime_time_logs"):
    return sorted(row[0] for row in query(f"select id from {table}"))


def test_the_constructor_only_stores():
    given: dict[str, Any] = {name: object() for name in TEMPLATED}

    operator = SyncTimeLogsOperator(task_id="sync", overlap_seconds=7, **given)

    assert {name: getattr(operator, name) for name in TEMPLATED} == given
    assert operator.overlap_seconds == 7
    assert tuple(operator.template_fields) == ("resource", *TEMPLATED)
    assert operator.resource == "timeLogs"


def test_everything_with_the_defaults(sandbox, warehouse):
    manifest = run()

    assert ids(warehouse) == ["august", "first", "last", "october"]
    assert json.loads(json.dumps(manifest)) == manifest
    assert (manifest["table"], manifest["mode"], manifest["rows_written"]) == ("seventime_time_logs", "full", 4)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(date(2026, 9, 1), date(2026, 10, 1), id="dates"),
        pytest.param(datetime(2026, 9, 1), datetime(2026, 10, 1), id="naive-datetimes"),  # noqa: DTZ001
        pytest.param(
            datetime(2026, 8, 31, 22, tzinfo=UTC), datetime(2026, 9, 30, 22, tzinfo=UTC), id="aware-datetimes"
        ),
        pytest.param("2026-09-01", "2026-10-01 00:00", id="text"),
        pytest.param("{{ first }}", "{{ then.isoformat() }}", id="templates"),
        pytest.param("{{ then.replace(month=9) }}", "{{ then }}", id="templates-of-instants"),
    ],
)
def test_a_window(sandbox, warehouse, start, end):
    context = {"first": "2026-09-01", "then": datetime.fromisoformat("2026-10-01T00:00:00+02:00")}

    manifest = run(context, start=start, end=end)

    assert ids(warehouse) == ["first", "last"]
    assert (manifest["start"], manifest["end"]) == ("2026-08-31T22:00:00.000Z", "2026-09-30T22:00:00.000Z")


def test_a_window_removes_what_the_source_no_longer_has(sandbox, warehouse):
    run()
    sandbox.load({"timeLogs": [{"_id": "mine", "timestamp": "2026-09-15T06:00:00.000Z"}]})
    run()
    sandbox.reset()

    manifest = run(start="2026-09-01", end="2026-10-01")

    assert ids(warehouse) == ["august", "october"]
    assert manifest["rows_deleted"] == 3


def test_changes_since_the_last_watermark(sandbox, warehouse):
    manifest = run({"last": {"watermark": "2026-09-30T21:59:30.000Z"}}, modified_since="{{ last['watermark'] }}")

    assert ids(warehouse) == ["last", "october"]
    assert manifest["modified_since"] == "2026-09-30T21:59:30.000Z"


def test_an_overlap_of_none(sandbox, warehouse):
    run(modified_since="2026-09-30T21:59:30.000Z", overlap_seconds=0)

    assert ids(warehouse) == ["october"]


def test_filters_table_and_connections_are_templates_too(sandbox, warehouse, monkeypatch):
    sandbox.load({"timeLogs": [{"_id": "other", "timestamp": "2026-09-15T06:00:00.000Z", "project": "p2"}]})
    context = {"project": "p2", "name": "hours", "conn": "warehouse", "api": "seventime_default"}

    run(
        context,
        filters={"project": "{{ project }}"},
        table="main.{{ name }}",
        sql_conn_id="{{ conn }}",
        seventime_conn_id="{{ api }}",
    )

    assert ids(warehouse, "hours") == ["other"]


@pytest.mark.parametrize(
    ("parameters", "cause", "complaint"),
    [
        pytest.param({"start": "2026-09-01"}, ConfigError, "end is missing", id="half-a-window"),
        pytest.param({"modified_since": "{{ '' }}"}, ConfigError, "modified_since is empty", id="template-of-nothing"),
        pytest.param({"modified_since": "{{ none }}"}, ConfigError, "modified_since is empty", id="template-of-none"),
        pytest.param({"table": "{{ none }}"}, ConfigError, "table is empty", id="table-of-none"),
        pytest.param({"sql_conn_id": "{{ '' }}"}, ConfigError, "sql_conn_id is empty", id="connection-of-nothing"),
        pytest.param({"seventime_conn_id": ""}, ConfigError, "seventime_conn_id is empty", id="api-of-nothing"),
        pytest.param({"sql_conn_id": "nowhere"}, ConfigError, "'nowhere'.* isn't defined", id="no-such-connection"),
        pytest.param({"filters": {"projekt": "x"}}, InvalidRecordError, "did you mean 'project'", id="unknown-filter"),
        pytest.param({"filters": {"project": "{{ none }}"}}, ConfigError, "project is empty", id="filter-of-none"),
        pytest.param({"overlap_seconds": -1, "modified_since": "2026-09-01"}, ConfigError, "overlap", id="overlap"),
    ],
)
def test_what_trying_again_cannot_mend_ends_the_task_before_anything_is_sent(
    sandbox, warehouse, parameters, cause, complaint
):
    with pytest.raises(AirflowFailException, match=complaint) as ended:
        run(**parameters)

    assert isinstance(ended.value.__cause__, cause)
    assert sandbox.journal() == []


def test_a_refused_key_ends_the_task(sandbox, warehouse, monkeypatch):
    connection = {"conn_type": "seventime", "host": sandbox.base_url, "password": "another-key-altogether"}
    monkeypatch.setenv("AIRFLOW_CONN_OTHER", json.dumps(connection))

    with pytest.raises(AirflowFailException, match="401"):
        run(seventime_conn_id="other")


def test_an_outage_fails_the_try_only(sandbox, warehouse, clock):
    sandbox.set_faults([{"method": "GET", "collection": "timeLogs", "kind": "status", "status": 503, "times": None}])

    with pytest.raises(ServerError) as failed:
        run()

    assert clock.slept
    assert failed.value.transient
    assert not isinstance(failed.value, AirflowFailException)
    assert warehouse("select name from sqlite_master where name = 'seventime_time_logs'") == []


def test_a_misfit_value_ends_the_task(sandbox, warehouse):
    sandbox.load({"timeLogs": [{"_id": "odd", "timestamp": "2026-09-15T06:00:00.000Z", "time": "eight"}]})

    with pytest.raises(AirflowFailException, match="time holds a text of 5 characters") as ended:
        run()

    assert isinstance(ended.value.__cause__, MisfitError)


class TestClosedSignature:
    """Every parameter that the signature does not have is refused, wherever it is given."""

    @pytest.mark.parametrize("name", ["resource", "recource", "format"])
    def test_a_parameter_that_does_not_exist(self, name):
        arguments: dict[str, Any] = {name: "customers"}
        with pytest.raises((TypeError, AirflowException), match=name):  # Airflow 2.11 raises its own error
            SyncTimeLogsOperator(task_id="sync", sql_conn_id="warehouse", **arguments)
        with pytest.raises((TypeError, AirflowException), match=name):  # Airflow 2.11 raises its own error
            SyncTimeLogsOperator.partial(task_id="sync", sql_conn_id="warehouse", **arguments)

    def test_default_args_of_other_operators_are_ignored(self):
        operator = SyncTimeLogsOperator(
            task_id="sync", sql_conn_id="warehouse", default_args={"resource": "customers", "path": "/tmp/x"}
        )

        assert operator.resource == "timeLogs"
        assert not hasattr(operator, "path")

    def test_it_has_the_parameters_of_the_operator_for_any_collection_but_one(self):
        own, general = (
            inspect.signature(operator.__init__).parameters.keys()
            for operator in (SyncTimeLogsOperator, SevenTimeToSqlOperator)
        )

        assert general - own == {"resource"}
        assert own <= general
