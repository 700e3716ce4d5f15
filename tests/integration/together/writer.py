"""Process that creates invoices: ``python writer.py JSON``. It begins at a line on standard input.

It prints one line of JSON per result, as it comes.

The clock runs several times as fast as the real one, and is the same for all writers of the machine.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.settings import read_settings
from airflow_provider_seventime.api.writing.create_once import PriorAttempts
from airflow_provider_seventime.exceptions import SevenTimeError


class FastClock:
    """Clock that runs faster than the real one.

    :param speed: seconds of this clock per real second.
    """

    def __init__(self, speed: float) -> None:
        self.speed = speed

    def monotonic(self) -> float:
        """Return the time of the clock in seconds."""
        return time.monotonic() * self.speed

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of the clock."""
        time.sleep(seconds / self.speed)


def show(**result: Any) -> None:
    """Print a result at once."""
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()


@contextmanager
def most_descriptors() -> Iterator[None]:
    """Count the open descriptors during the block, and print by how many the most of them exceed those before."""
    before = most = len(os.listdir("/proc/self/fd"))
    ended = threading.Event()

    def count() -> None:
        nonlocal most
        while not ended.wait(0.002):
            most = max(most, len(os.listdir("/proc/self/fd")))

    counting = threading.Thread(target=count)
    counting.start()
    try:
        yield
    finally:
        ended.set()
        counting.join()
        show(descriptors=most - before)


def main(task: dict[str, Any]) -> None:
    """Create the invoices of a task, one by one or as a batch."""
    settings, _ = read_settings(**task["connection"])
    invoices = [{**task["invoice"], "marking": reference} for reference in task["references"]]
    show(started=True)
    sys.stdin.readline()
    with most_descriptors(), SevenTimeClient(settings, clock=FastClock(task["speed"])) as client:
        try:
            if task["batch"]:
                for result in client.create_each("invoices", invoices, references=task["references"]):
                    show(id=result.record["_id"], created=result.created)
                return
            for invoice, reference in zip(invoices, task["references"], strict=True):
                result = client.create_or_find(
                    "invoices", invoice, reference=reference, prior_attempts=PriorAttempts.UNKNOWN
                )
                show(id=result.record["_id"], created=result.created)
        except SevenTimeError as error:
            show(error=str(error), transient=error.transient)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
