"""Connection test: does the API accept the key, and if not, which part of the connection is wrong."""

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

PARTS_BY_FAULT = {"tls": "TLS", "proxy": "the proxy", "pacing": "the rate limit in Redis"}


def check_connection(client: SevenTimeClient) -> tuple[bool, str]:
    """Test a connection: request the number of users.

    :param client: the client to test; one with a single attempt returns soonest.
    :return: True if the connection works, and a message for a person.
    """
    base_url = client.settings.base_url
    try:
        users = _count_users(client)
    except AuthenticationError as error:
        return False, f"{base_url} does not accept the API key. {error}"
    except ForbiddenError as error:
        return False, f"{base_url} accepts the API key, which may not read users. {error}"
    except TransportError as error:
        part = PARTS_BY_FAULT.get(error.fault, "the host")
        return False, f"The API key was not tested, because the fault is with {part}: {error.detail}"
    except (ProtocolError, NotFoundError) as error:
        return False, f"{base_url} responds, but not as the API of Seven Time. Check host. {error}"
    except SevenTimeError as error:
        return False, str(error)
    return True, f"{base_url} accepts the API key; the account has {users} users"


def _count_users(client: SevenTimeClient) -> str:
    if client.settings.api_version == 1:
        rows = sum(1 for _ in client.list("users"))
        return f"at least {rows}" if rows >= V1_ROWS else str(rows)
    return str(client.count("users"))
