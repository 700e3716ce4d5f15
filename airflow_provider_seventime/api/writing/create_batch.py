"""Create many records: one search for all, then every record is tried, and one error lists the failures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from airflow_provider_seventime.api.writing.create_once import (
    CreateOptions,
    PriorAttempts,
    create_once,
    create_without_key,
    delays_before_first_post,
)
from airflow_provider_seventime.api.writing.create_requests import CreateRequests
from airflow_provider_seventime.api.writing.existing_record import CreateResult, existing_result
from airflow_provider_seventime.api.writing.lookup import NewRecord, match_record
from airflow_provider_seventime.exceptions import (
    AuthenticationError,
    BatchError,
    ConfigError,
    ForbiddenError,
    InvalidRecordError,
    SevenTimeError,
    StoppedError,
)

# After this many transient failures in a row the remaining records are left for the next try.
MAX_FAILURES_IN_A_ROW = 10
# After one of these errors every other record would fail for the same reason.
FAIL_ALL_RECORDS = (AuthenticationError, ForbiddenError, StoppedError)


def check_batch(
    resource: str,
    records: Sequence[Mapping[str, Any]],
    references: Sequence[str] | None,
    check: Callable[[Mapping[str, Any], str | None], NewRecord],
) -> list[NewRecord]:
    """Check every record before the first is sent.

    :param resource: the name of the collection.
    :param records: the records in the API's terms.
    :param references: one reference per record. None: no record has one.
    :param check: checks one record with its reference.
    :raises ConfigError: the number of references differs from the number of records, or two are the same.
    :raises InvalidRecordError: records are wrong. The error lists every problem with the index of its record.
    """
    given: Sequence[str | None] = [None] * len(records) if references is None else references
    if len(given) != len(records):
        raise ConfigError(f"references: there are {len(given)} for {len(records)} records; give one for each")
    new_records: list[NewRecord] = []
    problems: list[str] = []
    for index, (record, reference) in enumerate(zip(records, given, strict=True)):
        try:
            new_records.append(check(record, reference))
        except InvalidRecordError as error:
            problems += [f"[{index}] {problem}" for problem in error.problems]
    if problems:
        raise InvalidRecordError(f"{resource}: create", problems)
    _refuse_duplicate_keys(new_records)
    return new_records


def _refuse_duplicate_keys(new_records: Sequence[NewRecord]) -> None:
    first_index: dict[str, int] = {}
    for index, new_record in enumerate(new_records):
        key = new_record.key
        first = first_index.setdefault(key.compared, index) if key else index
        if first != index:
            same = new_records[first].key
            spelled = "" if key == same else f" ({same} counts as the same)"
            raise ConfigError(f"{key} is on both records [{first}] and [{index}]{spelled}; give each a different one")


def create_batch(
    requests: CreateRequests, new_records: Sequence[NewRecord], options: CreateOptions
) -> list[CreateResult]:
    """Create every record that does not exist yet.

    :param requests: the requests of the collection.
    :param new_records: the records, either all with a key or all without.
    :param options: options of the create.
    :return: one result per record, in order.
    :raises BatchError: some records could not be created. The batch ends early if the key is refused, if the client is
        stopped, or after ten transient failures in a row.
    :raises SevenTimeError: the search failed; nothing was sent.
    """
    leases = [None if new_record.key is None else requests.lease(new_record.key) for new_record in new_records]
    for lease in leases:
        if lease is not None:
            lease.read()  # before the search: a record that another run creates after it is noticed
    existing = _search_all(requests, new_records, options.prior_attempts)

    def create(index: int) -> CreateResult:
        new_record, lease = new_records[index], leases[index]
        if new_record.key is None or lease is None:
            return create_without_key(requests, new_record.record, options.prior_attempts, options.write_log)
        match = match_record(requests.collection, existing.get(new_record.key.compared, ()), new_record)
        if match is not None:
            return existing_result(requests.collection, new_record, match, options.if_exists)
        return create_once(requests, new_record, options, lease, searched=True)

    results, failures, untried = _try_each(len(new_records), create)
    if failures:
        ids = {index: str(result.record.get("_id")) for index, result in results.items()}
        repeatable = all(new_record.key is not None for new_record in new_records) or not results
        raise BatchError(requests.collection.name, ids, failures, untried, repeatable=repeatable)
    return [results[index] for index in range(len(new_records))]


def _search_all(
    requests: CreateRequests, new_records: Sequence[NewRecord], prior_attempts: PriorAttempts
) -> dict[str, list[dict[str, Any]]]:
    """Return the records that exist, by the compared form of their key."""
    keys = {new_record.key.compared: new_record.key for new_record in new_records if new_record.key}
    delays_seconds = delays_before_first_post(prior_attempts)
    existing: dict[str, list[dict[str, Any]]] = {}
    if not keys or not delays_seconds:
        return existing
    any_key = next(iter(keys.values()))  # all keys of a batch look at the same field
    query = requests.search_query(new_records)
    for seconds in delays_seconds:
        requests.sleep(seconds)
        existing = {}
        for record in requests.search(query):
            for value in keys.keys() & any_key.values_in(record):
                existing.setdefault(value, []).append(record)
        if len(existing) == len(keys):
            break
    return existing


def _try_each(
    count: int, create: Callable[[int], CreateResult]
) -> tuple[dict[int, CreateResult], dict[int, SevenTimeError], list[int]]:
    """Try each index, and return the results, the failures and the indexes that were not tried."""
    results: dict[int, CreateResult] = {}
    failures: dict[int, SevenTimeError] = {}
    in_a_row = 0
    for index in range(count):
        try:
            results[index] = create(index)
            in_a_row = 0
        except SevenTimeError as error:
            failures[index] = error
            in_a_row = in_a_row + 1 if error.transient else 0
            # Every other record would fail for the same reason, or the API is unlikely to recover soon.
            if isinstance(error, FAIL_ALL_RECORDS) or in_a_row == MAX_FAILURES_IN_A_ROW:
                return results, failures, list(range(index + 1, count))
    return results, failures, []
