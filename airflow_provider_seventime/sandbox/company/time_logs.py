"""The company's time logs: what eight people reported, day by day."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.sandbox.company.people import workers
from airflow_provider_seventime.sandbox.company.seeding import Seeding
from airflow_provider_seventime.sandbox.company.settings import ILLNESS, INTERNAL, NORMAL, OVERTIME, TRAVEL, VACATION
from airflow_provider_seventime.sandbox.rules.records import new_record
from airflow_provider_seventime.sandbox.rules.references import names_beside
from airflow_provider_seventime.sandbox.rules.time_logs import COST_PER_HOUR, price_per_hour
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import hours_of, plain_number

WHOLE_MONTHS = 3
HOLIDAYS = frozenset({(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)})  # those with fixed dates
SATURDAY = 5
ABSENT_SHARE, LATE_SHARE, NIGHT_SHARE, INTERNAL_SHARE, TRAVEL_SHARE, TIMER_SHARE = 0.05, 0.06, 0.015, 0.08, 0.1, 0.25
DONE = ("", "Montage", "Felsökning", "Kabeldragning", "Rivning", "Möte med kund", "Målning", "Slutbesiktning", "Jour")


@dataclass(frozen=True, slots=True)
class _Shift:
    """A stretch of work: local start, length in seconds, the name of its time category."""

    start: time
    seconds: int
    category: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where work is done, as the fields of a time log, and what an hour costs there by time category."""

    fields: dict[str, Any]
    prices: dict[str, Any]


def make_time_logs(seeding: Seeding, wanted: int | None) -> None:
    """Make the time logs, the oldest first.

    :param wanted: how many; None: those of three whole months and of the current one up to yesterday.
    """
    maker = _Maker(seeding)
    first = _months_before(seeding.today, WHOLE_MONTHS)
    made: list[list[Record]] = []
    total = 0
    for days in count(1):
        day = seeding.days_ago(days)
        if day < first if wanted is None else total >= wanted:
            break
        logs = maker.day(day)
        made.append(logs)
        total += len(logs)
    oldest_first = [log for logs in reversed(made) for log in logs]
    surplus = len(oldest_first) - wanted if wanted is not None else 0
    for log in oldest_first[surplus:]:
        log["_id"] = seeding.store.ids.make_at("timeLogs", log.pop("_made"))
        seeding.store.collection("timeLogs").put(log)


def _months_before(day: date, months: int) -> date:
    """Return the first day of the month so many months before a day's own."""
    months_since_zero = day.year * 12 + day.month - 1 - months
    return date(months_since_zero // 12, months_since_zero % 12 + 1, 1)


def shifts_of_a_day(dice: random.Random) -> Iterator[_Shift]:
    """Yield what one person does on a working day."""
    if dice.random() < ABSENT_SHARE:
        yield _Shift(time(7), 8 * 3600, VACATION if dice.random() < 0.5 else ILLNESS)  # noqa: PLR2004 - a coin
        return
    begins = dice.choice((time(6, 30), time(7), time(7, 15)))
    morning = dice.choice((3, 4, 5)) * 3600
    yield _Shift(begins, _timed(dice, morning), TRAVEL if dice.random() < TRAVEL_SHARE else NORMAL)
    afternoon = 8 * 3600 - morning
    yield _Shift(time(12, 45), _timed(dice, afternoon), INTERNAL if dice.random() < INTERNAL_SHARE else NORMAL)
    if dice.random() < LATE_SHARE:
        yield _Shift(time(18), dice.choice((1, 2, 3)) * 3600, OVERTIME)
    if dice.random() < NIGHT_SHARE:
        yield _Shift(time(22, 30), dice.choice((3, 4)) * 3600, OVERTIME)  # across midnight


def _timed(dice: random.Random, seconds: int) -> int:
    """Return a length as reported by hand, or by the stopwatch to the second."""
    return seconds - dice.randrange(1, 1500) if dice.random() < TIMER_SHARE else seconds


class _Maker:
    def __init__(self, seeding: Seeding) -> None:
        self._seeding = seeding
        self._blank = new_record(COLLECTIONS["timeLogs"], "")
        self._categories = {one["name"]: one for one in seeding.records("timeCategories")}
        self._people = [self._named({"user": one, "createdByUser": one}) for one in workers(seeding)]
        self._places = [place for project in seeding.records("projects") for place in self._places_of(project)]
        self._invoiced_before = _months_before(seeding.today, 1)

    def day(self, day: date) -> list[Record]:
        """Return the time logs of a day, none on a day off."""
        if day.weekday() >= SATURDAY or (day.month, day.day) in HOLIDAYS:
            return []
        dice = self._seeding.dice("time logs", day)
        return [self._log(day, person, shift, dice) for person in self._people for shift in shifts_of_a_day(dice)]

    def _log(self, day: date, person: dict[str, Any], shift: _Shift, dice: random.Random) -> Record:
        start = datetime.combine(day, shift.start, self._seeding.zone)
        started = int(start.timestamp())
        ended = started + shift.seconds
        category = self._categories[shift.category]
        begins, ends = _instant(started), _instant(ended)
        made = _instant(ended + dice.randrange(60, 3600))
        hours = plain_number(hours_of(shift.seconds))
        log: Record = {
            **self._blank,
            **person,
            "timestamp": begins,
            "endTimestamp": ends,
            "realTimestamp": begins,
            "realEndTimestamp": ends,
            "time": hours,
            "timeCategory": category["_id"],
            "isWorkTime": category["isWorkTime"],
            "isAbsence": category["isAbsenceType"],
            "isInvoiceable": category["isInvoiceable"],
            "cost": plain_number(Decimal(hours) * COST_PER_HOUR),
            "createDate": made,
            "modifiedDate": made,
            "_made": ended,
        }
        if category["isInvoiceable"]:
            place = dice.choice(self._places)
            price = place.prices[shift.category]
            log |= {**place.fields, "invoiceableTime": hours, "pricePerHour": price, "price": price}
            log["description"] = dice.choice(DONE)
            if day < self._invoiced_before:
                log |= {"isInvoiced": True, "invoicedDate": self._invoiced_on(day)}
        return log

    def _invoiced_on(self, day: date) -> str:
        """Return when a time log of a day was invoiced: on the first of the month after."""
        return format_instant(self._seeding.instant(_months_before(day, -1), time(0)))

    def _named(self, fields: dict[str, Any]) -> dict[str, Any]:
        return fields | names_beside(self._seeding.store, COLLECTIONS["timeLogs"], fields)

    def _places_of(self, project: Record) -> Iterator[_Place]:
        store = self._seeding.store
        customer = store.collection("customers").get(project["customer"])
        prices = {name: price_per_hour(project, one, customer) for name, one in self._categories.items()}
        fields = {"customer": project["customer"], "project": project["_id"]}
        yield _Place(self._named(fields), prices)
        for order in store.collection("workOrders"):
            if order["project"] == project["_id"]:
                yield _Place(self._named({**fields, "workOrder": order["_id"]}), prices)


def _instant(seconds: int) -> str:
    moment = datetime(1970, 1, 1) + timedelta(seconds=seconds)  # noqa: DTZ001 - only the digits are wanted, and UTC has no offset
    return f"{moment.isoformat()}.000Z"
