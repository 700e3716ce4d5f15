"""Workers killed while they write a SIE file: the old file or the new one, never a part of either."""

from __future__ import annotations

import hashlib
import re
import sys
from datetime import date, datetime, timedelta
from itertools import count

import pytest

from airflow_provider_seventime.testing import connection_json, running_sandbox
from tests.integration.kills.killing import Found, kill_at_random

INVOICES = 200
OLD = b"#FLAGGA 0\r\nthe file of an earlier run"
SECONDS_ON_THE_DISK = 0.1
NAME = "FAKT.SI"
PARTIAL = re.compile(rf"\.{re.escape(NAME)}\.[0-9a-f]{{16}}\.partial")
MADE_ON = re.compile(rb"#GEN (\d{8})")


@pytest.fixture
def sandbox():
    with running_sandbox(today=date(2026, 10, 1), time_logs=0) as sandbox:
        sandbox.load({"invoices": [invoice(number) for number in range(INVOICES)]})
        sandbox.set_faults([{"kind": "delay", "seconds": 0.005, "times": None}])
        yield sandbox


def invoice(number):
    """An invoice of January, which the seed knows nothing of."""
    return {
        "_id": f"6957a0a0c0ffee5eed0f{number:04x}",
        "invoiceNumber": str(90_000 + number),
        "invoiceStatus": 2,
        "invoiceType": 0,
        "invoiceDate": f"2026-01-{number % 28 + 1:02}T11:00:00.000Z",
        "customerName": "Västra Kvarnen AB",
        "multipleTaxesOnRows": False,
        "taxPercent": 25,
        "currencyCode": "SEK",
        "currencyRate": 1,
        "houseDeductionAmount": 0,
        "isCreditInvoice": False,
        "totalAmount": 1000,
        "totalTaxAmount": 250,
        "totalAmountRounding": 0,
        "totalAmountInclTax": 1250,
        "invoiceItems": [{"itemType": "general", "totalAmount": 1000, "taxPercent": 25}],
    }


class Export:
    """A task that exports January into a folder of its own.

    :param folder: where the file goes.
    :param sandbox: where the invoices come from.
    :param old: content of the file that is there already; None: not even the folder is.
    :param expected: what an undisturbed run writes, today and tomorrow; None: this is that run.
    """

    def __init__(self, folder, sandbox, old, expected):
        self.folder = folder
        self.sandbox = sandbox
        self.old = old
        self.expected = expected
        self.file = folder / NAME
        if old is not None:
            folder.mkdir()
            self.file.write_bytes(old)

    def command(self):
        extra = {"requests_per_second": 1000, "page_size": 50}
        return {
            "operator": "airflow_provider_seventime.transfers.invoices_to_sie:InvoicesToSieOperator",
            "arguments": {
                "task_id": "export",
                "path": str(self.file),
                "from_date": "2026-01-01",
                "to_date": "2026-01-31",
            },
            "instance": {"dag_id": "books", "run_id": "r", "task_id": "export", "map_index": -1},
            "environment": {"AIRFLOW_CONN_SEVENTIME_DEFAULT": connection_json(self.sandbox, extra)},
            "slow_disk_seconds": SECONDS_ON_THE_DISK,
        }

    def files(self):
        return {path.name: path.read_bytes() for path in self.folder.rglob("*")} if self.folder.exists() else {}

    def found(self):
        files = self.files()
        there = files.pop(NAME, None)
        assert len(files) <= 1
        assert all(PARTIAL.fullmatch(name) for name in files)
        partial = next(iter(files.values()), None)
        assert there in (self.old, *self.expected)
        assert partial is None or any(whole.startswith(partial) for whole in self.expected)
        if there in self.expected:
            return Found.ALL
        return Found.NOTHING if partial is None else Found.PART

    def check(self, result):
        files = self.files()
        assert list(files) == [NAME]
        assert self.expected is None or files[NAME] in self.expected
        assert result["sha256"] == hashlib.sha256(files[NAME]).hexdigest()
        assert result["vouchers"] == INVOICES


def today_and_tomorrow(content):
    """Return a file as it was written, and as it is written after midnight: it says when it was made."""
    today = MADE_ON.search(content).group(1)
    tomorrow = datetime.strptime(today.decode(), "%Y%m%d").date() + timedelta(days=1)  # noqa: DTZ007
    return content, content.replace(today, f"{tomorrow:%Y%m%d}".encode())


def test_the_file_is_the_old_one_or_the_new_one(worker, sandbox, tmp_path, kills):
    undisturbed = Export(tmp_path / "undisturbed", sandbox, None, None)
    undisturbed.check(worker.run(undisturbed.command(), 1).result)
    content = undisturbed.file.read_bytes()
    assert content.count(b"#VER") == INVOICES
    expected = today_and_tomorrow(content)
    numbers = count()

    def make_task():
        number = next(numbers)
        return Export(tmp_path / str(number), sandbox, OLD if number % 2 else None, expected)

    tally = kill_at_random(worker, sandbox, make_task, kills=kills, wanted={Found.NOTHING, Found.PART}, seed=20261122)

    sys.stdout.write(f"\nexport: {tally}\n")
