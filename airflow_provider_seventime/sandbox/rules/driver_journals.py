"""Driver journals: distance from the odometer, price and cost per kilometre from the type of journey."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import Change, CollectionRules, Context
from airflow_provider_seventime.sandbox.rules.placement import placed_by_work_order, refuse_foreign_work_order
from airflow_provider_seventime.sandbox.rules.references import find_referenced
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import decimal_of, plain_number

FROM_TYPE = ("price", "cost", "isInvoiceable")


def _complete(context: Context, change: Change, record: Record) -> Record:
    refuse_foreign_work_order(context, change, record)
    record = placed_by_work_order(context, change, record, "customer")
    record["timestamp"] = record["timestamp"] or context.stamp
    vehicle = find_referenced(context.store, change.resource, record, "car")
    if vehicle is not None:
        record["carRegistrationNumber"] = vehicle["registrationNumber"]
    kind = find_referenced(context.store, change.resource, record, "driverJournalItemType")
    if kind is not None and "driverJournalItemType" in change.given:
        record |= {name: kind[name] for name in FROM_TYPE if name not in change.given}
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
    shown_on_delete=("_id",),
    defaults={"isInvoiceable": True},
)
