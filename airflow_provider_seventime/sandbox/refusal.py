"""The sandbox's way of saying no."""

from __future__ import annotations


class RequestRefusedError(Exception):
    """A request that is answered with an error.

    :param status: HTTP status of the answer.
    :param message: becomes the answer's ``errorMessage``.
    """

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(f"{status}: {message}")


def bad_request(message: str) -> RequestRefusedError:
    """Return the refusal of an invalid request."""
    return RequestRefusedError(400, message)


def not_found(message: str) -> RequestRefusedError:
    """Return the refusal of a request for something that is not there."""
    return RequestRefusedError(404, message)
