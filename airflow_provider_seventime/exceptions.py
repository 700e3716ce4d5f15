"""Exceptions of this package.

::

    SevenTimeError
    ├── ConfigError            a wrong connection or parameter
    ├── InvalidRecordError     a record or filter refused before sending; lists every problem
    ├── ApiError               an error response of the API
    │   ├── BadRequestError 400   AuthenticationError 401   ForbiddenError 403   NotFoundError 404
    │   ├── RateLimitedError 429
    │   └── ServerError 5xx, 408, 425
    ├── TransportError         no response: refused, reset, timed out, too slow as a whole, TLS
    ├── ProtocolError          a malformed response: HTML, truncated JSON, a wrong shape, a redirect
    │   └── MisfitError        values of records that their fields cannot hold
    ├── AmbiguousWriteError    a write whose outcome is unknown and cannot be found out
    ├── BatchError             a batch of which some records failed; lists which, and why
    ├── IncompleteReadError    a list that changed too often while it was read
    ├── StoppedError           a request that was not sent, because its task was stopped
    ├── WarehouseError         a database or storage that refused a statement, or was lost
    ├── BookingError           an invoice that cannot be booked as it is
    └── SieFormatError         a SIE file that breaks the rules of its format

``transient`` is True if a later try can succeed. Operators fail their task without further retries if it is False.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar, Literal


class SevenTimeError(Exception):
    """Base class. A message says what happened, to which record or connection, and what to do.

    :ivar transient: True if a later try can succeed.
    :ivar connection: id and host of the Airflow connection of a failed task. None: the error is not of a task.
    """

    transient: bool = False
    connection: str | None = None


class ConfigError(SevenTimeError):
    """A wrong connection or parameter."""


class InvalidRecordError(SevenTimeError):
    """A record or filter that is refused before anything is sent.

    :param subject: the collection and the operation, for example ``invoices: create``.
    :param problems: one line per problem, each beginning with the path of the field. The message lists
        the first twenty.
    """

    max_listed = 20

    def __init__(self, subject: str, problems: Sequence[str]) -> None:
        self.subject = subject
        self.problems = tuple(problems)
        listed = "\n".join(f"  - {problem}" for problem in self.problems[: self.max_listed])
        if len(self.problems) > self.max_listed:
            listed += f"\n  - and {len(self.problems) - self.max_listed} more"
        noun = "problem" if len(self.problems) == 1 else "problems"
        super().__init__(f"{subject} refused before sending, {len(self.problems)} {noun}:\n{listed}")

    def __reduce__(self) -> tuple[type[InvalidRecordError], tuple[str, tuple[str, ...]]]:
        return type(self), (self.subject, self.problems)


class ApiError(SevenTimeError):
    """An error response of the API.

    :param status: HTTP status.
    :param method: HTTP method of the request.
    :param path: path of the request, without query.
    :param api_message: the API's ``errorMessage``; None if the response has none.
    :param retry_after_seconds: seconds that ``Retry-After`` asks for; None if it is missing or malformed.
    """

    advice: ClassVar[str] = ""

    def __init__(
        self,
        status: int,
        method: str,
        path: str,
        api_message: str | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        self.status = status
        self.method = method
        self.path = path
        self.api_message = api_message
        self.retry_after_seconds = retry_after_seconds
        reason = f": {api_message.removesuffix('.')}" if api_message else ""
        advice = f" {self.advice}" if self.advice else ""
        super().__init__(f"{method} {path} returned {status}{reason}.{advice}")

    def __reduce__(self) -> tuple[type[ApiError], tuple[object, ...]]:
        return type(self), (self.status, self.method, self.path, self.api_message, self.retry_after_seconds)


class BadRequestError(ApiError):
    """400: the API refuses the request as invalid."""

    advice = "Correct the record or the filter: the API will refuse the same request again."


class AuthenticationError(ApiError):
    """401: the API does not accept the key."""

    advice = "Check the API key in the connection's password (Seven Time: Settings -> Integrations -> API)."


class ForbiddenError(ApiError):
    """403: the key has no permission for the operation."""

    advice = "The key has no permission for this: check what the account's plan and the key allow."


class NotFoundError(ApiError):
    """404: the record or the operation does not exist."""

    advice = "Check the id: the record may have been deleted, or belong to another account."


class RateLimitedError(ApiError):
    """429: more requests than the rate limit of the key allows."""

    transient = True
    advice = (
        "Another client uses this key too: lower requests_per_second in the connection, or share its rate limit by the "
        "extra pacing."
    )


class ServerError(ApiError):
    """5xx: the API failed, or is down for maintenance (503). 408 and 425: it does not accept the request for now."""

    transient = True
    advice = "Try again later."


TransportFault = Literal[
    "dns",
    "refused",
    "connect_timeout",
    "tls",
    "proxy",
    "reset",
    "read_timeout",
    "deadline",
    "pacing",
    "stalled",
    "machine",
]


class TransportError(SevenTimeError):
    """A request without a response.

    :param fault: kind of the failure.
    :param method: HTTP method of the request.
    :param path: path of the request, without query.
    :param detail: one line about the fault, free of secrets.
    :param sent: False only if the request certainly did not reach the API, so that it may be sent again.
    """

    transient = True

    def __init__(self, fault: TransportFault, method: str, path: str, detail: str, *, sent: bool = True) -> None:
        self.fault = fault
        self.method = method
        self.path = path
        self.detail = detail
        self.sent = sent
        self.transient = fault != "tls"
        super().__init__(f"{method} {path} got no response ({fault.replace('_', ' ')}): {detail}")

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _rebuild_transport_error, (self.fault, self.method, self.path, self.detail, self.sent)


def _rebuild_transport_error(fault: TransportFault, method: str, path: str, detail: str, sent: bool) -> TransportError:
    return TransportError(fault, method, path, detail, sent=sent)


class ProtocolError(SevenTimeError):
    """A malformed response: HTML, truncated JSON, a wrong shape, a redirect."""

    transient = True


class MisfitError(ProtocolError):
    """Values of records that their fields cannot hold. A later try meets them again."""

    transient = False


class AmbiguousWriteError(SevenTimeError):
    """A write that was sent, and whose outcome is unknown and cannot be found out."""


class BatchError(SevenTimeError):
    """A batch of which some records failed, after each was tried.

    :param resource: name of the collection.
    :param ids: index to ``_id`` of the records that exist now.
    :param failures: index to error of the records that failed.
    :param untried: indices of the records that were not tried, because the failures made success unlikely.
    :param repeatable: True if the same batch may be sent again: records that exist are found and not created twice.
    """

    max_listed = 20

    def __init__(
        self,
        resource: str,
        ids: Mapping[int, str],
        failures: Mapping[int, SevenTimeError],
        untried: Sequence[int] = (),
        *,
        repeatable: bool = True,
    ) -> None:
        self.resource = resource
        self.ids = dict(ids)
        self.failures = dict(failures)
        self.untried = tuple(untried)
        self.repeatable = repeatable
        self.transient = repeatable and any(error.transient for error in self.failures.values())
        waits = [getattr(error, "retry_after_seconds", None) or 0.0 for error in self.failures.values()]
        self.retry_after_seconds = max(waits, default=0.0) or None
        super().__init__("\n".join(self._lines()))

    def _lines(self) -> list[str]:
        count = len(self.ids) + len(self.failures) + len(self.untried)
        untried = f", {len(self.untried)} were not tried" if self.untried else ""
        advice = (
            "Another try creates only the missing ones"
            if self.repeatable
            else "They have no reference, so another try would create the existing ones twice: send only the rest"
        )
        failures = list(self.failures.items())
        lines = [
            f"{self.resource}: {len(failures)} of {count} records failed, {len(self.ids)} exist{untried}. {advice}:"
        ]
        lines += [f"  - [{index}] {error}" for index, error in failures[: self.max_listed]]
        if len(failures) > self.max_listed:
            rest = [str(index) for index, _ in failures[self.max_listed :]]
            lines.append(f"  - and {len(rest)} more: {', '.join(rest)}")
        return lines

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _rebuild_batch_error, (self.resource, self.ids, self.failures, self.untried, self.repeatable)


def _rebuild_batch_error(
    resource: str, ids: dict[int, str], failures: dict[int, SevenTimeError], untried: tuple[int, ...], repeatable: bool
) -> BatchError:
    return BatchError(resource, ids, failures, untried, repeatable=repeatable)


class IncompleteReadError(SevenTimeError):
    """A list that changed too often while it was read: nothing proves that all of it was read."""

    transient = True


class StoppedError(SevenTimeError):
    """A request that was not sent, because its client was stopped: its task was killed or ended with an error."""

    transient = True

    def __init__(
        self,
        message: str = "The task was stopped or ended with an error, so its client sends nothing more to Seven Time.\n"
        "Run the task again, or make a new client",
    ) -> None:
        super().__init__(message)


class WarehouseError(SevenTimeError):
    """A database or storage that refused a statement, or was lost.

    :param message: what happened, to which table or file, and what to do.
    :param transient: True if a later try can succeed: after a lost connection, a full disk, a lock of another run.
    """

    def __init__(self, message: str, *, transient: bool) -> None:
        self.transient = transient
        super().__init__(message)

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), transient=self.transient), (str(self),)


class BookingError(SevenTimeError):
    """One or more invoices that cannot be booked as they are.

    :param problems: one line per invoice, each beginning with its number or id.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        listed = "\n".join(f"  - {problem}" for problem in self.problems)
        super().__init__(f"{len(self.problems)} invoice(s) cannot be booked, so no file was written:\n{listed}")

    def __reduce__(self) -> tuple[type[BookingError], tuple[tuple[str, ...]]]:
        return type(self), (self.problems,)


class SieFormatError(SevenTimeError, ValueError):
    """A SIE file that breaks the rules of its format.

    :param reason: what is wrong, and what was expected.
    :param line_number: line of the file, counted from 1; None if the whole file is concerned.
    """

    def __init__(self, reason: str, line_number: int | None = None) -> None:
        self.reason = reason
        self.line_number = line_number
        super().__init__(f"SIE file, line {line_number}: {reason}" if line_number else f"SIE file: {reason}")

    def __reduce__(self) -> tuple[type[SieFormatError], tuple[str, int | None]]:
        return type(self), (self.reason, self.line_number)
