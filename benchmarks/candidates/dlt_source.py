"""dlt's ``rest_api`` source: only its records, or a pipeline to JSON Lines if the job has an output."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from benchmarks.jobs import Job
from benchmarks.server import LIST_PATH

NEEDS = ("dlt",)


def prepare(job: Job) -> Callable[[], int]:
    """Return the function that runs the job."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION"] = "true"
    import dlt
    from dlt.sources.rest_api import rest_api_source

    source = rest_api_source(
        {
            "client": {
                "base_url": job.base_url,
                "headers": {"Client-Secret": job.key},
                "paginator": {"type": "page_number", "base_page": 1, "total_path": "meta.totalPages"},
            },
            "resources": [
                {
                    "name": "time_logs",
                    "endpoint": {
                        "path": LIST_PATH.removeprefix("/"),
                        "params": {"limit": job.page_size, "sortBy": "_id", "sortDirection": "ascending"},
                        "data_selector": "data",
                    },
                }
            ],
        },
        max_table_nesting=0,
    )
    if job.output is None:
        return lambda: sum(1 for _ in source)

    folder = Path(job.output)
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=str(folder / "working"),
        destination=dlt.destinations.filesystem(bucket_url=(folder / "written").as_uri()),
        dataset_name="seventime",
    )

    def work() -> int:
        pipeline.run(source, loader_file_format="jsonl")
        return int(pipeline.last_trace.last_normalize_info.row_counts["time_logs"])

    return work
