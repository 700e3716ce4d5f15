"""Time logs: start, end and hours, and the price per hour."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from airflow_provider_seventime.dates import format_instant, parse_instant
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import CollectionRules, RecordChange, WriteContext
from airflow_provider_seventime.sandbox.rules.references import find_referenced
from airflow_provider_seventime.sandbox.rules.work_order_fields import fill_from_work_order
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import decimal_of, hours_of, plain_number

COST_PER_HOUR = Decimal(285)  # one cost for all users: the API has no salaries


def price_per_hour(project: Record | None, category: Record | None, customer: Record | None) -> Any:
    """Return the price of an hour: that of a project billed by the hour, of the time category, or of the customer.

    The vendor names user, customer, project, time category and work order as sources, without an order among them.
    """
    hourly_project = project if project and project.get("billingMethod") == "HOURLY" else None
    for source in (hourly_project, category, customer):
        if source and source.get("pricePerHour"):
            return source["pricePerHour"]
    return 0


def _complete(context: WriteContext, change: RecordChange, record: Record) -> Record:
    record = fill_from_work_order(context, change, record)
    record["timestamp"] = record["timestamp"] or context.timestamp
    record |= _start_end_hours(change, record)
    referenced = {name: find_referenced(context.store, change.collection, record, name) for name in PRICE_SOURCES}
    category = referenced["timeCategory"]
    if category is not None and (change.before is None or "timeCategory" in change.given):
        record["isAbsence"] = bool(category.get("isAbsenceType"))
        record["isWorkTime"] = bool(category.get("isWorkTime"))
        if "isInvoiceable" not in change.given:
            record["isInvoiceable"] = bool(category.get("isInvoiceable"))
    if "pricePerHour" not in change.given and (change.before is None or set(PRICE_SOURCES) & set(change.given)):
        record["pricePerHour"] = price_per_hour(referenced["project"], category, referenced["customer"])
    record["price"] = record["pricePerHour"]  # equal in the vendor's samples, for 5 hours and for 8
    record["cost"] = plain_number(decimal_of(record["time"]) * COST_PER_HOUR)
    return record


PRICE_SOURCES = ("customer", "project", "timeCategory")


def _start_end_hours(change: RecordChange, record: Record) -> dict[str, Any]:
    """Return start, end and hours. The one that the request leaves out is computed from the others."""
    given, before = change.given, change.before
    start = parse_instant(record["timestamp"])
    hours = decimal_of(given["time"]) if "time" in given else None
    if hours is None and "endTimestamp" not in given and before is not None:
        hours = decimal_of(before["time"])
    if hours is not None and hours < 0:
        raise bad_request(f"time: must be 0 hours or more, not {hours}")
    if "endTimestamp" in given:
        end = parse_instant(record["endTimestamp"])
    else:
        end = start + timedelta(seconds=round((hours or Decimal(0)) * 3600))
    if end < start:
        raise bad_request("endTimestamp: is before timestamp")
    if hours is None:
        hours = hours_of(int((end - start).total_seconds()))
    keeps_invoiceable = before is not None and before["invoiceableTime"] != before["time"]
    invoiceable = record["invoiceableTime"] if "invoiceableTime" in given or keeps_invoiceable else plain_number(hours)
    return {
        "timestamp": format_instant(start),
        "endTimestamp": format_instant(end),
        "realTimestamp": format_instant(start),
        "realEndTimestamp": format_instant(end),
        "time": plain_number(hours),
        "invoiceableTime": invoiceable,
    }


NO_LOCATION = {"type": "Point", "coordinates": []}

TIME_LOGS = CollectionRules(
    complete=_complete,
    shown_on_delete=(),
    defaults={
        "status": 1,
        "isWorkTime": True,
        "isInvoiceable": True,
        "customFields": [],
        "machineTimePrices": [],
        "machineTimeSupplements": [],
        "unSocialHoursCosts": [],
        "startLocation": NO_LOCATION,
        "stopLocation": NO_LOCATION,
    },
)
