"""Account of Seven Time that a sync reads, asked for only when the key is new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow_provider_seventime.exceptions import ConfigError, ForbiddenError, NotFoundError
from airflow_provider_seventime.templates import require_rendered

if TYPE_CHECKING:  # SQLAlchemy and the client are loaded when work begins, not when a DAG is parsed
    from airflow_provider_seventime.api.client import SevenTimeClient
    from airflow_provider_seventime.warehouse.copies import Account, TableRecord

LONGEST_NAME = 100


def find_account(client: SevenTimeClient, record: TableRecord, *, conn_id: str, name: str | None) -> Account:
    """Return the account of a client, and check that the table is its copy.

    One request asks for the company, unless an earlier run recorded it for the same key.

    :param client: to ask.
    :param record: of the table.
    :param conn_id: the Airflow connection of the client.
    :param name: value of the column ``account``; None: the table has no such column.
    :raises ConfigError: the table holds another account.
    :raises SevenTimeError: the API did not answer.
    """
    from airflow_provider_seventime.warehouse.copies import Account

    company = record.company_of_key() or record.identified(_asked(client), conn_id)
    account = Account(company, conn_id, client.settings.key_digest, name)
    record.check_account(account)
    return account


def check_account_name(given: Any) -> str | None:
    """Return the parameter ``account``, checked.

    :param given: its value; None: the table has no column ``account``.
    :raises ConfigError: it is not a text, blank, or too long.
    """
    if given is None:
        return None
    require_rendered("account", given)
    if (
        not isinstance(given, str)
        or given != given.strip()
        or len(given) > LONGEST_NAME
        or not given.isprintable()
        or "\\" in given
    ):
        raise ConfigError(
            f"account is {given!r:.60}, and must be a text of at most {LONGEST_NAME} characters, without a "
            "backslash, and without blanks at its ends, for example the company's name"
        )
    return given


def _asked(client: SevenTimeClient) -> str | None:
    """Return organisation number and host; None: the key may not ask, or the company has no number."""
    if not client.can("companyInformation", "get"):
        return None
    try:
        company = client.get("companyInformation")
    except (ForbiddenError, NotFoundError):
        return None
    number = company.get("organizationNumber")
    if not isinstance(number, str) or not number.strip():
        return None
    return f"{number.strip()} at {urlsplit(client.settings.base_url).hostname}"[:255]
