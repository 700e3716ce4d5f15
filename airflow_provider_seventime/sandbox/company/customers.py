"""Customers of the seeded company."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airflow_provider_seventime.contract.codes import CustomerType
from airflow_provider_seventime.sandbox.company.seeding import Seeding, organization_number, personal_number
from airflow_provider_seventime.sandbox.rules.collections.customers import BILLING_SETTINGS

FIRST_NUMBER = 101
FIRST_ID = "571f61330c7f498a2d0001a4"  # of the documentation's examples, and older than every seeded id of customers


@dataclass(frozen=True, slots=True)
class _CustomerSeed:
    name: str
    address: str
    zip_code: str
    city: str
    payment_days: int = 30
    price_per_hour: int = 0
    country: str = "SE"
    billing: str = ""
    group: str = "559"


CONSTRUCTION, ROT, RUT = "isConstructionCompany", "isROTCustomer", "isRUTCustomer"
CUSTOMERS = (
    _CustomerSeed("Västra Kvarnens Fastigheter AB", "Kvarngatan 4", "602 32", "Norrköping", price_per_hour=620),
    _CustomerSeed("Skånebygg Entreprenad AB", "Hamngatan 21", "211 22", "Malmö", payment_days=45, billing=CONSTRUCTION),
    _CustomerSeed("Åsa Lindqvist", "Björkvägen 7", "611 35", "Nyköping", payment_days=20, billing=ROT, group=""),
    _CustomerSeed('Kafé "Lilla Björn" AB', "Drottninggatan 33", "602 24", "Norrköping", payment_days=20),
    _CustomerSeed("Jørgensen Tømrer ApS", "Havnegade 12", "1058", "København", country="DK"),
    _CustomerSeed("€co Städ & Service AB", "Ågatan 9", "582 22", "Linköping", payment_days=10),
    _CustomerSeed("Brf Solsidan", "Solgatan 1-15", "603 60", "Norrköping", group="769"),
    _CustomerSeed("Göran Öberg", "Tallstigen 3", "614 30", "Söderköping", payment_days=20, billing=RUT, group=""),
    _CustomerSeed("Östgöta Värme & Vatten AB", "Industrigatan 40", "582 77", "Linköping", price_per_hour=640),
    _CustomerSeed("Café Crème Brûlée HB", "Storgatan 18", "591 30", "Motala", group="969"),
    _CustomerSeed("Häradsdomarens Måleri i Söderköping AB", "Skönbergagatan 2", "614 30", "Söderköping"),
    _CustomerSeed("Kolmårdens Fritid AB", "Djurparksvägen 100", "618 92", "Kolmården", payment_days=15),
)


def make_customers(seeding: Seeding) -> None:
    """Create the customers, the oldest first."""
    random = seeding.random("customers")
    for index, seed in enumerate(CUSTOMERS):
        private = seed.group == ""
        number = personal_number(random) if private else organization_number(random, seed.group)
        swedish_company = not private and seed.country == "SE"
        seeding.add(
            "customers",
            seeding.instant(seeding.days_ago(1500 - 90 * index)),
            {
                "name": seed.name,
                "customerNumber": str(FIRST_NUMBER + index),
                "organizationNumber": number if seed.country == "SE" else "",
                "vatNumber": f"SE{number.replace('-', '')}01" if swedish_company else "",
                "email": f"faktura@kund{FIRST_NUMBER + index}.example",
                "phone": f"08-465 004 {index:02d}",  # Swedish numbers reserved for film and fiction
                "address": seed.address,
                "zipCode": seed.zip_code,
                "city": seed.city,
                "country": seed.country,
                "pricePerHour": seed.price_per_hour,
                "paymentDays": seed.payment_days,
                "typeOfCustomer": (CustomerType.PRIVATE if private else CustomerType.COMPANY).value,
                "billingSettings": _billing(seed, number),
            },
            None if index else FIRST_ID,
        )
    seeding.store.series["customers"] = FIRST_NUMBER + len(CUSTOMERS)


def _billing(seed: _CustomerSeed, number: str) -> dict[str, Any]:
    settings = dict(BILLING_SETTINGS)
    if seed.billing:
        settings[seed.billing] = True
    if seed.billing in (ROT, RUT):
        settings["propertyDescription"] = f"{seed.city} {seed.address.split()[0]} 1:17"
        settings["deductionDistribution"] = [
            {"userName": seed.name, "personalNumber": number, "distributionPercent": 100}
        ]
    return settings


def customer_with(seeding: Seeding, setting: str) -> str:
    """Return the id of the first customer with a billing setting."""
    return str(next(one["_id"] for one in seeding.records("customers") if one["billingSettings"][setting]))
