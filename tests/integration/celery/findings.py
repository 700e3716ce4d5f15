"""Figures of a backfill, compared with the promised ones."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from operator import sub

from airflow_provider_seventime.sandbox.rate_limit import DEFAULT_LIMIT, WINDOW_SECONDS
from airflow_provider_seventime.sandbox.state.journal import JournalEntry
from tests.integration.celery.tables import SYNCED_AT, Table, differences
from tests.integration.real_airflow.airflow_api import DagRun, TaskRun

REJECTED = 429
MOST_REJECTIONS = 1
LEAST_SHARE_OF_BUDGET = 0.75
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests that Seven Time received.

    :param requests: how many.
    :param rejections: answered with 429.
    :param most_in_a_second: the highest number in any second.
    :param closest_seconds: the shortest time in which one more than the limit came; infinite: there are not so many.
    :param seconds: from the first to the last.
    """

    requests: int
    rejections: int
    most_in_a_second: int
    closest_seconds: float
    seconds: float

    @property
    def least_seconds(self) -> float:
        """Seconds that so many requests take at the rate limit."""
        return self.requests / DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is promised.

    :param holds: whether it is so.
    :param text: what was looked at, and what was seen.
    """

    holds: bool
    text: str

    def __str__(self) -> str:
        return f"{'holds' if self.holds else 'FAILS'}  {self.text}"


def traffic_of(journal: Sequence[JournalEntry]) -> Traffic:
    """Sum up a journal.

    :param journal: of the sandbox.
    """
    if not journal:
        return Traffic(0, 0, 0, inf, 0.0)
    moments = sorted(entry["monotonic_seconds"] for entry in journal)
    return Traffic(
        requests=len(moments),
        rejections=sum(entry["status"] == REJECTED for entry in journal),
        most_in_a_second=most_in_a_second(moments),
        closest_seconds=min(map(sub, moments[DEFAULT_LIMIT:], moments), default=inf),
        seconds=moments[-1] - moments[0],
    )


def most_in_a_second(moments: Sequence[float]) -> int:
    """Return the highest number of moments, in ascending order, that lie within a second of each other."""
    most, within = 0, deque[float]()
    for moment in moments:
        within.append(moment)
        while moment - within[0] >= WINDOW_SECONDS:
            within.popleft()
        most = max(most, len(within))
    return most


def most_at_once(tasks: Sequence[TaskRun]) -> int:
    """Return the highest number of tasks that ran at the same time."""
    return max(sum(other.start <= task.start < other.end for other in tasks) for task in tasks)


def described(name: str, run: DagRun, traffic: Traffic) -> str:
    """Return a run in one line.

    :param name: of the run.
    :param run: what Airflow says of it.
    :param traffic: what Seven Time says of it.
    """
    return (
        f"{name}: {run.state} in {run.seconds:.1f} s; tasks: {len(run.tasks)}, {most_at_once(run.tasks)} at once; "
        f"requests: {traffic.requests}"
    )


def findings_of_run(name: str, run: DagRun, machines: Collection[str]) -> Iterator[Finding]:
    """Judge what Airflow says of a run.

    :param name: of the run.
    :param run: what Airflow says of it.
    :param machines: those that are to have done a part of it.
    """
    well = sum(task.state == "success" and task.try_number == 1 for task in run.tasks)
    yield Finding(
        run.state == "success" and well == len(run.tasks),
        f"{name}: every task succeeds at its first try ({well} of {len(run.tasks)})",
    )
    did = Counter(task.machine for task in run.tasks)
    shares = ", ".join(f"{machine}: {number}" for machine, number in sorted(did.items()))
    if machines:
        yield Finding(set(machines) == set(did), f"{name}: each worker does a part of it ({shares})")


def findings_of_traffic(name: str, run: DagRun, traffic: Traffic) -> Iterator[Finding]:
    """Judge what Seven Time says of a run.

    :param name: of the run.
    :param run: what Airflow says of it.
    :param traffic: what Seven Time says of it.
    """
    reported = sum(task.manifest["requests_made"] for task in run.tasks if task.manifest)
    yield Finding(
        traffic.most_in_a_second <= DEFAULT_LIMIT,
        f"{name}: no second has more than {DEFAULT_LIMIT} requests (the fullest: {traffic.most_in_a_second}; "
        f"{DEFAULT_LIMIT + 1} came in {traffic.closest_seconds:.3f} s at least)",
    )
    yield Finding(
        traffic.rejections <= MOST_REJECTIONS,
        f"{name}: at most {MOST_REJECTIONS} answer is 429 ({traffic.rejections} of {traffic.requests})",
    )
    yield Finding(
        traffic.least_seconds >= LEAST_SHARE_OF_BUDGET * traffic.seconds,
        f"{name}: at least {LEAST_SHARE_OF_BUDGET:.0%} of the budget is used ({traffic.requests} requests in "
        f"{traffic.seconds:.1f} s, at the limit {traffic.least_seconds:.1f} s)",
    )
    yield Finding(
        reported == traffic.requests,
        f"{name}: the tasks' manifests count every request ({reported} of {traffic.requests})",
    )


def findings_of_tables(by_windows: Table, in_one_run: Table, ids: Collection[str]) -> Iterator[Finding]:
    """Judge what both runs left behind.

    :param by_windows: the table of the mapped tasks.
    :param in_one_run: the table of the single task.
    :param ids: of the records that Seven Time holds.
    """
    yield Finding(
        by_windows.rows.keys() == set(ids),
        f"the table of the windows holds the account's records ({len(by_windows.rows):,} of {len(ids):,})",
    )
    found = list(differences(by_windows, in_one_run))
    shown = "".join(f"\n       {line}" for line in found[:SHOWN])
    yield Finding(
        not found,
        f"it equals the table of one run, but for {SYNCED_AT} ({len(in_one_run.rows):,} rows of "
        f"{len(in_one_run.columns) - 1} fields, {len(found)} differences){shown}",
    )
