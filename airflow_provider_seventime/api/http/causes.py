"""What an error of the libraries below wraps, and what of it must not be shown."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Any

from airflow_provider_seventime.api.http.redaction import Secrets, redact


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and everything that it wraps, in the several ways of the HTTP libraries."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        wrapped = (*one.args, getattr(one, "reason", None), one.__cause__, one.__context__)
        waiting += [inner for inner in wrapped if isinstance(inner, BaseException)]


def forget(error: BaseException, secrets: Secrets) -> None:
    """Take out of an error and its causes what must not be shown.

    The frames that they went through and the requests that they carry hold the key, and tracebacks may print variables.
    Their texts may hold what a server or a proxy gave back.

    :param error: an error of the libraries below.
    :param secrets: what must not be shown.
    """
    for one in causes_of(error):
        traceback.clear_frames(one.__traceback__)
        one.args = tuple(_harmless(part, secrets) for part in one.args)
        for name, value in list(vars(one).items()):
            if name in ("request", "response"):
                setattr(one, name, None)
            else:
                setattr(one, name, _harmless(value, secrets))


def _harmless(value: Any, secrets: Secrets) -> Any:
    if isinstance(value, bytes):
        return redact(value.decode("utf-8", "replace"), secrets).encode()
    return redact(value, secrets) if isinstance(value, str) else value
