"""Connection test: key, host, acting user, rate limit and clock. It names the part that is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.http.versions import V1_ROWS
from airflow_provider_seventime.api.rate_limit.private_folder import shared_folder
from airflow_provider_seventime.exceptions import (
    AuthenticationError,
    BadRequestError,
    ConfigError,
    ForbiddenError,
    NotFoundError,
    ProtocolError,
    SevenTimeError,
    TransportError,
)

PARTS_BY_FAULT = {"tls": "TLS", "proxy": "the proxy", "pacing": "the shared rate limit", "machine": "this machine"}
HOW_TO_FIND_THE_USER = "`airflow seventime users` lists the ids (`python -m airflow_provider_seventime users` too)"
# The overlap of incremental reads: with a greater difference they miss records.
LARGEST_CLOCK_DIFFERENCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one part of a connection test.

    :param part: the part, for example ``acting user``.
    :param works: False: the part must be corrected.
    :param text: the result, for a person.
    """

    part: str
    works: bool
    text: str


def check_connection(client: SevenTimeClient) -> tuple[bool, str]:
    """Test a connection: request the number of users and, if the connection has a login, that user.

    :param client: the client to test; one with a single attempt returns soonest.
    :return: True if the connection works, and a message for a person.
    """
    findings = [check_key(client)]
    if findings[0].works:
        findings.append(check_acting_user(client))
    return all(finding.works for finding in findings), ". ".join(finding.text for finding in findings)


def examine_connection(client: SevenTimeClient) -> list[Finding]:
    """Return the results of :func:`check_connection` by part, and those of the rate limit and of the clock.

    :param client: the client to test.
    """
    key = check_key(client)
    if not key.works:
        return [key]
    return [key, check_acting_user(client), check_rate_limit(client), check_clock(client)]


def check_key(client: SevenTimeClient) -> Finding:
    """Request the number of users: does the API answer, and does it accept the key."""
    base_url = client.settings.base_url
    part = "host and key"
    try:
        users = _count_users(client)
    except AuthenticationError as error:
        return Finding(part, False, f"{base_url} does not accept the API key. {error}")
    except ForbiddenError as error:
        return Finding(part, False, f"{base_url} accepts the API key, which may not read users. {error}")
    except TransportError as error:
        fault = PARTS_BY_FAULT.get(error.fault, "the host")
        return Finding(part, False, f"The API key was not tested, because the fault is with {fault}: {error.detail}")
    except (ProtocolError, NotFoundError) as error:
        return Finding(part, False, f"{base_url} responds, but not as the API of Seven Time. Check host. {error}")
    except SevenTimeError as error:
        return Finding(part, False, str(error))
    return Finding(part, True, f"{base_url} accepts the API key; the account has {users} users")


def _count_users(client: SevenTimeClient) -> str:
    if client.settings.api_version == 1:
        rows = sum(1 for _ in client.list("users"))
        return f"at least {rows}" if rows >= V1_ROWS else str(rows)
    return str(client.count("users"))


def check_acting_user(client: SevenTimeClient) -> Finding:
    """Request the user of the connection's login. Without a login nothing is requested."""
    user_id = client.settings.acting_user
    part = "acting user"
    if user_id is None:
        return Finding(
            part,
            True,
            "No acting user: tasks that write records need the id of a user as login of the connection; "
            f"{HOW_TO_FIND_THE_USER}",
        )
    if not client.can("users", "get"):
        return Finding(part, True, "The acting user was not tested, because version 1 of the API has no get of users")
    try:
        user = client.get("users", user_id)
    except (NotFoundError, BadRequestError, ConfigError):
        return Finding(
            part,
            False,
            "The login of the connection is not the id of a user of this account, so records cannot be written: "
            f"{HOW_TO_FIND_THE_USER}",
        )
    except SevenTimeError as error:
        return Finding(part, False, f"The acting user was not tested: {error}")
    if user.get("isActive") is False:
        return Finding(part, False, f"The acting user is not active; set another login: {HOW_TO_FIND_THE_USER}")
    return Finding(part, True, "The acting user exists and is active")


def check_rate_limit(client: SevenTimeClient) -> Finding:
    """Say where the rate limit is stored. The requests before have shown that the store works."""
    rate = f"{client.settings.requests_per_second:g} requests per second"
    pacing = client.settings.pacing
    if pacing == "machine":
        shared = f"shared by the processes of this user on this machine, in {shared_folder()}"
    elif pacing == "process":
        shared = "of this process alone: others that use the key do not share it"
    else:
        shared = "shared through Redis, which responds"
    return Finding("rate limit", True, f"{rate}, {shared}")


def check_clock(client: SevenTimeClient) -> Finding:
    """Compare the clock of this machine with that of the newest response."""
    ahead_seconds = client.clock_ahead_seconds
    if ahead_seconds is None:
        return Finding("clock", True, "The clocks were not compared, because the response has no date")
    difference = f"This machine's clock and that of Seven Time differ by {abs(ahead_seconds):.0f} s"
    works = abs(ahead_seconds) <= LARGEST_CLOCK_DIFFERENCE_SECONDS
    advice = "" if works else ". Set this machine's clock: incremental reads may miss records"
    return Finding("clock", works, difference + advice)
