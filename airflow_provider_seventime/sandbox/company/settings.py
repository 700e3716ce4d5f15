"""Settings of the seeded company: company details, time categories, invoice tags, statuses."""

from __future__ import annotations

from decimal import Decimal

from airflow_provider_seventime.contract.codes import EntityType
from airflow_provider_seventime.sandbox.company.seeding import Seeding, organization_number

FOUNDED_DAYS_AGO = 6 * 365
NORMAL, OVERTIME, TRAVEL, INTERNAL, VACATION, ILLNESS = (
    "Normaltid",
    "Övertid 50 %",
    "Restid",
    "Intern tid",
    "Semester",
    "Sjukfrånvaro",
)
# Name, article number, price per hour, invoiceable, absence, colour.
TIME_CATEGORIES = (
    (NORMAL, "010", 595, True, False, "3a87ad"),
    (OVERTIME, "020", Decimal("842.5"), True, False, "f44336"),
    (TRAVEL, "030", 450, True, False, "795548"),
    (INTERNAL, "090", 0, False, False, "999999"),
    (VACATION, "040", 0, False, True, "FF9800"),
    (ILLNESS, "050", 0, False, True, "9c27b0"),
)
INVOICE_TAGS = (("Att granska", "f44336"), ("Entreprenad", "3F51B5"), ("ROT/RUT", "468847"))


def make_company_information(seeding: Seeding) -> None:
    """Create the record with the company's details."""
    seeding.add(
        "companyInformation",
        seeding.instant(seeding.days_ago(FOUNDED_DAYS_AGO)),
        {
            "name": "Norrby Bygg & El AB",
            "organizationNumber": organization_number(seeding.random("company")),
            "address": "Verkstadsgatan 12",
            "zipCode": "602 23",
            "city": "Norrköping",
            "country": "SE",
            "email": "info@norrby.example",
            "phone": "011-000 00 10",
        },
    )


def make_time_categories(seeding: Seeding) -> None:
    """Create the time categories."""
    for name, article, price, invoiceable, absence, colour in TIME_CATEGORIES:
        seeding.add(
            "timeCategories",
            seeding.instant(seeding.days_ago(FOUNDED_DAYS_AGO)),
            {
                "name": name,
                "articleNumber": article,
                "pricePerHour": price,
                "isInvoiceable": invoiceable,
                "isAbsenceType": absence,
                "isWorkTime": not absence,
                "isVacation": name == VACATION,
                "requirePreAttest": name == VACATION,
                "isActive": True,
                "color": colour,
            },
        )


def make_invoice_tags(seeding: Seeding) -> None:
    """Create the tags of invoices."""
    for name, colour in INVOICE_TAGS:
        seeding.add(
            "invoiceTags",
            seeding.instant(seeding.days_ago(FOUNDED_DAYS_AGO)),
            {"tagName": name, "color": colour},
        )


def make_statuses(seeding: Seeding) -> None:
    """Create the collection ``statuses``: the statuses of projects and work orders again, with the same ids."""
    for collection, entity in (("projectStatuses", EntityType.PROJECT), ("workOrderStatuses", EntityType.WORK_ORDER)):
        for status in seeding.records(collection):
            shown = {name: status[name] for name in ("_id", "statusName", "color", "isActive")}
            created = seeding.instant(seeding.days_ago(FOUNDED_DAYS_AGO))
            seeding.add("statuses", created, {**shown, "entityType": entity.value})
