"""A list that changes while it is read: whole, or an error; never short without one."""

from __future__ import annotations

import random

import pytest

from airflow_provider_seventime.api.paging import Page, read_whole
from airflow_provider_seventime.exceptions import IncompleteReadError

SEEDS = range(150)


class MovingServer:
    """A list sorted by ``_id`` that is changed before some of its pages are given."""

    def __init__(self, seed, page_size, change_chance, changes):
        self.random = random.Random(seed)
        self.page_size = page_size
        self.change_chance = change_chance
        self.changes = changes
        self.ids = sorted(self.random.sample(range(1000), self.random.randint(0, 30)))
        self.always = set(self.ids)
        self.ever = set(self.ids)
        self.requests = 0

    def fetch(self, number):
        self.requests += 1
        if self.requests > 1 and self.random.random() < self.change_chance:
            self.changes(self)
        begin = (number - 1) * self.page_size
        page = self.ids[begin : begin + self.page_size]
        return Page([{"_id": f"{one:06d}"} for one in page], len(self.ids))

    def insert(self, at_end):
        least = max(self.ids, default=0) + 1 if at_end else 0
        new = self.random.choice([one for one in range(least, least + 2000) if one not in self.ids])
        self.ids = sorted([*self.ids, new])
        self.ever.add(new)

    def remove(self):
        if self.ids:
            gone = self.random.choice(self.ids)
            self.ids.remove(gone)
            self.always.discard(gone)


def remove_some(server):
    for _ in range(server.random.randint(1, 3)):
        server.remove()


def insert_anywhere(server):
    server.insert(at_end=False)


def append(server):
    server.insert(at_end=True)


def either(server):
    # One kind at a time: a removal and an insertion between the same two pages leave the total as it was, which no
    # reader of pages can see.
    server.random.choice([remove_some, insert_anywhere, append])(server)


@pytest.mark.parametrize("change_chance", [0.05, 0.3])
@pytest.mark.parametrize("changes", [remove_some, insert_anywhere, append, either], ids=lambda one: one.__name__)
def test_every_record_that_was_there_all_the_time_is_yielded_once(changes, change_chance):
    whole = 0
    for seed in SEEDS:
        server = MovingServer(seed, seed % 5 + 1, change_chance, changes)
        got = []
        try:
            for record in read_whole("GET x", server.page_size, server.fetch):
                got.append(int(record["_id"]))  # noqa: PERF401 - what came before an error counts too
        except IncompleteReadError:
            pass
        else:
            whole += 1
            assert server.always <= set(got), f"seed {seed} lost records without an error"
        assert len(got) == len(set(got)), f"seed {seed} yielded a record twice"
        assert set(got) <= server.ever
        assert server.requests <= 3 * (len(server.ever) + 1) + 11, f"seed {seed} asked without end"
    # Not the easy way out: most of these lists can be read whole.
    assert whole > len(SEEDS) * (0.9 if change_chance < 0.1 else 0.3)


def test_one_record_gone_in_the_middle_costs_no_other():
    ids = [f"{one:06d}" for one in range(12)]

    def fetch(number):
        if number == 3 and "000001" in ids:
            ids.remove("000001")
        return Page([{"_id": one} for one in ids[2 * number - 2 : 2 * number]], len(ids))

    got = [record["_id"] for record in read_whole("GET x", 2, fetch)]
    assert sorted(got) == [f"{one:06d}" for one in range(12)]


def test_a_list_that_shrinks_to_nothing_is_whole():
    pages = iter([Page([{"_id": "a"}, {"_id": "b"}], 4), Page([], 0), Page([], 0)])
    assert [record["_id"] for record in read_whole("GET x", 2, lambda number: next(pages))] == ["a", "b"]


def test_a_list_that_grows_at_the_end_is_followed():
    ids = [0, 1, 2]

    def fetch(number):
        if len(ids) < 7:
            ids.append(len(ids))
        return Page([{"_id": f"{one}"} for one in ids[2 * number - 2 : 2 * number]], len(ids))

    assert [record["_id"] for record in read_whole("GET x", 2, fetch)] == [str(one) for one in range(7)]
