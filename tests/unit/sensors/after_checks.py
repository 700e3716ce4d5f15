"""Something that happens once a sensor has checked several times, however fast the machine is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CHECKS = 3
POLL_SECONDS = 0.005


@contextmanager
def after_checks(requests_made: Callable[..., list[str]], action: Callable[[], object]) -> Iterator[None]:
    """Call a function once the sandbox has had three GET requests inside the block."""
    before, ended = len(requests_made("GET")), threading.Event()

    def wait_and_act() -> None:
        while len(requests_made("GET")) - before < CHECKS:
            if ended.wait(POLL_SECONDS):
                return
        action()

    waiting = threading.Thread(target=wait_and_act)
    waiting.start()
    try:
        yield
    finally:
        ended.set()
        waiting.join()
