"""Loop over a ``requests`` session, as in many a ``PythonOperator``: it waits a second after 429 and 5xx."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from benchmarks.candidates.output import write_rows
from benchmarks.jobs import Job
from benchmarks.server import LIST_PATH

NEEDS = ("requests",)
WAIT_SECONDS = 1.0
ATTEMPTS = 20
RETRIED_STATUSES = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE)


def prepare(job: Job) -> Callable[[], int]:
    """Return the function that runs the job."""
    import requests

    session = requests.Session()
    session.headers["Client-Secret"] = job.key

    def request(page: int) -> dict[str, Any]:
        query: dict[str, str | int] = {
            "limit": job.page_size,
            "page": page,
            "sortBy": "_id",
            "sortDirection": "ascending",
        }
        for _ in range(ATTEMPTS):
            response = session.get(job.base_url + LIST_PATH, params=query, timeout=60)
            if response.status_code not in RETRIED_STATUSES:
                break
            time.sleep(WAIT_SECONDS)
        response.raise_for_status()
        body: dict[str, Any] = response.json()
        return body

    def rows() -> Iterator[dict[str, Any]]:
        page, pages = 1, 1
        while page <= pages:
            body = request(page)
            pages = body["meta"]["totalPages"]
            yield from body["data"]
            page += 1

    return lambda: write_rows(rows(), job.output, json.dumps)
