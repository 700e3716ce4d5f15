"""What a fault looks like to the caller."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import HTMLResponse, RedirectResponse, Response

from airflow_provider_seventime.sandbox.faults.faults import Fault
from airflow_provider_seventime.sandbox.faults.trickle import TrickledAnswer
from airflow_provider_seventime.sandbox.responses import JSON_TYPE, error_answer

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Logga in</title></head><body><h1>Logga in</h1></body></html>"


class ConnectionResetOnPurpose(Exception):  # noqa: N818 - a signal to the HTTP layer, not an error
    """The connection is to be closed without an answer.

    :param down_seconds: and the service is down so long, in real seconds; None: it is not.
    """

    def __init__(self, down_seconds: float | None = None) -> None:
        super().__init__()
        self.down_seconds = down_seconds


async def answer_fault(
    fault: Fault, done: Response | None, pause: Callable[[float], Awaitable[None]]
) -> Response | None:
    """Return the answer that a fault puts in place of the right one.

    :param done: what the work answered, where it is already done.
    :param pause: waits so many seconds.
    :return: None after a delay before the work: the work is yet to be done and its answer is the answer.
    :raises ConnectionResetOnPurpose: there is to be no answer.
    """
    if fault.kind in ("reset", "refuse"):
        raise ConnectionResetOnPurpose(fault.seconds if fault.kind == "refuse" else None)
    if fault.kind == "delay":
        await pause(fault.seconds)
        return done
    if done is not None and fault.answers_with_work:
        return _altered(fault, done, pause)
    if fault.kind == "html":
        return HTMLResponse(LOGIN_PAGE)
    if fault.kind == "redirect":
        return RedirectResponse(fault.location, 302)
    answer = error_answer(fault.status, fault.message or f"fault on order: {fault.status}")
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


def _altered(fault: Fault, done: Response, pause: Callable[[float], Awaitable[None]]) -> Response:
    if fault.kind == "cut_json":
        return Response(bytes(done.body)[: len(done.body) // 2], done.status_code, media_type=JSON_TYPE)
    if fault.kind == "trickle":
        return TrickledAnswer(done, fault.seconds, pause, header=fault.header)
    return done  # stale and moved: the work itself read otherwise
