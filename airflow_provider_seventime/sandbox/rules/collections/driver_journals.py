"""Driver journals: distance from the odometer, price and cost per kilometre from the type of journey."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import CollectionRules, RecordChange, WriteContext
from airflow_provider_seventime.sandbox.rules.references import find_referenced
from airflow_provider_seventime.sandbox.rules.work_order_fields import check_work_order_project, copy_from_work_order
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import decimal_of, plain_number

JOURNEY_TYPE_FIELDS = ("price", "cost", "isInvoiceable")


def _complete(context: WriteContext, change: RecordChange, record: Record) -> Record:
    check_work_order_project(context, change, record)
    record = copy_from_work_order(context, change, record, "customer")
    record["timestamp"] = record["timestamp"] or context.timestamp
    vehicle = find_referenced(context.store, change.collection, record, "car")
    if vehicle is not None:
        record["carRegistrationNumber"] = vehicle.get("registrationNumber", "")
    journey_type = find_referenced(context.store, change.collection, record, "driverJournalItemType")
    if journey_type is not None and "driverJournalItemType" in change.given:
        missing = [name for name in JOURNEY_TYPE_FIELDS if name not in change.given]
        record |= {name: journey_type[name] for name in missing if name in journey_type}
    distance = decimal_of(record["endOdometer"]) - decimal_of(record["startOdometer"])
    if distance < 0:
        raise bad_request("endOdometer: is lower than startOdometer")
    return record | {
        "totalDistance": plain_number(distance),
        "totalAmount": plain_number(distance * decimal_of(record["price"])),
        "totalCost": plain_number(distance * decimal_of(record["cost"])),
    }


DRIVER_JOURNALS = CollectionRules(
    complete=_complete,
    renamed={"vehicle": "car"},
    write_only=frozenset({"modifiedByUser", "deletedByUser", "expenseItem"}),
    shown_on_delete=("_id",),
    defaults={"isInvoiceable": True},
)
