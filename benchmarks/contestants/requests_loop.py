"""A loop over a ``requests`` session, as it stands in many a ``PythonOperator``: a second's wait after 429 and 5xx."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from benchmarks.contestants.output import deliver
from benchmarks.jobs import Job
from benchmarks.server import LIST_PATH

NEEDS = ("requests",)
WAIT_SECONDS = 1.0
ATTEMPTS = 20
WAITED_FOR = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE)


def prepare(job: Job) -> Callable[[], int]:
    """Return the work."""
    import requests

    session = requests.Session()
    session.headers["Client-Secret"] = job.key

    def ask(page: int) -> dict[str, Any]:
        query: dict[str, str | int] = {
            "limit": job.page_size,
            "page": page,
            "sortBy": "_id",
            "sortDirection": "ascending",
        }
        for _ in range(ATTEMPTS):
            response = session.get(job.base_url + LIST_PATH, params=query, timeout=60)
            if response.status_code not in WAITED_FOR:
                break
            time.sleep(WAIT_SECONDS)
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer

    def rows() -> Iterator[dict[str, Any]]:
        page, pages = 1, 1
        while page <= pages:
            answer = ask(page)
            pages = answer["meta"]["totalPages"]
            yield from answer["data"]
            page += 1

    return lambda: deliver(rows(), job.output, json.dumps)
