"""Every error of this package.

::

    SevenTimeError
    ├── ConfigError            the connection or a parameter is wrong
    ├── InvalidRecordError     a record or filter was refused before sending; lists every problem
    ├── ApiError               the API answered with an error
    │   ├── BadRequestError 400   AuthenticationError 401   ForbiddenError 403   NotFoundError 404
    │   ├── RateLimitedError 429
    │   └── ServerError 5xx, 408, 425
    ├── TransportError         no answer: refused, reset, timed out, too slow as a whole, TLS
    ├── ProtocolError          an answer that is not what the API promises (HTML, cut JSON, wrong shape)
    ├── AmbiguousWriteError    sent, outcome unknown, and no way to find out
    ├── BatchError             some records of a batch failed; says which, and why
    ├── IncompleteReadError    the list kept changing while it was read
    ├── WarehouseError         the database or the storage of a copy refused, or was lost
    ├── BookingError           an invoice that cannot be booked as it stands
    └── SieFormatError         a SIE file that breaks the rules of its format

``transient`` says whether trying again later can help: an operator ends its task at once when it cannot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar, Literal


class SevenTimeError(Exception):
    """The root: what happened, to which record, what to do."""

    transient: bool = False


class ConfigError(SevenTimeError):
    """The connection or a parameter is wrong."""


class InvalidRecordError(SevenTimeError):
    """A record or filter was refused before anything was sent.

    :param subject: what was refused, for example ``invoices: create``.
    :param problems: one line per problem, each beginning with the path of the field.
    """

    def __init__(self, subject: str, problems: Sequence[str]) -> None:
        self.subject = subject
        self.problems = tuple(problems)
        listed = "\n".join(f"  - {problem}" for problem in self.problems)
        noun = "problem" if len(self.problems) == 1 else "problems"
        super().__init__(f"{subject} refused before sending, {len(self.problems)} {noun}:\n{listed}")

    def __reduce__(self) -> tuple[type[InvalidRecordError], tuple[str, tuple[str, ...]]]:
        return type(self), (self.subject, self.problems)


class ApiError(SevenTimeError):
    """The API answered with an error.

    :param status: HTTP status.
    :param method: HTTP method of the request.
    :param path: path of the request, without query.
    :param api_message: the API's own ``errorMessage``; None where it gave none.
    :param retry_after_seconds: what ``Retry-After`` asked for; None where it was missing or unusable.
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
        said = f": {api_message.removesuffix('.')}" if api_message else ""
        advice = f" {self.advice}" if self.advice else ""
        super().__init__(f"{method} {path} returned {status}{said}.{advice}")

    def __reduce__(self) -> tuple[type[ApiError], tuple[object, ...]]:
        return type(self), (self.status, self.method, self.path, self.api_message, self.retry_after_seconds)


class BadRequestError(ApiError):
    """400: the API refused the request as invalid."""

    advice = "Correct the record or the filter: the same request will be refused again."


class AuthenticationError(ApiError):
    """401: the key was refused."""

    advice = "Check the API key in the connection's password (Seven Time: Settings -> Integrations -> API)."


class ForbiddenError(ApiError):
    """403: the key may not do this."""

    advice = "The key is known but may not do this: check what the account's plan and the key allow."


class NotFoundError(ApiError):
    """404: no such record, or no such operation."""

    advice = "Check the id: the record may have been deleted, or belong to another account."


class RateLimitedError(ApiError):
    """429: more requests than the key's budget allows."""

    transient = True
    advice = "Something else uses this key too: lower requests_per_second in the connection, or share the pacing."


class ServerError(ApiError):
    """5xx: the API failed, or is closed for maintenance (503). 408 and 425: it did not take the request for now."""

    transient = True
    advice = "Try again later."


TransportFault = Literal[
    "dns", "refused", "connect_timeout", "tls", "proxy", "reset", "read_timeout", "deadline", "pacing"
]


class TransportError(SevenTimeError):
    """No answer came.

    :param fault: what broke.
    :param method: HTTP method of the request.
    :param path: path of the request, without query.
    :param detail: one line about the fault, free of secrets.
    :param sent: False only where the request certainly never reached the API, so that it may be repeated.
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
    """An answer that is not what the API promises: HTML, cut JSON, a wrong shape, a redirect."""

    transient = True


class AmbiguousWriteError(SevenTimeError):
    """A write was sent, its outcome is unknown, and there is no way to find out."""


class BatchError(SevenTimeError):
    """Some records of a batch failed, after every one was tried.

    :param collection: the collection.
    :param made: index to ``_id`` of the records that are there.
    :param failures: index to error of those that failed.
    :param left: indices that were not tried, because trying on was plainly in vain.
    :param repeatable: the same batch may be sent again: what is there is found and not made twice.
    """

    shown = 20

    def __init__(
        self,
        collection: str,
        made: Mapping[int, str],
        failures: Mapping[int, SevenTimeError],
        left: Sequence[int] = (),
        *,
        repeatable: bool = True,
    ) -> None:
        self.collection = collection
        self.made = dict(made)
        self.failures = dict(failures)
        self.left = tuple(left)
        self.repeatable = repeatable
        self.transient = repeatable and any(error.transient for error in self.failures.values())
        waits = [getattr(error, "retry_after_seconds", None) or 0.0 for error in self.failures.values()]
        self.retry_after_seconds = max(waits, default=0.0) or None
        super().__init__("\n".join(self._lines()))

    def _lines(self) -> list[str]:
        count = len(self.made) + len(self.failures) + len(self.left)
        untried = f", {len(self.left)} were not tried" if self.left else ""
        advice = (
            "Another try makes only what is missing"
            if self.repeatable
            else "They carry no mark, so another try would make those that are there again: send only the rest"
        )
        listed = list(self.failures.items())
        lines = [
            f"{self.collection}: {len(listed)} of {count} records failed, {len(self.made)} are there{untried}. "
            f"{advice}:"
        ]
        lines += [f"  - [{index}] {error}" for index, error in listed[: self.shown]]
        if len(listed) > self.shown:
            lines.append(
                f"  - and {len(listed) - self.shown} more: {', '.join(str(i) for i, _ in listed[self.shown :])}"
            )
        return lines

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _rebuild_batch_error, (self.collection, self.made, self.failures, self.left, self.repeatable)


def _rebuild_batch_error(
    collection: str, made: dict[int, str], failures: dict[int, SevenTimeError], left: tuple[int, ...], repeatable: bool
) -> BatchError:
    return BatchError(collection, made, failures, left, repeatable=repeatable)


class IncompleteReadError(SevenTimeError):
    """A list kept changing while it was read, so that it cannot be shown to be whole."""

    transient = True


class WarehouseError(SevenTimeError):
    """The database or the storage that a copy is kept in refused what was asked of it, or was lost.

    :param message: what happened, to which table or file, and what to do.
    :param transient: trying again later can help: a lost connection, a full disk, two runs in each other's way.
    """

    def __init__(self, message: str, *, transient: bool) -> None:
        self.transient = transient
        super().__init__(message)

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), transient=self.transient), (str(self),)


class BookingError(SevenTimeError):
    """One or more invoices cannot be booked as they stand.

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
    :param line_number: line of the file, counted from 1; None where it concerns the whole file.
    """

    def __init__(self, reason: str, line_number: int | None = None) -> None:
        self.reason = reason
        self.line_number = line_number
        super().__init__(f"SIE file, line {line_number}: {reason}" if line_number else f"SIE file: {reason}")

    def __reduce__(self) -> tuple[type[SieFormatError], tuple[str, int | None]]:
        return type(self), (self.reason, self.line_number)
