"""Every collection by name. A collection joins the provider here and in no other place.

Client, hook, sandbox and transfers know none by name: operations, filters, fields, reference field and quirks stand in
the entries under ``contract.collections``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from airflow_provider_seventime.contract.collections.account import (
    COMPANY_INFORMATION,
    CUSTOM_FIELDS,
)
from airflow_provider_seventime.contract.collections.customers import (
    CONTACT_PERSONS,
    CUSTOMERS,
)
from airflow_provider_seventime.contract.collections.expenses import (
    DRIVER_JOURNAL_TYPES,
    DRIVER_JOURNALS,
    EXPENSE_ITEMS,
    EXPENSES,
    VEHICLES,
)
from airflow_provider_seventime.contract.collections.invoicing import (
    INVOICE_TAGS,
    INVOICES,
    PRICE_LISTS,
)
from airflow_provider_seventime.contract.collections.later import (
    DOCUMENTS,
    START_TIMER,
    STATUSES,
    STOP_TIMER,
    TASKS,
    TIMERS,
    WEBHOOK_SUBSCRIPTIONS,
    WORK_SCHEDULES,
)
from airflow_provider_seventime.contract.collections.projects import (
    PROJECT_STATUSES,
    PROJECT_TAGS,
    PROJECT_TYPES,
    PROJECTS,
    SUPPLEMENT_ORDERS,
)
from airflow_provider_seventime.contract.collections.purchasing import (
    DISTRIBUTOR_CONTACT_PERSONS,
    DISTRIBUTORS,
    PURCHASE_ORDERS,
    SUPPLIER_INVOICES,
)
from airflow_provider_seventime.contract.collections.quotes import (
    QUOTE_CATEGORIES,
    QUOTE_TEMPLATES,
    QUOTES,
)
from airflow_provider_seventime.contract.collections.time import (
    MACHINE_TIME_LOGS,
    MACHINE_TYPES,
    MACHINES,
    TIME_CATEGORIES,
    TIME_LOGS,
)
from airflow_provider_seventime.contract.collections.users import (
    DEFAULT_SALARY_TYPES,
    DEPARTMENTS,
    RESULT_UNITS,
    USER_ROLES,
    USER_SKILLS,
    USER_WORK_TYPES,
    USERS,
)
from airflow_provider_seventime.contract.collections.work import (
    WORK_ORDER_STATUSES,
    WORK_ORDER_TAGS,
    WORK_ORDER_TYPES,
    WORK_ORDERS,
)
from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.resource import Operation, Resource
from airflow_provider_seventime.exceptions import ConfigError

RESOURCES: Mapping[str, Resource] = {
    entry.name: entry
    for entry in (
        CONTACT_PERSONS,
        CUSTOMERS,
        DEFAULT_SALARY_TYPES,
        DEPARTMENTS,
        RESULT_UNITS,
        USERS,
        USER_ROLES,
        USER_SKILLS,
        USER_WORK_TYPES,
        PROJECTS,
        PROJECT_STATUSES,
        PROJECT_TAGS,
        PROJECT_TYPES,
        SUPPLEMENT_ORDERS,
        WORK_ORDERS,
        WORK_ORDER_STATUSES,
        WORK_ORDER_TAGS,
        WORK_ORDER_TYPES,
        MACHINES,
        MACHINE_TIME_LOGS,
        MACHINE_TYPES,
        TIME_CATEGORIES,
        TIME_LOGS,
        DRIVER_JOURNALS,
        DRIVER_JOURNAL_TYPES,
        EXPENSES,
        EXPENSE_ITEMS,
        VEHICLES,
        INVOICES,
        INVOICE_TAGS,
        PRICE_LISTS,
        QUOTES,
        QUOTE_CATEGORIES,
        QUOTE_TEMPLATES,
        DISTRIBUTORS,
        DISTRIBUTOR_CONTACT_PERSONS,
        PURCHASE_ORDERS,
        SUPPLIER_INVOICES,
        COMPANY_INFORMATION,
        CUSTOM_FIELDS,
        TASKS,
        TIMERS,
        START_TIMER,
        STOP_TIMER,
        WORK_SCHEDULES,
        DOCUMENTS,
        STATUSES,
        WEBHOOK_SUBSCRIPTIONS,
    )
}


def find_resource(name: str, operation: Operation | None = None, version: int = 2) -> Resource:
    """Return the entry of a collection.

    :param name: the API's own name, for example ``timeLogs``.
    :param operation: what is to be done with it; None: not checked.
    :param version: of the API, 2 or 1; the entry is as that version has it.
    :raises ConfigError: there is no such collection, or it has no such operation.
    """
    known = RESOURCES.get(name)
    if known is None:
        raise ConfigError(f"unknown collection {name!r}: {suggestion(str(name), RESOURCES)}")
    entry = known.in_version(version)
    if entry is None:
        raise ConfigError(f"version 1 of the API has no {name}: set api_version to 2 in the connection")
    if operation is not None and operation not in entry.operations:
        where = " in version 1 of the API" if version == 1 else ""
        raise ConfigError(f"{name} has no {operation}{where}: it has {_sentence(entry.operations)}")
    return entry


def _sentence(operations: Iterable[Operation]) -> str:
    return ", ".join(sorted(operations)) or "no operations"
