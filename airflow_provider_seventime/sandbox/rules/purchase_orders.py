"""Purchase orders: the distributor's details, amounts, and the way from draft to delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime.contract.codes import PurchaseOrderStatus
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import Change, CollectionRules, Context
from airflow_provider_seventime.sandbox.rules.invoice_amounts import DEFAULT_TAX_PERCENT, at_one_rate, invoice_amounts
from airflow_provider_seventime.sandbox.rules.invoice_rows import complete_rows
from airflow_provider_seventime.sandbox.rules.log_entries import log_entry
from airflow_provider_seventime.sandbox.rules.people import ADDRESS, address_lines
from airflow_provider_seventime.sandbox.rules.placement import refuse_foreign_work_order
from airflow_provider_seventime.sandbox.rules.references import find_referenced
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import public_link

DRAFT, SENT, OBLITERATED, CONFIRMED, DELIVERED = (status.value for status in PurchaseOrderStatus)
MOVES: Mapping[int, frozenset[int]] = {
    DRAFT: frozenset({SENT, OBLITERATED, CONFIRMED, DELIVERED}),
    SENT: frozenset({OBLITERATED, CONFIRMED, DELIVERED}),
    CONFIRMED: frozenset({OBLITERATED, DELIVERED}),
}
REACHED_THE_DISTRIBUTOR = frozenset({SENT, CONFIRMED, DELIVERED})
LOG_CREATED = 5  # as in the samples
TOTALS = ("totalAmount", "totalTaxAmount", "totalAmountInclTax", "totalCost")


def _complete(context: Context, change: Change, record: Record) -> Record:
    _refuse_move(change, record["purchaseOrderStatus"])
    refuse_foreign_work_order(context, change, record)
    distributor = find_referenced(context.store, change.resource, record, "distributor") or {}
    _refuse_foreign_contact(context, change, record)
    if change.before is None:
        record |= _of_a_new_order(context, change, record, distributor)
    if "distributor" in change.given:
        record |= {
            "distributorAddress": address_lines(distributor),
            "ourCustomerNumber": distributor.get("ourCustomerNumber", ""),
        }
    terms = at_one_rate(record["taxPercent"], record["currencyCode"])
    if "invoiceItems" in change.given:
        record["invoiceItems"] = complete_rows(context, record["invoiceItems"], terms, "unitCost")
    totals = invoice_amounts(record["invoiceItems"], terms)
    return record | {name: totals[name] for name in TOTALS} | _dates_of_status(context, record)


def _refuse_move(change: Change, target: int) -> None:
    if change.before is None:
        return
    current = change.before["purchaseOrderStatus"]
    if target != current and target not in MOVES.get(current, frozenset()):
        shown = [f"{status} ({PurchaseOrderStatus(status).name.lower()})" for status in (current, target)]
        raise bad_request(f"purchaseOrderStatus: an order with status {shown[0]} cannot become {shown[1]}")


def _refuse_foreign_contact(context: Context, change: Change, record: Record) -> None:
    contact = find_referenced(context.store, change.resource, record, "contactPersonDistributor")
    if contact is not None and contact["distributor"] != record["distributor"]:
        raise bad_request("contactPersonDistributor: does not belong to the distributor")


def _of_a_new_order(context: Context, change: Change, record: Record, distributor: Mapping[str, Any]) -> dict[str, Any]:
    company = next(iter(context.store.collection("companyInformation")), {})
    own_address = {name: company.get(name, "") for name in (*ADDRESS, "email")}
    return {
        "ourReference": change.acting_user,
        "ourReferenceName": record["createdByUserName"],
        "purchaseOrderDate": record["purchaseOrderDate"] or context.stamp,
        "paymentDays": record["paymentDays"] or distributor.get("paymentDays", 0),
        "invoiceAddress": record["invoiceAddress"] if "invoiceAddress" in change.given else own_address,
        "purchaseOrderLogEntries": [log_entry(context, LOG_CREATED, change.acting_user)],
        "publicLink": public_link(record["_id"]),
    }


def _dates_of_status(context: Context, record: Record) -> dict[str, Any]:
    status = record["purchaseOrderStatus"]
    dates: dict[str, Any] = {}
    if status in REACHED_THE_DISTRIBUTOR and not record["sentDate"]:
        dates["sentDate"] = context.stamp
    if status == CONFIRMED and not record["confirmationDate"]:
        dates["confirmationDate"] = context.stamp
    return dates


PURCHASE_ORDERS = CollectionRules(
    complete=_complete,
    unique=("purchaseOrderNumber",),
    defaults={
        "purchaseOrderName": "Beställning",
        "purchaseOrderStatus": DRAFT,
        "language": "SV",
        "workOrderNumber": "0",
        "taxPercent": int(DEFAULT_TAX_PERCENT),
        "currencyCode": "SEK",
        "currencyRate": 1,
        "invoiceItems": [],
        "documents": [],
        "purchaseOrderLogEntries": [],
        "deliveryAddress": ADDRESS,
        "invoiceAddress": {**ADDRESS, "email": ""},
    },
)
