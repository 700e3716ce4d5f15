"""Purchase orders: details of the distributor, amounts, and the statuses from draft to delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime.contract.codes import PurchaseOrderStatus
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules.context import CollectionRules, RecordChange, WriteContext
from airflow_provider_seventime.sandbox.rules.invoice_amounts import (
    DEFAULT_TAX_PERCENT,
    invoice_amounts,
    single_rate_terms,
)
from airflow_provider_seventime.sandbox.rules.invoice_rows import complete_rows
from airflow_provider_seventime.sandbox.rules.log_entries import log_entry
from airflow_provider_seventime.sandbox.rules.party_fields import ADDRESS, address_lines
from airflow_provider_seventime.sandbox.rules.references import find_referenced
from airflow_provider_seventime.sandbox.rules.work_order_fields import check_work_order_project
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import public_link

DRAFT, SENT, OBLITERATED, CONFIRMED, DELIVERED = (status.value for status in PurchaseOrderStatus)
TRANSITIONS: Mapping[int, frozenset[int]] = {
    DRAFT: frozenset({SENT, OBLITERATED, CONFIRMED, DELIVERED}),
    SENT: frozenset({OBLITERATED, CONFIRMED, DELIVERED}),
    CONFIRMED: frozenset({OBLITERATED, DELIVERED}),
}
SENT_TO_DISTRIBUTOR = frozenset({SENT, CONFIRMED, DELIVERED})
LOG_CREATED = 5  # as in the vendor's samples
TOTALS = ("totalAmount", "totalTaxAmount", "totalAmountInclTax", "totalCost")


def _complete(context: WriteContext, change: RecordChange, record: Record) -> Record:
    _check_transition(change, record["purchaseOrderStatus"])
    check_work_order_project(context, change, record)
    distributor = find_referenced(context.store, change.collection, record, "distributor") or {}
    _check_contact_person(context, change, record)
    if change.before is None:
        record |= _new_order_fields(context, change, record, distributor)
    if "distributor" in change.given:
        record |= {
            "distributorAddress": address_lines(distributor),
            "ourCustomerNumber": distributor.get("ourCustomerNumber", ""),
        }
    terms = single_rate_terms(record["taxPercent"], record["currencyCode"])
    if "invoiceItems" in change.given:
        record["invoiceItems"] = complete_rows(context, record["invoiceItems"], terms, "unitCost")
    totals = invoice_amounts(record["invoiceItems"], terms)
    return record | {name: totals[name] for name in TOTALS} | _status_dates(context, record)


def _check_transition(change: RecordChange, target: int) -> None:
    if change.before is None:
        return
    current = change.before["purchaseOrderStatus"]
    if target != current and target not in TRANSITIONS.get(current, frozenset()):
        names = [f"{status} ({PurchaseOrderStatus(status).name.lower()})" for status in (current, target)]
        raise bad_request(f"purchaseOrderStatus: an order with status {names[0]} cannot become {names[1]}")


def _check_contact_person(context: WriteContext, change: RecordChange, record: Record) -> None:
    contact = find_referenced(context.store, change.collection, record, "contactPersonDistributor")
    if contact is not None and contact["distributor"] != record["distributor"]:
        raise bad_request("contactPersonDistributor: does not belong to the distributor")


def _new_order_fields(
    context: WriteContext, change: RecordChange, record: Record, distributor: Mapping[str, Any]
) -> dict[str, Any]:
    company = next(iter(context.store.collection("companyInformation")), {})
    own_address = {name: company.get(name, "") for name in (*ADDRESS, "email")}
    return {
        "ourReference": change.acting_user,
        "ourReferenceName": record["createdByUserName"],
        "purchaseOrderDate": record["purchaseOrderDate"] or context.timestamp,
        "paymentDays": record["paymentDays"] or distributor.get("paymentDays", 0),
        "invoiceAddress": record["invoiceAddress"] if "invoiceAddress" in change.given else own_address,
        "purchaseOrderLogEntries": [log_entry(context, LOG_CREATED, change.acting_user)],
        "publicLink": public_link(record["_id"]),
    }


def _status_dates(context: WriteContext, record: Record) -> dict[str, Any]:
    status = record["purchaseOrderStatus"]
    dates: dict[str, Any] = {}
    if status in SENT_TO_DISTRIBUTOR and not record["sentDate"]:
        dates["sentDate"] = context.timestamp
    if status == CONFIRMED and not record["confirmationDate"]:
        dates["confirmationDate"] = context.timestamp
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
