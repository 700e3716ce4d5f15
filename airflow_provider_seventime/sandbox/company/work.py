"""The company's projects and work orders."""

from __future__ import annotations

from datetime import time
from typing import Any

from airflow_provider_seventime.contract.codes import InvoicingStatus
from airflow_provider_seventime.dates import format_instant
from airflow_provider_seventime.sandbox.company.people import workers
from airflow_provider_seventime.sandbox.company.seeding import ACTING_USER_ID, Seeding

FIRST_PROJECT, FIRST_WORK_ORDER = 3301, 4801
# name, index of the customer, price per hour (0: according to the customer), fixed price (0: by the hour)
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
COLOURS = ("3a87ad", "468847", "FF5722", "673ab7")


def make_projects(seeding: Seeding) -> None:
    """Make the projects, the oldest first."""
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
                "projectStatus": 50,
                **_pricing(price, fixed),
            },
        )
    seeding.store.series["projects"] = FIRST_PROJECT + len(PROJECTS)


def _pricing(price: int, fixed: int) -> dict[str, Any]:
    if fixed:
        return {"billingMethod": "FIXED_PRICE", "fixedPrice": fixed, "fixedPriceLeftToInvoice": fixed}
    return {"billingMethod": "HOURLY" if price else "ACCORDING_TO_CUSTOMER", "pricePerHour": price}


def make_work_orders(seeding: Seeding) -> None:
    """Make the work orders: one or two per project, the oldest first."""
    dice = seeding.dice("work orders")
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
                "users": dice.sample(people, 2),
                "currentOwner": people[0],
                "createdByUser": ACTING_USER_ID,
                "startDate": format_instant(seeding.instant(begins)),
                "estimatedTime": dice.choice((8, 16, 24, 40)),
                "color": COLOURS[number % len(COLOURS)],
                "invoiceStatus": InvoicingStatus.NONE.value,
                "billingMethod": "RUNNING",
            },
        )
    seeding.store.series["workOrders"] = FIRST_WORK_ORDER + len(planned)
