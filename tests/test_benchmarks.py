"""Benchmarks at a small scale: they run and count correctly. Speed is not tested."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as program
from benchmarks.goals import evaluate
from benchmarks.jobs import UNLIMITED, Job
from benchmarks.report import BLOCK, PAGE, rewrite
from benchmarks.results import Results, read, read_newest
from benchmarks.runs import Candidate, Measurement, Runner, Turn
from benchmarks.server import LIST_PATH, Conditions
from benchmarks.service import Service
from benchmarks.tables import OURS, Table, as_markdown, as_text, cells

TABLES = {"limit", "jitter", "concurrent", "cost", "memory", "latency", "import", "faults", "warehouse", "creates"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("server") / "server.log") as running:
        yield running


@pytest.fixture
def runner(service: Service, tmp_path: Path) -> Runner:
    return Runner(service, tmp_path / "run", turns=1, patience_seconds=1)


def request_pages(service: Service, *pages: int, size: int = 500, key: str = "k") -> list[tuple[int, dict[str, Any]]]:
    """Return status and body of the responses to requests for pages over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    responses = []
    for page in pages:
        query = f"limit={size}&page={page}&sortBy=_id&sortDirection=ascending"
        connection.request("GET", f"{LIST_PATH}?{query}", headers={"Client-Secret": key})
        response = connection.getresponse()
        responses.append((response.status, json.loads(response.read())))
    connection.close()
    return responses


class TestServer:
    def test_responses_every_record_once_in_the_order_of_ids(self, service: Service) -> None:
        service.set(Conditions(records=1_200))
        responses = request_pages(service, 1, 2, 3, 4)
        ids = [record["_id"] for _, body in responses for record in body["data"]]
        assert len(set(ids)) == 1_200
        assert ids == sorted(ids)
        assert responses[1][1]["meta"] == {"totalResources": 1_200, "totalPages": 3, "currentPage": 2}
        assert responses[3][1]["data"] == []

    def test_enforces_the_limit_of_each_key_and_counts(self, service: Service) -> None:
        service.set(Conditions(records=500, requests_per_second=2))
        assert [status for status, _ in request_pages(service, 1, 1, 1)] == [200, 200, 429]
        assert [status for status, _ in request_pages(service, 1, key="another")] == [200]
        assert (service.counts().requests, service.counts().rejections) == (4, 1)

    def test_fails_every_nth_request(self, service: Service) -> None:
        service.set(Conditions(records=500, failing_every=3))
        assert [status for status, _ in request_pages(service, *[1] * 6)] == [200, 200, 500] * 2
        assert service.counts().failures == 2

    def test_resets_with_new_conditions(self, service: Service) -> None:
        service.set(Conditions(records=500, requests_per_second=1))
        request_pages(service, 1, 1)
        service.set(Conditions(records=500, requests_per_second=1))
        assert [status for status, _ in request_pages(service, 1)] == [200]
        assert service.counts().requests == 1


class TestRunner:
    def test_counts_requests_and_rows(self, runner: Runner) -> None:
        job = Job("seventime", "", "", 5_000, requests_per_second=UNLIMITED, output="records.jsonl")
        (measurement,) = runner.measure([Candidate(OURS, job)], Conditions(5_000, failing_every=10))
        (turn,) = measurement.turns
        assert turn.error is None
        assert (turn.requests, turn.failures, turn.rejections, turn.rows) == (11, 1, 0, 5_000)
        assert turn.seconds
        assert turn.cpu_seconds
        lines = (runner.folder / "records.jsonl").read_bytes().splitlines()
        ids = [json.loads(line)["_id"] for line in lines]
        assert len(set(ids)) == 5_000

    def test_reports_the_error_of_a_candidate_and_stops_its_turns(self, runner: Runner) -> None:
        runner.turns = 2
        (measurement,) = runner.measure(
            [Candidate("floor", Job("floor", "", "", 500))], Conditions(500, failing_every=1)
        )
        (turn,) = measurement.turns
        assert turn.seconds is None
        assert "has status 500" in str(turn.error)

    def test_reports_why_a_candidate_did_not_start(self, runner: Runner) -> None:
        job = Job("seventime", "", "", 500, pacing="reds://cache")
        (measurement,) = runner.measure([Candidate(OURS, job)], Conditions(500))
        (turn,) = measurement.turns
        assert "neither 'machine' nor 'process'" in str(turn.error)

    def test_skips_a_candidate_with_something_missing(self, runner: Runner) -> None:
        (measurement,) = runner.measure(
            [Candidate("other", Job("floor", "", "", 500), missing="no Redis")], Conditions(500)
        )
        assert measurement.turns == []
        assert measurement.missing == "no Redis"


