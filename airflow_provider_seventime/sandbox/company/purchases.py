"""Distributors of the seeded company, and their invoices."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

from airflow_provider_seventime.contract.codes import SupplierInvoiceStatus
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.sandbox.company.seeding import ACTING_USER_ID, Seeding, organization_number
from airflow_provider_seventime.sandbox.rules.collections.supplier_invoices import (
    LOG_CREATED,
    supplier_amounts,
    supplier_flags,
)
from airflow_provider_seventime.sandbox.rules.invoice_amounts import single_rate_terms
from airflow_provider_seventime.sandbox.rules.invoice_rows import complete_rows
from airflow_provider_seventime.sandbox.rules.log_entries import log_entry
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import luhn_digit, plain_value

FIRST_DISTRIBUTOR = 17
# Name, street, zip code, city, customer number there, payment days, subcontractor.
DISTRIBUTORS = (
    ("Elgrossisten i Norr AB", "Elvägen 3", "602 28", "Norrköping", "44120", 30, False),
    ("Virke & Bygg Syd AB", "Sågverksgatan 8", "582 16", "Linköping", "N-118", 20, False),
    ("Färghuset Öst AB", "Kulörvägen 1", "602 29", "Norrköping", "", 30, False),
    ("Målarlaget i Motala HB", "Norra Allén 5", "591 32", "Motala", "", 15, True),
)
# Index of the distributor, days ago, total with tax, tax percent, status.
SUPPLIER_INVOICES = (
    (0, 96, "12437.50", 25, SupplierInvoiceStatus.INVOICED),
    (1, 88, "48210.00", 25, SupplierInvoiceStatus.INVOICED),
    (2, 71, "3318.75", 25, SupplierInvoiceStatus.INVOICED),
    (0, 55, "9871.25", 25, SupplierInvoiceStatus.INVOICED),
    (1, 41, "1120.00", 12, SupplierInvoiceStatus.REGISTERED),
    (0, 27, "27755.49", 25, SupplierInvoiceStatus.REGISTERED),
    (2, 13, "742.00", 6, SupplierInvoiceStatus.ATTEST_PENDING),
    (2, 9, "1890.00", 25, SupplierInvoiceStatus.OBLITERATED),
    (1, 4, "15999.00", 25, SupplierInvoiceStatus.DRAFT),
)


def make_distributors(seeding: Seeding) -> None:
    """Create the distributors. The last one is a subcontractor with self-billing."""
    random = seeding.random("distributors")
    for number, (name, street, zip_code, city, our_number, days, subcontractor) in enumerate(
        DISTRIBUTORS, start=FIRST_DISTRIBUTOR
    ):
        fields = {
            "name": name,
            "distributorNumber": str(number),
            "organizationNumber": organization_number(random, "969" if name.endswith("HB") else "559"),
            "address": street,
            "zipCode": zip_code,
            "city": city,
            "country": "SE",
            "phone": f"08-465 004 {number + 10}",  # Swedish numbers reserved for film and fiction
            "email": f"info@leverantor{number}.example",
            "purchaseOrderEmail": f"order@leverantor{number}.example",
            "ourCustomerNumber": our_number,
            "paymentDays": days,
            "hasSelfBilling": subcontractor,
            "isSubContractor": subcontractor,
        }
        if subcontractor:
            fields["selfBillingSettings"] = {
                "invoiceDeduction": 5,
                "deductionExpenseItem": None,
                "invoiceNumberSeries": "SF",
                "invoiceCounter": 1,
                "emailForSelfBilling": fields["email"],
            }
        seeding.add("distributors", seeding.instant(seeding.days_ago(1400)), fields)
    seeding.store.series["distributors"] = FIRST_DISTRIBUTOR + len(DISTRIBUTORS)


def make_supplier_invoices(seeding: Seeding) -> None:
    """Create the supplier invoices, the oldest first."""
    random = seeding.random("purchases")
    distributors, projects = seeding.records("distributors"), seeding.records("projects")
    orders = seeding.records("workOrders")
    for distributor, days, total, percent, status in SUPPLIER_INVOICES:
        number = str(random.randrange(10000, 99999))
        project = random.choice(projects)
        amounts = {"totalAmountInclTax": Decimal(total), "taxPercent": percent, "markupPercent": 10}
        invoice: Record = {
            "supplierInvoiceNumber": number,
            "OCR": f"{number}{luhn_digit(number)}",
            "distributor": distributors[distributor]["_id"],
            "project": project["_id"],
            "workOrder": next(one["_id"] for one in orders if one["project"] == project["_id"]),
            "customer": project["customer"],
            "invoiceDate": format_instant(seeding.instant(seeding.days_ago(days), time(0))),
            "dueDate": format_instant(seeding.instant(seeding.days_ago(days - 30), time(0))),
            "supplierInvoiceStatus": status.value,
            "isInvoiceable": True,
            "isInvoiced": status is SupplierInvoiceStatus.INVOICED,
            **plain_value(amounts),
            **supplier_amounts(amounts),
        }
        context = seeding.context(seeding.instant(seeding.days_ago(days)))
        item = {"itemType": "general", "name": "Material", "unit": "st", "unitPrice": invoice["totalAmount"]}
        rows = [{**item, "unitCost": invoice["totalAmount"]}]
        invoice["invoiceItems"] = complete_rows(context, rows, single_rate_terms(percent))
        invoice["supplierInvoiceLogEntries"] = [log_entry(context, LOG_CREATED, ACTING_USER_ID)]
        seeding.add("supplierInvoices", context.now, invoice | supplier_flags(invoice))
