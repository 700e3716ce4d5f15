"""Summaries of records for XCom and trigger events: small, and made of plain JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from enum import IntEnum

    from airflow_provider_seventime.contract.spec import CollectionSpec

AMOUNT_FIELD = "totalAmountInclTax"
CUSTOMER_FIELD = "customerNumber"


def summarise(resource: CollectionSpec, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record's id, and its number, status and amount if the collection has them.

    :param collection: the collection.
    :param record: the record as the API returned it.
    :return: ``_id``; the number and status fields under the API's names; ``status``, the name of the status;
        ``totalAmountInclTax`` as text with the digits of the response.
    """
    summary: dict[str, Any] = {"_id": record.get("_id")}
    if resource.number_field:
        summary[resource.number_field] = record.get(resource.number_field) or None
    if resource.status_field:
        code = record.get(resource.status_field)
        summary[resource.status_field] = code
        summary["status"] = status_name(resource.status_codes, code)
    if AMOUNT_FIELD in resource.fields:
        amount = record.get(AMOUNT_FIELD)
        summary[AMOUNT_FIELD] = None if amount is None else str(amount)
    return summary


def label(resource: CollectionSpec, record: Mapping[str, Any]) -> str:
    """Return the name of a record in logs and errors, for example ``invoices 5fae (number 24481)``."""
    number = record.get(resource.number_field) if resource.number_field else None
    return f"{resource.name} {record.get('_id')}" + (f" (number {number})" if number else "")


def describe(resource: CollectionSpec, record: Mapping[str, Any], status: str | None = None) -> str:
    """Return a record's name for a line of a log, with its customer's number and its amount.

    For example ``invoices 5fae (number 24481, customer 1001, 1250.50 SEK)``. It has no name of a person or a company.

    :param resource: the collection.
    :param record: the record as the API returned it.
    :param status: status to add, as :func:`status_move` returns it. None: none is added.
    """
    amount = record.get(AMOUNT_FIELD) if AMOUNT_FIELD in resource.fields else None
    facts = _numbers(resource, record)
    facts += [f"{amount} {record.get('currencyCode') or 'SEK'}"] if amount is not None else []
    facts += [status] if status else []
    return f"{resource.name} {record.get('_id')}" + (f" ({', '.join(facts)})" if facts else "")


def short_name(resource: CollectionSpec, record: Mapping[str, Any]) -> str | None:
    """Return the numbers of a record and of its customer: ``number 24481, customer 1001``. None: there is neither."""
    return ", ".join(_numbers(resource, record)) or None


def status_move(
    resource: CollectionSpec, record: Mapping[str, Any], previous: Mapping[str, Any] | None = None
) -> str | None:
    """Return the name of a record's status, or ``sent -> paid`` if it was another before. None: there is no status.

    :param resource: the collection.
    :param record: the record as the API returned it.
    :param previous: the record, or its status field, before. None: not known.
    """
    field = resource.status_field or ""
    now = status_name(resource.status_codes, record.get(field))
    before = status_name(resource.status_codes, (previous or {}).get(field))
    return now if before in (None, now) else f"{before} -> {now}"


def _numbers(resource: CollectionSpec, record: Mapping[str, Any]) -> list[str]:
    number = record.get(resource.number_field) if resource.number_field else None
    customer = record.get(CUSTOMER_FIELD) if CUSTOMER_FIELD in resource.fields else None
    facts = [f"number {number}"] if number else []
    return facts + ([f"customer {customer}"] if customer and resource.number_field != CUSTOMER_FIELD else [])


def plain_values(value: Any) -> Any:
    """Return a record, or a part of one, with every ``Decimal`` as text with the digits of the response.

    Airflow's XCom stores a ``Decimal`` as a float, which changes a number such as 12345678901234567890.12.
    """
    if isinstance(value, Mapping):
        return {name: plain_values(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain_values(part) for part in value]
    return str(value) if isinstance(value, Decimal) else value


def status_name(codes: type[IntEnum] | None, code: object) -> str | None:
    """Return the name of a status in lower case, or the code as text if it has no name. None: there is no status."""
    if code is None:
        return None
    names = {str(member.value): member.name.lower() for member in codes or ()}
    return names.get(str(code), str(code))
