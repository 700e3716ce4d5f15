"""Time logs of the seeded company's eight employees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.sandbox.company.people import workers
from airflow_provider_seventime.sandbox.company.seeding import Seeding
from airflow_provider_seventime.sandbox.company.settings import ILLNESS, INTERNAL, NORMAL, OVERTIME, TRAVEL, VACATION
from airflow_provider_seventime.sandbox.rules.collections.time_logs import COST_PER_HOUR, price_per_hour
from airflow_provider_seventime.sandbox.rules.records import new_record
from airflow_provider_seventime.sandbox.rules.references import referenced_names
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import hours_of, plain_number

WHOLE_MONTHS = 3
# Holidays with a fixed date, as month and day.
HOLIDAYS = frozenset({(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)})
SATURDAY = 5
ABSENT_SHARE, LATE_SHARE, NIGHT_SHARE, INTERNAL_SHARE, TRAVEL_SHARE, TIMER_SHARE = 0.05, 0.06, 0.015, 0.08, 0.1, 0.25
WORK_DESCRIPTIONS = (
    "",
    "Montage",
    "Felsökning",
    "Kabeldragning",
    "Rivning",
    "Möte med kund",
    "Målning",
    "Slutbesiktning",
    "Jour",
)


@dataclass(frozen=True, slots=True)
class _Shift:
    """Work without a break.

    :param start: local start.
    :param seconds: duration.
    :param category: name of the time category.
    """

    start: time
    seconds: int
    category: str


@dataclass(frozen=True, slots=True)
class _Workplace:
    """Project or work order that time is logged on.

    :param fields: fields of its time logs.
    :param prices: price of an hour by time category.
    """

    fields: dict[str, Any]
    prices: dict[str, Any]


def make_time_logs(seeding: Seeding, number: int | None) -> None:
    """Create the time logs, the oldest first.

    :param number: number of time logs; None: those of three whole months and of the current one up to yesterday.
    """
    builder = _TimeLogBuilder(seeding)
    first = _months_before(seeding.today, WHOLE_MONTHS)
    days_newest_first: list[list[Record]] = []
    total = 0
    for days in count(1):
        day = seeding.days_ago(days)
        if day < first if number is None else total >= number:
            break
        logs = builder.day(day)
        days_newest_first.append(logs)
        total += len(logs)
    oldest_first = [log for logs in reversed(days_newest_first) for log in logs]
    surplus = len(oldest_first) - number if number is not None else 0
    for log in oldest_first[surplus:]:
        log["_id"] = seeding.store.ids.new_id_at("timeLogs", log.pop("_created"))
        seeding.store.collection("timeLogs").put(log)


def _months_before(day: date, months: int) -> date:
    """Return the first day of the month that is so many months before the day's month."""
    months_since_zero = day.year * 12 + day.month - 1 - months
    return date(months_since_zero // 12, months_since_zero % 12 + 1, 1)


def shifts_of_a_day(random: Random) -> Iterator[_Shift]:
    """Yield the work of one employee on a working day."""
    if random.random() < ABSENT_SHARE:
        yield _Shift(time(7), 8 * 3600, VACATION if random.random() < 0.5 else ILLNESS)  # noqa: PLR2004 - equal chances
        return
    begins = random.choice((time(6, 30), time(7), time(7, 15)))
    morning = random.choice((3, 4, 5)) * 3600
    yield _Shift(begins, _timed(random, morning), TRAVEL if random.random() < TRAVEL_SHARE else NORMAL)
    afternoon = 8 * 3600 - morning
    yield _Shift(time(12, 45), _timed(random, afternoon), INTERNAL if random.random() < INTERNAL_SHARE else NORMAL)
    if random.random() < LATE_SHARE:
        yield _Shift(time(18), random.choice((1, 2, 3)) * 3600, OVERTIME)
    if random.random() < NIGHT_SHARE:
        yield _Shift(time(22, 30), random.choice((3, 4)) * 3600, OVERTIME)  # across midnight


def _timed(random: Random, seconds: int) -> int:
    """Return a duration: round as entered by hand, or to the second as measured by a timer."""
    return seconds - random.randrange(1, 1500) if random.random() < TIMER_SHARE else seconds


class _TimeLogBuilder:
    def __init__(self, seeding: Seeding) -> None:
        self._seeding = seeding
        self._blank = new_record(COLLECTIONS["timeLogs"], "")
        self._categories = {one["name"]: one for one in seeding.records("timeCategories")}
        self._people = [self._with_names({"user": one, "createdByUser": one}) for one in workers(seeding)]
        self._workplaces = [
            workplace for project in seeding.records("projects") for workplace in self._workplaces_of(project)
        ]
        self._invoiced_before = _months_before(seeding.today, 1)

    def day(self, day: date) -> list[Record]:
        """Return the time logs of a day; none on weekends and holidays."""
        if day.weekday() >= SATURDAY or (day.month, day.day) in HOLIDAYS:
            return []
        random = self._seeding.random("time logs", day)
        return [self._log(day, person, shift, random) for person in self._people for shift in shifts_of_a_day(random)]

    def _log(self, day: date, person: dict[str, Any], shift: _Shift, random: Random) -> Record:
        start = datetime.combine(day, shift.start, self._seeding.zone)
        started = int(start.timestamp())
        ended = started + shift.seconds
        category = self._categories[shift.category]
        begins, ends = _instant(started), _instant(ended)
        created = _instant(ended + random.randrange(60, 3600))
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
            "createDate": created,
            "modifiedDate": created,
            "_created": ended,
        }
        if category["isInvoiceable"]:
            workplace = random.choice(self._workplaces)
            price = workplace.prices[shift.category]
            log |= {**workplace.fields, "invoiceableTime": hours, "pricePerHour": price, "price": price}
            log["description"] = random.choice(WORK_DESCRIPTIONS)
            if day < self._invoiced_before:
                log |= {"isInvoiced": True, "invoicedDate": self._invoiced_on(day)}
        return log

    def _invoiced_on(self, day: date) -> str:
        """Return the invoice date of a day's time logs: the first day of the next month."""
        return format_instant(self._seeding.instant(_months_before(day, -1), time(0)))

    def _with_names(self, fields: dict[str, Any]) -> dict[str, Any]:
        return fields | referenced_names(self._seeding.store, COLLECTIONS["timeLogs"], fields)

    def _workplaces_of(self, project: Record) -> Iterator[_Workplace]:
        store = self._seeding.store
        customer = store.collection("customers").get(project["customer"])
        prices = {name: price_per_hour(project, one, customer) for name, one in self._categories.items()}
        fields = {"customer": project["customer"], "project": project["_id"]}
        yield _Workplace(self._with_names(fields), prices)
        for order in store.collection("workOrders"):
            if order["project"] == project["_id"]:
                yield _Workplace(self._with_names({**fields, "workOrder": order["_id"]}), prices)


def _instant(seconds: int) -> str:
    moment = datetime(1970, 1, 1) + timedelta(seconds=seconds)  # noqa: DTZ001 - formatted as UTC below
    return f"{moment.isoformat()}.000Z"
