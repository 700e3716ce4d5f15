"""Dates as HTTP headers write them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def read_http_date(text: str) -> datetime | None:
    """Read an HTTP date (RFC 9110, 5.6.7); one without a zone is in UTC, as every date of HTTP.

    :param text: the header's value.
    :return: the instant (aware); None where it cannot be read.
    """
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
