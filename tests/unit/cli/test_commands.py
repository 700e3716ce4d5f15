"""Commands of ``python -m airflow_provider_seventime`` against the sandbox: output, errors and exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from airflow_provider_seventime.__main__ import main
from airflow_provider_seventime.contract.registry import COLLECTIONS


@dataclass
class Ended:
    code: int
    out: str
    err: str

    @property
    def lines(self):
        return self.out.splitlines()


@pytest.fixture
def run(capfd):
    def ran(*arguments):
        capfd.readouterr()
        try:
            main(arguments)
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err
        return Ended(code, captured.out, captured.err)

    return ran


class TestCheck:
    def test_a_connection_that_works(self, sandbox, run):
        ended = run("check")
        # The clock of this sandbox stands on another day: that alone is a fault.
        parts = [line[:21] for line in ended.lines]
        assert parts == [
            "ok     host and key  ",
            "ok     acting user   ",
            "ok     rate limit    ",
            "FAULT  clock         ",
        ]
        assert ended.code == 1

    def test_the_right_time(self, sandbox, run):
        from datetime import UTC, datetime

        sandbox.set_clock(datetime.now(UTC))
        ended = run("check", "--conn-id", "seventime_default")
        assert ended.code == 0
        assert [line[:5] for line in ended.lines] == ["ok   "] * 4

    def test_a_wrong_key(self, sandbox, connect, run):
        connect(password="of-another-account")
        ended = run("check")
        assert ended.code == 1
        (line,) = ended.lines
        assert line.startswith(f"FAULT  host and key  {sandbox.base_url} does not accept the API key.")
        assert "of-another-account" not in ended.out + ended.err

    def test_a_malformed_connection(self, connect, run):
        connect(extra={"page_size": 0})
        ended = run("check")
        assert ended.code == 1
        assert ended.out == ""
        assert "error: connection 'seventime_default': the Seven Time connection is invalid" in ended.err

    def test_a_connection_that_does_not_exist(self, run):
        ended = run("check", "--conn-id", "nowhere")
        assert ended.code == 1
        assert ended.err.splitlines()[-2:] == [
            "error: The conn_id `nowhere` isn't defined",
            "Create the connection in Airflow, or correct the connection id of the task",
        ]


class TestCollections:
    def test_each_collection_has_a_row(self, run):
        rows = [json.loads(line) for line in run("collections", "--format", "jsonl").lines]
        assert {row["collection"] for row in rows} == set(COLLECTIONS)
        (time_logs,) = (row for row in rows if row["collection"] == "timeLogs")
        assert time_logs["operations"].startswith("list, get")
        assert "project" in time_logs["filters"].split(", ")

    def test_as_a_table_no_cell_is_cut(self, run):
        head, rule, *rows = run("collections").lines
        assert head.split() == ["collection", "operations", "filters"]
        assert set(rule) == {"-", " "}
        assert len(rows) == len(COLLECTIONS)
        assert "…" not in "".join(rows)


class TestFields:
    def test_types_filters_and_required_writes(self, run):
        rows = {row["field"]: row for row in map(json.loads, run("fields", "workOrders", "--format", "jsonl").lines)}
        assert rows["customer"] == {
            "field": "customer",
            "type": "id",
            "filters": "customer",
            "required by": "create",
        }
        assert rows["_id"]["required by"] == "update, delete"
        assert rows["estimatedTime"]["type"] == "number"

    @pytest.mark.parametrize("collection", COLLECTIONS)
    def test_every_collection_has_fields(self, run, collection):
        ended = run("fields", collection)
        assert ended.code == 0
        assert len(ended.lines) > 2

    def test_a_wrong_name(self, run):
        ended = run("fields", "workorder")
        assert (ended.code, ended.err) == (1, "error: unknown collection 'workorder': did you mean 'workOrders'?\n")


def test_users_shows_ids_and_names(sandbox, run):
    rows = list(csv.DictReader(io.StringIO(run("users", "--format", "csv").out)))
    assert {row["_id"] for row in rows} == {user["_id"] for user in sandbox.records("users")}
    assert list(rows[0]) == ["_id", "userName", "firstName", "lastName", "isActive"]
    assert rows[0]["isActive"] == "true"


class TestDump:
    def test_json_lines_are_the_records(self, sandbox, run):
        ended = run("dump", "customers")
        records = [json.loads(line) for line in ended.lines]
        assert [one["_id"] for one in records] == sorted(one["_id"] for one in sandbox.records("customers"))
        assert ended.err.endswith(f"{len(records)} records of customers\n")

    def test_filters_and_limit(self, sandbox, run, requests_made):
        project = sandbox.records("timeLogs")[0]["project"]
        ended = run("dump", "timeLogs", "--filter", f"project={project}", "--limit", "2")
        assert {json.loads(line)["project"] for line in ended.lines} == {project}
        assert len(ended.lines) == 2

    def test_csv_has_a_column_for_each_field(self, sandbox, run):
        sandbox.load({"customers": [{"_id": "f" * 24, "name": 'Kafé "Björn"\nAB', "onlyHere": {"a": [1]}}]})
        rows = list(csv.DictReader(io.StringIO(run("dump", "customers", "--format", "csv").out)))
        (loaded,) = (row for row in rows if row["_id"] == "f" * 24)
        assert (loaded["name"], loaded["onlyHere"]) == ('Kafé "Björn"\nAB', '{"a":[1]}')
        assert len(rows) == len(sandbox.records("customers"))

    def test_a_table_has_the_most_important_columns(self, sandbox, run):
        sandbox.load({"customers": [{"_id": "0" * 24, "customerNumber": "1", "name": f"A\x1b[31m{'b' * 50}"}]})
        head, _, first, *_ = run("dump", "customers", "--format", "table", "--limit", "3").lines
        assert head.split()[:3] == ["_id", "customerNumber", "name"]
        assert "\x1b" not in first
        assert first.split()[-1].endswith("…")

    def test_a_collection_of_one_record(self, sandbox, run):
        assert json.loads(run("dump", "companyInformation").out)["organizationNumber"]
        ended = run("dump", "companyInformation", "--filter", "name=x")
        assert (ended.code, ended.err) == (
            1, "error: companyInformation is one record and has no filters.\nLeave --filter out.\n",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["workOrders", "--filter", "custom=1"], "custom: unknown filter; did you mean 'customer'?"),
            (["workOrders", "--filter", "title=a", "--filter", "title=b"], "--filter title is given twice."),
            (["workorder"], "did you mean 'workOrders'?"),
            (["documents"], "documents has no list"),
        ],
        ids=["filter", "twice", "collection", "no-list"],
    )
    def test_a_mistake_is_a_short_error_before_any_request(self, sandbox, run, requests_made, arguments, said):
        ended = run("dump", *arguments)
        assert ended.code == 1
        assert ended.err.startswith("error: ")
        assert said in ended.err
        assert ended.out == ""
        assert requests_made() == []

    @pytest.mark.parametrize("arguments", [["--filter", "customer"], ["--filter", "=1"], ["--limit", "0"]], ids=str)
    def test_a_malformed_argument_is_a_usage_error(self, run, arguments):
        assert run("dump", "workOrders", *arguments).code == 2

    def test_warnings_do_not_mix_with_the_records(self, sandbox, connect, run, caplog):
        connect(extra={"pacing": "process", "requests_per_second": 1000, "pagesize": 3})
        ended = run("dump", "workOrders", "--filter", "customer=1001")
        assert ended.out == ""
        shown = ended.err + caplog.text  # pytest takes the log lines of the standard library
        assert "the filter customer takes an id" in shown
        assert "unknown extra 'pagesize'" in shown


def test_in_a_process_of_its_own_the_reader_may_stop_early(sandbox):
    """One process, because it needs a real pipe: head ends the command, and nothing but its lines is shown."""
    ended = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' -m airflow_provider_seventime dump timeLogs | head -n 1"],
        env={**os.environ, "HOME": str(Path.home())},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["_id"]
    assert "Traceback" not in ended.stderr
