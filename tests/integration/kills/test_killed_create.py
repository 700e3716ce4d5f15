"""Workers killed while they create an invoice: one invoice per task, whatever the moment."""

from __future__ import annotations

import sys
from datetime import date
from itertools import count

import pytest

from airflow_provider_seventime.testing import connection_json, running_sandbox
from tests.integration.kills.killing import Found, kill_at_random

# Before and after the work in turns, so that a kill may find the request on its way, done, or answered.
SLOW_ANSWERS = [
    {"kind": "delay", "seconds": 0.02, "when": "before", "times": None, "probability": 0.5, "seed": 4},
    {"kind": "delay", "seconds": 0.02, "when": "after", "times": None},
]
OF_ITS_OWN = ("_id", "invoiceNumber", "notes", "OCRNumber")


@pytest.fixture
def sandbox():
    with running_sandbox(today=date(2026, 10, 1), time_logs=0) as sandbox:
        sandbox.freeze()
        sandbox.set_faults(SLOW_ANSWERS)
        yield sandbox


class OneInvoice:
    """A task that creates a sent invoice.

    :param number: distinguishes it from the other tasks.
    :param sandbox: that it is created in.
    :param customer: the customer's id.
    """

    def __init__(self, number, sandbox, customer):
        self.number = number
        self.sandbox = sandbox
        self.customer = customer
        self.there = set(ids_of(sandbox.records("invoices")))
        self.made_before = False

    def command(self):
        return {
            "operator": "airflow_provider_seventime.operators.invoices:CreateInvoiceOperator",
            "arguments": {
                "task_id": "bill",
                "invoice": {
                    "customer": self.customer,
                    "language": "SV",
                    "invoiceDate": "2026-09-30",
                    "invoiceStatus": 2,
                    "notes": "Tack för i år",
                    "invoiceItems": [
                        {"itemType": "general", "name": "Montage", "numberOfItems": "2", "unitPrice": "500"}
                    ],
                },
            },
            "instance": {"dag_id": "billing", "run_id": "r", "task_id": "bill", "map_index": self.number},
            "environment": {
                "AIRFLOW_CONN_SEVENTIME_DEFAULT": connection_json(self.sandbox, {"requests_per_second": 1000})
            },
        }

    def made(self):
        return [one for one in self.sandbox.records("invoices") if one["_id"] not in self.there]

    def found(self):
        made = self.made()
        assert len(made) <= 1
        self.made_before = bool(made)
        return Found.ALL if made else Found.NOTHING

    def check(self, result):
        (invoice,) = self.made()
        assert result == {
            "_id": invoice["_id"],
            "invoiceNumber": invoice["invoiceNumber"],
            "invoiceStatus": 2,
            "status": "sent",
            "totalAmountInclTax": "1250",
            "created": not self.made_before,
            "differs": [],
        }


def ids_of(records):
    return [record["_id"] for record in records]


def apart_from_its_own(value):
    """Return a record without what differs between any two."""
    if isinstance(value, dict):
        return {name: apart_from_its_own(one) for name, one in value.items() if name not in OF_ITS_OWN}
    return [apart_from_its_own(one) for one in value] if isinstance(value, list) else value


def test_each_task_makes_one_invoice(worker, sandbox, kills):
    before = set(ids_of(sandbox.records("invoices")))
    customer = sandbox.records("customers")[0]["_id"]
    numbers = count()
    tally = kill_at_random(
        worker,
        sandbox,
        lambda: OneInvoice(next(numbers), sandbox, customer),
        kills=kills,
        wanted={Found.NOTHING, Found.ALL},
        seed=20261121,
    )

    sys.stdout.write(f"\ncreate: {tally}\n")
    made = [one for one in sandbox.records("invoices") if one["_id"] not in before]
    assert len(made) == next(numbers)
    assert len({one["notes"] for one in made}) == len(made)
    assert [int(one["invoiceNumber"]) for one in made] == list(
        range(int(made[0]["invoiceNumber"]), int(made[0]["invoiceNumber"]) + len(made))
    )
    assert all(apart_from_its_own(one) == apart_from_its_own(made[0]) for one in made)
