"""Whatever people did in Seven Time between two runs, the window is as the source has it."""

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
        self._put(self._time_log(f"r{self._made:04}", self._instant(), project=self.dice.choice(PROJECTS)))

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


def belonging(records, project):
    """Keep the records of September, and of the project where there is one."""
    return {
        record_id: record
        for record_id, record in records.items()
        if START <= parse_instant(record["timestamp"]) < END and project in (None, record["project"])
    }


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("project", [None, "p1"], ids=["unfiltered", "filtered"])
def test_the_window_is_as_the_source_has_it(account, warehouse, time_log, seed, project):
    people = People(account, time_log, seed)
    filters = {"project": project} if project else None
    for _ in range(5):
        people.work()
        if people.dice.random() < 0.3:
            warehouse.sync()

        warehouse.sync_september(filters=filters)

        rows = warehouse.query("select id, record from seventime_time_logs")
        held = {record_id: exact_json.decode(record) for record_id, record in rows}
        assert belonging(held, project) == belonging(people.there, project)

        before = warehouse.everything()
        assert warehouse.sync_september(filters=filters)["rows_written"] == 0
        assert warehouse.everything() == before
