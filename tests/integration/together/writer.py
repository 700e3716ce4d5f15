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

RETRY_DELAY_SECONDS = 60.0


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


def create(client: SevenTimeClient, task: dict[str, Any], prior_attempts: PriorAttempts) -> None:
    """Create the invoices of a task, one by one or in batches."""
    dates = task["dates"] or [task["invoice"]["invoiceDate"]] * len(task["references"])
    invoices = [
        {**task["invoice"], "marking": reference, "invoiceDate": day}
        for reference, day in zip(task["references"], dates, strict=True)
    ]
    size = task["batch"]
    for first in range(0, len(invoices), size or 1):
        batch, references = invoices[first : first + (size or 1)], task["references"][first : first + (size or 1)]
        if size:
            results = client.create_each("invoices", batch, references=references, prior_attempts=prior_attempts)
        else:
            results = [
                client.create_or_find("invoices", batch[0], reference=references[0], prior_attempts=prior_attempts)
            ]
        for result in results:
            show(id=result.record["_id"], created=result.created)


def main(task: dict[str, Any]) -> None:
    """Create the invoices of a task, and try again after a transient error as often as the task says."""
    settings, _ = read_settings(**task["connection"])
    clock = FastClock(task["speed"])
    show(started=True)
    sys.stdin.readline()
    with most_descriptors(), SevenTimeClient(settings, clock=clock) as client:
        for try_number in range(1, task["tries"] + 1):
            try:
                create(client, task, PriorAttempts.UNKNOWN if try_number == 1 else PriorAttempts.IN_DOUBT)
            except SevenTimeError as error:
                if error.transient and try_number < task["tries"]:
                    clock.sleep(RETRY_DELAY_SECONDS)
                    continue
                show(error=str(error), transient=error.transient)
            return


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