def test_the_command_prints_its_tables_and_saves_the_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program.main(["latency", "--scale", "0.02", "--turns", "1", "--results", str(tmp_path)])
    (path,) = tmp_path.glob("*.json")
    (table,) = read(path).tables
    shown = capsys.readouterr().out
    assert as_text(table) in shown
    assert {"floor, 8 connections", "requests loop", OURS} <= {line[0] for line in cells(table)}
    for measurement in table.measurements:
        assert measurement.missing or [(turn.requests, turn.error) for turn in measurement.turns] == [(2, None)]
        assert all(turn.rows in (1_000, None) for turn in measurement.turns)
    assert "latency: times the ideal" in shown


def test_a_create_with_a_note_sends_no_other_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program.main(["creates", "--scale", "0.01", "--turns", "1", "--results", str(tmp_path)])
    (path,) = tmp_path.glob("*.json")
    (table,) = read(path).tables
    for measurement in table.measurements:
        # One request opens the connection before the measurement.
        assert measurement.missing or [(turn.requests, turn.rows, turn.error) for turn in measurement.turns] == [
            (21, 20, None)
        ]
    assert [(one.measured, one.met) for one in evaluate(read(path)) if "requests of notes in files" in one.text] == [
        ("0.00", True)
    ]
    assert "creates: a note in files, at most 2 ms" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["speed"], ["--turns", "0"], ["--scale", "2"]])
def test_the_command_refuses_invalid_arguments(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        program.read_arguments(arguments)


def make_table(name: str = "limit") -> Table:
    turns = [Turn(seconds, 10.0, seconds / 10, 20.0, 40, 0, 0, 20_000) for seconds in (10.0, 10.5, 30.0)]
    others = [Turn(21.0, 10.0, 4.2, 90.0, 44, 4, 0, 20_000)]
    measurements = [
        Measurement(OURS, turns),
        Measurement("dlt", others),
        Measurement("other", missing="other not installed"),
    ]
    columns = ("turns", "seconds", "of_ideal", "of_ours", "requests", "rejections", "rows")
    return Table(name, "At the limit", columns, measurements)


def make_results(*names: str) -> Results:
    machine = {"processor": "2 cores", "memory": "8 GB", "system": "Linux", "python": "3.13.1"}
    options = {"turns": 3, "patience_seconds": 10.0, "scale": 1.0}
    return Results("2026-11-21T07:00:00+00:00", machine, options, [make_table(name) for name in names])


class TestTables:
    def test_contain_medians_and_ratios(self) -> None:
        header, ours, dlt = cells(make_table())
        assert header == ["", "turns", "seconds", "x ideal", "x ours", "requests", "rejections", "rows"]
        assert ours == [OURS, "3", "10.5", "1.05", "1.00", "40", "0", "20,000"]
        assert dlt == ["dlt", "1", "21.0", "2.10", "2.00", "44", "4", "20,000"]

    def test_name_skipped_and_failed_candidates(self) -> None:
        table = make_table()
        table.measurements[1].turns.append(Turn(error="429 Too many requests"))
        assert "dlt failed: 429 Too many requests" in as_text(table)
        assert "other was skipped: other not installed" in as_markdown(table)

    def test_are_equal_after_writing_and_reading(self, tmp_path: Path) -> None:
        results = make_results("limit", "concurrent")
        assert read(results.write(tmp_path)) == results

    def test_of_several_files_the_last_counts(self, tmp_path: Path) -> None:
        older, newer = make_results("limit", "concurrent"), make_results("limit")
        newer.tables[0].title = "newer"
        paths = [older.write(tmp_path / "older"), newer.write(tmp_path / "newer")]
        assert [table.title for table in read_newest(paths).tables] == ["newer", "At the limit"]


def test_goals_are_met_or_missed() -> None:
    results = make_results("limit")
    assert [(goal.measured, goal.met) for goal in evaluate(results)] == [("1.05", True), ("0", True)]
    results.tables[0].measurements[0].turns[1:] = []
    results.tables[0].measurements[0].turns[0] = Turn(11.2, 10.0, rejections=1)
    assert [goal.outcome for goal in evaluate(results)] == ["MISSED", "MISSED"]


class TestPage:
    def test_has_a_block_for_every_table(self) -> None:
        blocks = [block.group(2) for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]
        assert sorted(blocks) == sorted({"about", "goals", *TABLES})

    def test_is_replaced_block_by_block(self) -> None:
        page = "# Title\n<!-- bench: limit: begin -->\nold\n<!-- bench: limit: end -->\nend\n"
        rewritten = rewrite(page, make_results("limit"))
        assert rewritten.startswith("# Title\n<!-- bench: limit: begin -->\nAt the limit.\n\n| ")
        assert rewritten.endswith("<!-- bench: limit: end -->\nend\n")
        assert "old" not in rewritten
        assert rewrite(rewritten, make_results("limit")) == rewritten

    def test_never_mixes_the_numbers_of_two_runs(self) -> None:
        page = "<!-- bench: concurrent: begin -->\nold\n<!-- bench: concurrent: end -->\n"
        with pytest.raises(SystemExit, match="Not measured: concurrent"):
            rewrite(page, make_results("limit"))
