"""This provider: invoices created one by one, with a reference and its note or without."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.jobs import CONNECTION, Job

NEEDS: tuple[str, ...] = ()
INVOICE = {
    "customer": "customer-1",
    "language": "SV",
    "invoiceDate": "2026-09-30",
    "notes": "Tack",
    "invoiceItems": [{"itemType": "general", "name": "Arbete", "numberOfItems": "1", "unitPrice": "500"}],
}


def prepare(job: Job) -> Callable[[], int]:
    """Return the function that runs the job.

    No record is searched for, as in the first try of a run with an id of its own. So each create is one request.
    """
    from airflow_provider_seventime.api.writing.create_once import PriorAttempts
    from airflow_provider_seventime.hooks.seventime import SevenTimeHook

    client = SevenTimeHook(CONNECTION).get_conn()

    def create(reference: str | None) -> bool:
        prior = PriorAttempts.NONE_SENT
        return client.create_or_find("invoices", INVOICE, reference=reference, prior_attempts=prior).created

    def run() -> int:
        with client:
            return sum(create(f"order-{number}" if job.with_note else None) for number in range(job.records))

    create(None)  # opens the connection
    return run
