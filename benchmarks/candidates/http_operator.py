"""Airflow's HttpOperator with ``pagination_function``, and ``retry_args`` for retries."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from benchmarks.candidates.output import write_rows
from benchmarks.jobs import CONNECTION, Job
from benchmarks.server import LIST_PATH

NEEDS = ("airflow.providers.http",)
ATTEMPTS = 20


def prepare(job: Job) -> Callable[[], int]:
    """Return the function that runs the job."""
    from airflow.providers.http.operators.http import HttpOperator
    from tenacity import stop_after_attempt, wait_fixed

    def next_page(response: Any) -> dict[str, Any] | None:
        meta = response.json()["meta"]
        if meta["currentPage"] >= meta["totalPages"]:
            return None
        return {"data": {"page": meta["currentPage"] + 1}}

    operator = HttpOperator(
        task_id="read_time_logs",
        http_conn_id=CONNECTION,
        method="GET",
        endpoint=LIST_PATH,
        data={"limit": job.page_size, "page": 1, "sortBy": "_id", "sortDirection": "ascending"},
        headers={"Client-Secret": job.key},
        pagination_function=next_page,
        response_filter=lambda responses: [row for response in responses for row in response.json()["data"]],
        retry_args={"wait": wait_fixed(1), "stop": stop_after_attempt(ATTEMPTS), "reraise": True},
    )
    return lambda: write_rows(operator.execute({}), job.output, json.dumps)
