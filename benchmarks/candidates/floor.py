"""Lower bound: download the pages over plain connections and discard them."""

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
    """Return the function that runs the job."""

    def download(first: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(job.base_url).netloc, timeout=TIMEOUT_SECONDS)
        for page in range(first, job.pages + 1, job.connections):
            query = urlencode({"limit": job.page_size, "page": page, "sortBy": "_id", "sortDirection": "ascending"})
            connection.request("GET", f"{LIST_PATH}?{query}", headers={"Client-Secret": job.key})
            response = connection.getresponse()
            response.read()
            if response.status != HTTPStatus.OK:
                raise SystemExit(f"Page {page} has status {response.status}, and this candidate does not retry")
        connection.close()

    def work() -> None:
        if job.connections == 1:
            return download(1)
        with ThreadPoolExecutor(job.connections) as threads:
            list(threads.map(download, range(1, job.connections + 1)))
        return None

    return work
