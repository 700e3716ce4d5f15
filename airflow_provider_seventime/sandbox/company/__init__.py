"""Seeded company: Norrby Bygg & El AB, a fictitious firm of builders and electricians in Norrköping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from airflow_provider_seventime.dates import SWEDEN, load_zone
from airflow_provider_seventime.sandbox.company.customers import make_customers
from airflow_provider_seventime.sandbox.company.invoices import make_invoices
from airflow_provider_seventime.sandbox.company.irregular import make_irregular_records
from airflow_provider_seventime.sandbox.company.offers import make_quotes, make_supplement_orders
from airflow_provider_seventime.sandbox.company.people import make_users
from airflow_provider_seventime.sandbox.company.purchases import make_distributors, make_supplier_invoices
from airflow_provider_seventime.sandbox.company.seeding import ACTING_USER_ID, DEFAULT_SEED, Seeding
from airflow_provider_seventime.sandbox.company.settings import (
    make_company_information,
    make_invoice_tags,
    make_statuses,
    make_time_categories,
)
from airflow_provider_seventime.sandbox.company.table_rows import make_tables
from airflow_provider_seventime.sandbox.company.time_logs import make_time_logs
from airflow_provider_seventime.sandbox.company.work import make_projects, make_work_orders
from airflow_provider_seventime.sandbox.state.object_ids import ObjectIds
from airflow_provider_seventime.sandbox.state.store import Record

DEFAULT_API_KEY = "sandbox-key-not-a-secret"

__all__ = ["ACTING_USER_ID", "DEFAULT_API_KEY", "DEFAULT_SEED", "SeededCompany", "build_company"]


@dataclass(frozen=True, slots=True)
class SeededCompany:
    """Seeded company.

    :param collections: records per collection. Sandboxes share them, so they must not be changed.
    :param series: next number of each number series.
    :param ids: generator of ids after the seed. Each sandbox copies it.
    """

    collections: Mapping[str, Sequence[Record]]
    series: Mapping[str, int]
    ids: ObjectIds


@lru_cache(maxsize=4)
def build_company(seed: int, today: date, time_logs: int | None = None, irregular: bool = False) -> SeededCompany:
    """Return the company on a day. Equal arguments give equal companies.

    :param seed: seed of the random numbers.
    :param today: the day; the newest time logs are from the day before.
    :param time_logs: number of time logs; more of them reach further back. None: those of three whole months and the
        current one.
    :param irregular: add records with the shape of the vendor's samples.
    """
    seeding = Seeding(seed, today, load_zone(SWEDEN))
    make_company_information(seeding)
    make_time_categories(seeding)
    make_invoice_tags(seeding)
    make_tables(seeding, "settings")
    make_statuses(seeding)
    make_users(seeding)
    make_distributors(seeding)
    make_customers(seeding)
    make_tables(seeding, "contacts")
    make_projects(seeding)
    make_work_orders(seeding)
    make_tables(seeding, "buying")
    make_time_logs(seeding, time_logs)
    make_invoices(seeding)
    make_supplier_invoices(seeding)
    make_quotes(seeding)
    make_supplement_orders(seeding)
    make_tables(seeding, "reported")
    if irregular:
        make_irregular_records(seeding, with_time_logs=time_logs is None)
    return SeededCompany(seeding.collections(), seeding.store.series, seeding.store.ids)
