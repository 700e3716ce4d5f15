"""Refused requests: the status and message of an error response."""

from __future__ import annotations


class RequestRefusedError(Exception):
    """The sandbox responds to a request with an error.

    :param status: HTTP status of the response.
    :param message: ``errorMessage`` of the response.
    """

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(f"{status}: {message}")


def bad_request(message: str) -> RequestRefusedError:
    """Return the error for an invalid request (400)."""
    return RequestRefusedError(400, message)


def not_found(message: str) -> RequestRefusedError:
    """Return the error for an unknown path, collection or record (404)."""
    return RequestRefusedError(404, message)
