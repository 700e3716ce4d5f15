"""Projects and work orders of the seeded company."""

from __future__ import annotations

from datetime import time
from typing import Any

from airflow_provider_seventime.contract.codes import InvoicingStatus
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.sandbox.company.people import workers
from airflow_provider_seventime.sandbox.company.seeding import ACTING_USER_ID, Seeding

FIRST_PROJECT, FIRST_WORK_ORDER = 3301, 4801
# Name, index of the customer, price per hour (0: the customer's), fixed price (0: billed by the hour).
PROJECTS = (
    ("Kvarnen, stambyte etapp 1", 0, 0, 0),
    ("Kvarnen, elcentral källare", 0, 655, 0),
    ("Hyllie kontor, plan 3", 1, 0, 480000),
    ("Hyllie kontor, ställverk", 1, 690, 0),
    ("Badrum Björkvägen", 2, 0, 0),
    ("Kafé Lilla Björn, nytt kök", 3, 0, 0),
    ("Havnegade, fasad", 4, 0, 0),
    ("Löpande service Ågatan", 5, 545, 0),
    ("Solsidan, laddplatser", 6, 0, 192000),
    ("Solsidan, tvättstuga", 6, 0, 0),
    ("Trädgård och snö Tallstigen", 7, 0, 0),
    ("Pumpstation Ö4", 8, 0, 0),
    ("Crème Brûlée, belysning", 9, 0, 0),
    ("Måleriets verkstad, portar", 10, 0, 0),
    ("Kolmården, stugby 12-18", 11, 0, 0),
)
TITLES = (
    "Byta säkringar",
    "Felsökning jordfel",
    "Dra ny matning",
    "Montera dörrar",
    "Slipa och måla",
    "Besiktning och protokoll",
    "Byta blandare",
)
TYPES = ("Service", "Installation", "Felanmälan")
BUILDERS_REMAINDER = 2  # every third project belongs to the builders
CLOSED, STARTED = 12, 19  # number of completed work orders, and of completed or started ones
COLOURS = ("3a87ad", "468847", "FF5722", "673ab7")


def make_projects(seeding: Seeding) -> None:
    """Create the projects, the oldest first."""
    customers, leaders = seeding.records("customers"), workers(seeding)
    for index, (name, customer, price, fixed) in enumerate(PROJECTS):
        started = seeding.days_ago(430 - 20 * index)
        seeding.add(
            "projects",
            seeding.instant(started),
            {
                "name": name,
                "projectNumber": str(FIRST_PROJECT + index),
                "customer": customers[customer]["_id"],
                "projectLeader": leaders[index % 3],
                "startDate": format_instant(seeding.instant(started, time(0))),
                **_status(seeding, "projectStatuses", "Pågående", "projectStatusRef", "projectStatus"),
                "projectType": seeding.id_of("projectTypes", "Entreprenad" if fixed else "Löpande räkning"),
                "department": seeding.id_of("departments", "Bygg" if index % 3 == BUILDERS_REMAINDER else "El"),
                "resultUnit": seeding.id_of("resultUnits", "Kontor Norrköping"),
                "contactPerson": _main_contact(seeding, customers[customer]["_id"]),
                "tags": [seeding.id_of("projectTags", "ÄTA väntas")] if fixed else [],
                **_pricing(price, fixed),
            },
        )
    seeding.store.series["projects"] = FIRST_PROJECT + len(PROJECTS)


def _status(seeding: Seeding, collection: str, name: str, reference: str, code: str) -> dict[str, Any]:
    status_id = seeding.id_of(collection, name)
    status = seeding.store.collection(collection).get(status_id) or {}
    return {reference: status_id, code: status["status"]}


def _main_contact(seeding: Seeding, customer_id: str) -> str | None:
    contacts = seeding.records("contactPersons")
    return next((one["_id"] for one in contacts if one["customer"] == customer_id and one["mainContact"]), None)


def _pricing(price: int, fixed: int) -> dict[str, Any]:
    if fixed:
        return {"billingMethod": "FIXED_PRICE", "fixedPrice": fixed, "fixedPriceLeftToInvoice": fixed}
    return {"billingMethod": "HOURLY" if price else "ACCORDING_TO_CUSTOMER", "pricePerHour": price}


def _progress(seeding: Seeding, number: int) -> dict[str, Any]:
    """Return status and dates of a work order: the oldest are completed, the newest planned."""
    day = seeding.days_ago(110 - 5 * number)
    afternoon = format_instant(seeding.instant(day, time(15)))
    if number < CLOSED:
        completed = {"completedDate": afternoon, "completedByUser": workers(seeding)[1]}
        return completed | _status(seeding, "workOrderStatuses", "Klar", "statusRef", "status")
    if number < STARTED:
        started = {"inProgressDate": afternoon, "inProgressByUser": workers(seeding)[1]}
        return started | _status(seeding, "workOrderStatuses", "Pågående", "statusRef", "status")
    return _status(seeding, "workOrderStatuses", "Planerad", "statusRef", "status")


def make_work_orders(seeding: Seeding) -> None:
    """Create one or two work orders per project, the oldest first."""
    random = seeding.random("work orders")
    people = workers(seeding)
    planned = sorted((index % len(PROJECTS), index) for index in range(21))
    for number, (project_index, index) in enumerate(planned):
        project = seeding.records("projects")[project_index]
        customer = seeding.store.collection("customers").get(project["customer"]) or {}
        begins = seeding.days_ago(120 - 5 * number)
        seeding.add(
            "workOrders",
            seeding.instant(begins),
            {
                "title": f"{TITLES[index % len(TITLES)]}, {project['name']}",
                "workOrderNumber": FIRST_WORK_ORDER + number,
                "customer": project["customer"],
                "customerNumber": customer["customerNumber"],
                "project": project["_id"],
                "users": random.sample(people, 2),
                "currentOwner": people[0],
                "createdByUser": ACTING_USER_ID,
                "startDate": format_instant(seeding.instant(begins)),
                "estimatedTime": random.choice((8, 16, 24, 40)),
                "color": COLOURS[number % len(COLOURS)],
                "invoiceStatus": InvoicingStatus.NONE.value,
                "billingMethod": "RUNNING",
                "workOrderType": seeding.id_of("workOrderTypes", TYPES[number % len(TYPES)]),
                "department": project["department"],
                "contactPerson": project["contactPerson"],
                "tags": [seeding.id_of("workOrderTags", "Akut")] if number % 7 == 0 else [],
                **_progress(seeding, number),
            },
        )
    seeding.store.series["workOrders"] = FIRST_WORK_ORDER + len(planned)
