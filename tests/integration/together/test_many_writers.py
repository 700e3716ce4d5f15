"""Many writers and many references: requests per create, and open files."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from airflow_provider_seventime.api.client import SevenTimeClient
from airflow_provider_seventime.api.settings import read_settings
from airflow_provider_seventime.api.writing.create_once import PriorAttempts
from airflow_provider_seventime.api.writing.lease import STALL_SECONDS

WRITERS = 20
REQUESTS_PER_SECOND = 10
REFERENCES = 2000
NEW_REFERENCES = 50
MOST_DESCRIPTORS = 10
INVOICE_ROW = {"itemType": "general", "name": "Arbete", "numberOfItems": "1", "unitPrice": "500"}


def test_a_planned_wait_for_the_rate_limit_repeats_no_search(server):
    """Twenty writers wait up to two seconds for their turn: longer than a process may be stopped without a search."""
    customer = server.records("customers")[0]["_id"]
    settings, _ = read_settings(
        host=server.base_url,
        password=server.api_key,
        login=server.acting_user_id,
        extra={"requests_per_second": REQUESTS_PER_SECOND},
    )
    assert WRITERS / REQUESTS_PER_SECOND > STALL_SECONDS
    began = threading.Barrier(WRITERS)

    def create(number):
        invoice = {"customer": customer, "language": "SV", "invoiceDate": "2026-09-30", "invoiceItems": [INVOICE_ROW]}
        prior = PriorAttempts.UNKNOWN if number % 2 else PriorAttempts.NONE_SENT
        with SevenTimeClient(settings) as client:
            began.wait()
            client.create_or_find("invoices", invoice, reference=f"writer-{number}", prior_attempts=prior)
            return client.statistics.requests, client.statistics.waited_seconds

    with ThreadPoolExecutor(WRITERS) as pool:
        made = list(pool.map(create, range(WRITERS)))

    assert Counter(entry["method"] for entry in server.journal()) == {"POST": WRITERS, "GET": WRITERS // 2}
    assert [requests for requests, _ in made] == [1, 2] * (WRITERS // 2)
    assert max(waited for _, waited in made) > STALL_SECONDS


def test_many_references_need_few_descriptors(account, server, pacing):
    shared = account(pacing)
    wanted = [f"many-{number}" for number in range(REFERENCES)]
    template = shared.writer(["template"])
    template.begin()
    template.results()
    (example,) = (record for record in server.records("invoices") if record.get("marking") == "template")
    existing = wanted[NEW_REFERENCES:]
    server.load(
        {
            "invoices": [
                {**example, "_id": f"{number:024x}", "marking": reference, "notes": f"[ref: {reference}]"}
                for number, reference in enumerate(existing)
            ]
        }
    )
    batch = shared.writer(wanted, batch=True, requests_per_second=1000)
    batch.begin()
    results = batch.results()

    assert [result["created"] for result in results] == [True] * NEW_REFERENCES + [False] * len(existing)
    assert batch.descriptors is not None
    assert 0 < batch.descriptors <= MOST_DESCRIPTORS
