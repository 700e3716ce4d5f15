"""The floor: the same bytes, downloaded over plain connections and thrown away."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from benchmarks.jobs import Job
from benchmarks.server import LIST_PATH

NEEDS: tuple[str, ...] = ()
TIMEOUT_SECONDS = 60.0


def prepare(job: Job) -> Callable[[], None]:
    """Return the work."""

    def download(first: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(job.base_url).netloc, timeout=TIMEOUT_SECONDS)
        for page in range(first, job.pages + 1, job.connections):
            query = urlencode({"limit": job.page_size, "page": page, "sortBy": "_id", "sortDirection": "ascending"})
            connection.request("GET", f"{LIST_PATH}?{query}", headers={"Client-Secret": job.key})
            answer = connection.getresponse()
            answer.read()
            if answer.status != HTTPStatus.OK:
                raise SystemExit(f"The floor knows no retries, and page {page} was answered with {answer.status}")
        connection.close()

    def work() -> None:
        if job.connections == 1:
            return download(1)
        with ThreadPoolExecutor(job.connections) as threads:
            list(threads.map(download, range(1, job.connections + 1)))
        return None

    return work
