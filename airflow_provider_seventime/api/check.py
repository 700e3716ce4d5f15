"""Does the connection work, and if not, what is wrong with it."""

from __future__ import annotations

from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.http.versions import V1_ROWS
from airflow_provider_seventime.exceptions import (
    AuthenticationError,
    ForbiddenError,
    NotFoundError,
    ProtocolError,
    SevenTimeError,
    TransportError,
)

PLACES = {"tls": "TLS", "proxy": "the proxy", "pacing": "the budget in Redis"}


def check_connection(client: SevenTimeClient) -> tuple[bool, str]:
    """Ask for the number of users.

    :param client: the client to try; one that repeats nothing answers soonest.
    :return: whether it works, and a sentence for a person.
    """
    base_url = client.settings.base_url
    try:
        users = _users(client)
    except AuthenticationError as error:
        return False, f"{base_url} answered, and refused the API key. {error}"
    except ForbiddenError as error:
        return False, f"{base_url} knows the API key, and does not let it read users. {error}"
    except TransportError as error:
        what = PLACES.get(error.fault, "the host")
        return False, f"The fault lies with {what}, the API key was not tried: {error.detail}"
    except (ProtocolError, NotFoundError) as error:
        return False, f"Something answers at {base_url}, but it is not Seven Time's API: {error}"
    except SevenTimeError as error:
        return False, str(error)
    return True, f"{base_url} accepts the API key; the account has {users} users"


def _users(client: SevenTimeClient) -> str:
    if client.settings.api_version == 1:
        rows = sum(1 for _ in client.list("users"))
        return f"at least {rows}" if rows >= V1_ROWS else str(rows)
    return str(client.count("users"))
