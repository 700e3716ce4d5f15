"""Random edits in Seven Time between two runs: the table equals the source after each run."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.dates import format_instant, parse_instant

START, END = datetime(2026, 8, 31, 22, tzinfo=UTC), datetime(2026, 9, 30, 22, tzinfo=UTC)
FIRST = datetime(2026, 8, 20, tzinfo=UTC)
MINUTES = 54 * 24 * 60
PROJECTS = ["p1", "p2", None]
OPEN = 0.05


class Users:
    """Users who create, change, move, reassign and delete time logs at random.

    :ivar records: the existing time logs by id.
    """

    def __init__(self, account, time_log, seed):
        self.dice = random.Random(seed)
        self.records = {}
        self._account = account
        self._time_log = time_log
        self._created = 0

    def work(self):
        for _ in range(self.dice.randrange(1, 40)):
            edit = self.dice.choice(
                [self._create, self._create, self._change, self._move, self._reassign, self._delete]
            )
            (edit if self.records else self._create)()

    def _create(self):
        self._created += 1
        begin = FIRST + timedelta(minutes=self.dice.randrange(MINUTES))
        end = begin + timedelta(minutes=self.dice.randrange(40 * 60))
        self._put(
            self._time_log(
                f"r{self._created:04}",
                format_instant(begin),
                endTimestamp=None if self.dice.random() < OPEN else format_instant(end),
                project=self.dice.choice(PROJECTS),
            )
        )

    def _change(self):
        self._put({**self._any(), "time": Decimal(self.dice.randrange(1, 900)) / 100})

    def _move(self):
        self._put({**self._any(), "timestamp": self._instant()})

    def _reassign(self):
        self._put({**self._any(), "project": self.dice.choice(PROJECTS)})

    def _delete(self):
        record_id = self._any()["_id"]
        self._account.remove(record_id)
        del self.records[record_id]

    def _put(self, record):
        self._account.load(record)
        self.records[record["_id"]] = record

    def _any(self):
        return self.records[self.dice.choice(sorted(self.records))]

    def _instant(self):
        return format_instant(FIRST + timedelta(minutes=self.dice.randrange(MINUTES)))


WINDOW = {"start": START, "end": END}
FULL = {"mode": "full", "deletions": "remove"}
SMALL_PAGES = 3
LATER = 60


def belonging(records, project, way):
    """Return the records of the project, if one is given: those of September, or all in a full read."""
    return {
        record_id: record
        for record_id, record in records.items()
        if (way is FULL or START <= parse_instant(record["timestamp"]) < END) and project in (None, record["project"])
    }


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("project", [None, "p1"], ids=["unfiltered", "filtered"])
@pytest.mark.parametrize("way", [WINDOW, FULL], ids=["window", "full"])
@pytest.mark.parametrize("deletions", ["remove", "mark"])
def test_the_table_equals_the_source(account, warehouse, time_log, seed, project, way, deletions):
    users = Users(account, time_log, seed)
    client = account.client(page_size=SMALL_PAGES)
    parameters = {**way, "deletions": deletions, "filters": {"project": project} if project else None}
    if way is WINDOW:
        # So many later records that the reader tries to narrow the window.
        account.load(*(time_log(f"z{number:03}", "2026-12-01T06:00:00.000Z", project="p1") for number in range(LATER)))
    for _ in range(4):
        users.work()
        if users.dice.random() < 0.3:
            warehouse.sync(client)

        warehouse.sync(client, **parameters)

        columns = {row[1] for row in warehouse.query("pragma table_info(seventime_time_logs)")}
        unmarked = "where deleted_at is null" if "deleted_at" in columns else ""
        rows = warehouse.query(f"select id, record from seventime_time_logs {unmarked}")
        stored = {record_id: exact_json.decode(record) for record_id, record in rows}
        assert belonging(stored, project, way) == belonging(users.records, project, way)

        before = warehouse.everything()
        again = warehouse.sync(client, **parameters)
        assert (again["rows_written"], again["rows_deleted"]) == (0, 0)
        assert warehouse.everything() == before
