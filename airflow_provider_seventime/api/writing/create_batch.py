"""Many creates at once: one look for all, every record tried, and an account of what failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from airflow_provider_seventime.api.writing.create_once import (
    CreateResult,
    IfExists,
    PriorAttempts,
    WriteLog,
    Writer,
    check_exists,
    create_blindly,
    create_once,
    looks_before,
)
from airflow_provider_seventime.api.writing.lookup import Wanted, find
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import (
    AuthenticationError,
    BatchError,
    ConfigError,
    ForbiddenError,
    InvalidRecordError,
    SevenTimeError,
)

# So many records in a row without success, for passing reasons, and the rest is left for the next try.
FAILURES_IN_A_ROW = 10

Filters = Callable[[Sequence[Wanted]], Mapping[str, Any]]


def check_each(
    collection: str,
    records: Sequence[Mapping[str, Any]],
    references: Sequence[str] | None,
    check: Callable[[Mapping[str, Any], str | None], Wanted],
) -> list[Wanted]:
    """Check every record before the first is sent.

    :param collection: the collection's name.
    :param records: the records in the API's terms.
    :param references: one for each; None: none has one.
    :param check: checks one record with its reference.
    :raises ConfigError: the references are not one for each, or not all different.
    :raises InvalidRecordError: records are wrong; every problem is listed with the index of its record.
    """
    given: Sequence[str | None] = [None] * len(records) if references is None else references
    if len(given) != len(records):
        raise ConfigError(f"references: there are {len(given)} for {len(records)} records; give one for each")
    wanted: list[Wanted] = []
    problems: list[str] = []
    for index, (record, reference) in enumerate(zip(records, given, strict=True)):
        try:
            wanted.append(check(record, reference))
        except InvalidRecordError as error:
            problems += [f"[{index}] {problem}" for problem in error.problems]
    if problems:
        raise InvalidRecordError(f"{collection}: create", problems)
    _refuse_twins(wanted)
    return wanted


def _refuse_twins(wanted: Sequence[Wanted]) -> None:
    first: dict[str, int] = {}
    for index, one in enumerate(wanted):
        if one.mark and first.setdefault(one.mark.value, index) != index:
            raise ConfigError(
                f"{one.mark} stands on records [{first[one.mark.value]}] and [{index}]; give each one of its own"
            )


def create_each(
    writer: Writer,
    resource: CollectionSpec,
    wanted: Sequence[Wanted],
    *,
    filters: Filters,
    if_exists: IfExists = "return",
    before: PriorAttempts = PriorAttempts.UNKNOWN,
    intent: WriteLog | None = None,
) -> list[CreateResult]:
    """Create every record that is not there yet.

    :param writer: the client.
    :param resource: the collection.
    :param wanted: the records, each with its mark, or all without.
    :param filters: returns what narrows the look-up of some of them.
    :param if_exists: ``return`` the records that are there, or ``fail`` each of them.
    :param before: what is known of earlier attempts.
    :param intent: told before a POST, and when it certainly did nothing; None: nobody.
    :return: one outcome per record, in order.
    :raises BatchError: some could not be created; every record was tried first, unless trying on was plainly in vain.
    :raises SevenTimeError: nothing was sent.
    """
    there = _find_all(writer, resource, wanted, filters, before)

    def create(index: int) -> CreateResult:
        one = wanted[index]
        if one.mark is None:
            return create_blindly(writer, resource, one.record, before, intent)
        held = find(resource, there.get(one.mark.value, ()), one)
        if held is not None:
            return check_exists(resource, one, CreateResult(held, created=False), if_exists)
        return create_once(
            writer, resource, one, filters=lambda: filters([one]), before=PriorAttempts.NONE_SENT, intent=intent
        )

    made, failed, left = _in_turn(len(wanted), create)
    if failed:
        ids = {index: str(outcome.record.get("_id")) for index, outcome in made.items()}
        repeatable = all(one.mark is not None for one in wanted) or not made
        raise BatchError(resource.name, ids, failed, left, repeatable=repeatable)
    return [made[index] for index in range(len(wanted))]


def _find_all(
    writer: Writer, resource: CollectionSpec, wanted: Sequence[Wanted], filters: Filters, before: PriorAttempts
) -> dict[str, list[dict[str, Any]]]:
    """Return the records that are there, by the value of their mark."""
    marks = {one.mark.value: one.mark for one in wanted if one.mark}
    waits = looks_before(before)
    found: dict[str, list[dict[str, Any]]] = {}
    if not marks or not waits:
        return found
    kind = next(iter(marks.values()))
    narrowed = filters(wanted)
    for seconds in waits:
        if seconds:
            writer.sleep(seconds)
        found = {}
        for record in writer.search(resource, narrowed):
            for value in marks.keys() & kind.found_in(record):
                found.setdefault(value, []).append(record)
        if len(found) == len(marks):
            break
    return found


def _in_turn(
    count: int, create: Callable[[int], CreateResult]
) -> tuple[dict[int, CreateResult], dict[int, SevenTimeError], list[int]]:
    """Try each index; return what was created or found, what failed, and what was not tried.

    A refused key refuses every record; and where the API fails so many records in a row for passing reasons, the rest
    is better left for the next try than waited for.
    """
    made: dict[int, CreateResult] = {}
    failed: dict[int, SevenTimeError] = {}
    in_a_row = 0
    for index in range(count):
        try:
            made[index] = create(index)
            in_a_row = 0
        except SevenTimeError as error:
            failed[index] = error
            in_a_row = in_a_row + 1 if error.transient else 0
            if isinstance(error, AuthenticationError | ForbiddenError) or in_a_row == FAILURES_IN_A_ROW:
                return made, failed, list(range(index + 1, count))
    return made, failed, []
