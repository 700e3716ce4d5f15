"""Whatever people did in Seven Time between two runs, the window is as the source has it, and so is everything."""

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


class People:
    """They make, change, move, hand over and delete time logs at random; ``there`` is what there is."""

    def __init__(self, account, time_log, seed):
        self.dice = random.Random(seed)
        self.there = {}
        self._account = account
        self._time_log = time_log
        self._made = 0

    def work(self):
        for _ in range(self.dice.randrange(1, 40)):
            deed = self.dice.choice([self._make, self._make, self._change, self._move, self._hand_over, self._delete])
            (deed if self.there else self._make)()

    def _make(self):
        self._made += 1
        begin = FIRST + timedelta(minutes=self.dice.randrange(MINUTES))
        end = begin + timedelta(minutes=self.dice.randrange(40 * 60))
        self._put(
            self._time_log(
                f"r{self._made:04}",
                format_instant(begin),
                endTimestamp=None if self.dice.random() < OPEN else format_instant(end),
                project=self.dice.choice(PROJECTS),
            )
        )

    def _change(self):
        self._put({**self._any(), "time": Decimal(self.dice.randrange(1, 900)) / 100})

    def _move(self):
        self._put({**self._any(), "timestamp": self._instant()})

    def _hand_over(self):
        self._put({**self._any(), "project": self.dice.choice(PROJECTS)})

    def _delete(self):
        record_id = self._any()["_id"]
        self._account.remove(record_id)
        del self.there[record_id]

    def _put(self, record):
        self._account.load(record)
        self.there[record["_id"]] = record

    def _any(self):
        return self.there[self.dice.choice(sorted(self.there))]

    def _instant(self):
        return format_instant(FIRST + timedelta(minutes=self.dice.randrange(MINUTES)))


WINDOW = {"start": START, "end": END}
FULL = {"mode": "full", "deletions": "remove"}
SMALL_PAGES = 3
LATER = 60


def belonging(records, project, way):
    """Keep the records of September, or of any time, and of the project where there is one."""
    return {
        record_id: record
        for record_id, record in records.items()
        if (way is FULL or START <= parse_instant(record["timestamp"]) < END) and project in (None, record["project"])
    }


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("project", [None, "p1"], ids=["unfiltered", "filtered"])
@pytest.mark.parametrize("way", [WINDOW, FULL], ids=["window", "full"])
@pytest.mark.parametrize("deletions", ["remove", "mark"])
def test_the_table_is_as_the_source(account, warehouse, time_log, seed, project, way, deletions):
    people = People(account, time_log, seed)
    client = account.client(page_size=SMALL_PAGES)
    parameters = {**way, "deletions": deletions, "filters": {"project": project} if project else None}
    if way is WINDOW:
        # So many that an old window is not read to the present where it can be helped.
        account.load(*(time_log(f"z{number:03}", "2026-12-01T06:00:00.000Z", project="p1") for number in range(LATER)))
    for _ in range(4):
        people.work()
        if people.dice.random() < 0.3:
            warehouse.sync(client)

        warehouse.sync(client, **parameters)

        columns = {row[1] for row in warehouse.query("pragma table_info(seventime_time_logs)")}
        unmarked = "where deleted_at is null" if "deleted_at" in columns else ""
        rows = warehouse.query(f"select id, record from seventime_time_logs {unmarked}")
        held = {record_id: exact_json.decode(record) for record_id, record in rows}
        assert belonging(held, project, way) == belonging(people.there, project, way)

        before = warehouse.everything()
        again = warehouse.sync(client, **parameters)
        assert (again["rows_written"], again["rows_deleted"]) == (0, 0)
        assert warehouse.everything() == before
