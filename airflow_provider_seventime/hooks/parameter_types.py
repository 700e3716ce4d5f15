"""Check of the types of an operator's parameters, where the DAG file gives them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any, NamedTuple

from airflow_provider_seventime.exceptions import ConfigError


class Kind(NamedTuple):
    """Types that a parameter accepts.

    :param noun: what the parameter must be, for the message.
    :param types: the accepted types.
    """

    noun: str
    types: tuple[type, ...]


# Types of values that a person writes. Other objects, such as the output of another task, are not checked.
PLAIN = (str, bytes, bool, int, float, Decimal, dict, list, tuple, set, frozenset, date, time, timedelta, PurePath)

TEXT = Kind("text", (str,))
PATH = Kind("text", (str, PurePath))
TEXT_OR_TEXTS = Kind("text or a list of texts", (str, list, tuple))
TEXTS = Kind("a list of texts", (str, list, tuple, set, frozenset))
CODE = Kind("a name or a code", (str, int))
CODES = Kind("a name or a code, or a list of these", (str, int, list, tuple, set, frozenset))
RECORD = Kind("an object with the fields of the record", (str, dict))
FILTERS = Kind('an object of filter to value, for example {"project": "5f48eb3e65d7ee4942c46eeb"}', (str, dict))
ACCOUNTS = Kind('an object of role to account, for example {"sales_25": 3041}', (str, dict))
MOMENT = Kind("a date, a time or text", (str, date))
NUMBER = Kind("a number", (str, int, float, Decimal))
AMOUNT = Kind("an amount as text", (str, int, Decimal))
FLAG = Kind("True or False", (bool,))

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("resource", "seventime_conn_id", "sql_conn_id", "table", "mode", "deletions", "format"), TEXT),
    **dict.fromkeys(("partition_by", "record_id", "invoice_id", "entity_id", "name", "content_type"), TEXT),
    **dict.fromkeys(("reference_field", "if_exists", "on_misfit", "target_field", "failed_field"), TEXT),
    **dict.fromkeys(("account", "series", "company_name", "organization_number"), TEXT),
    **dict.fromkeys(("modified_since", "start", "end", "from_date", "to_date"), MOMENT),
    **dict.fromkeys(("exclude_fields", "hash_fields"), TEXTS),
    **dict.fromkeys(("overlap_seconds", "min_expected_rows", "max_size_bytes", "fiscal_year_first_month"), NUMBER),
    **dict.fromkeys(("record", "invoice", "changes"), RECORD),
    **dict.fromkeys(("target_status", "failed_statuses"), CODES),
    **dict.fromkeys(("deferrable", "missing_ok", "strict_characters", "checksum"), FLAG),
    "reference": TEXT_OR_TEXTS,
    "path": PATH,
    "entity_type": CODE,
    "filters": FILTERS,
    "accounts": ACCOUNTS,
    "tolerance": AMOUNT,
}


def refuse_wrong_types(task: Any) -> None:
    """Refuse the parameters of a task that have a wrong type. A constructor calls it last.

    A text is accepted wherever a template can stand. None and outputs of other tasks are accepted everywhere.

    :param task: the operator or sensor, with its parameters as attributes.
    :raises ConfigError: a parameter has a wrong type. The error lists every one.
    """
    problems = [
        f"{_name_in(task, name)} must be {kind.noun}, not {_shown(value)}"
        for name, kind in KINDS.items()
        if not _accepts(kind, value := vars(task).get(name))
    ]
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise ConfigError(f"task {task.task_id!r} has parameters of a wrong type, correct them in the DAG:\n{listed}")


def _name_in(task: Any, attribute: str) -> str:
    """Return the parameter that sets an attribute: operators for invoices keep ``invoice_id`` as ``record_id``."""
    return "invoice_id" if attribute == "record_id" and hasattr(type(task), "invoice_id") else attribute


def _accepts(kind: Kind, value: object) -> bool:
    if isinstance(value, bool):
        return bool in kind.types
    return isinstance(value, kind.types) or not isinstance(value, PLAIN)


def _shown(value: object) -> str:
    """Return a value for a message: a number with its type, of others the type only, since they may name people."""
    kind = type(value).__name__
    return f"{value!r} ({kind})" if isinstance(value, int | float) else f"a value of type {kind}"
