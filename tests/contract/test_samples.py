"""The client returns every valid sample response of the vendor's documentation unchanged, with the same digits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.registry import find_collection

SAMPLES = Path(__file__).parent / "samples"
INDEX = json.loads((SAMPLES / "index.json").read_text(encoding="utf-8"))
EVERY = sorted(SAMPLES.glob("*/*.json"))
VALID = {"v2": 83, "v2-invoices": 4, "v1": 7, "v1-customers": 2, "v1-supplier-invoices": 0}
# Quotation marks or commas are missing, or dots replace a part.
NO_JSON = {
    "v2": "workOrders.create invoices.create invoices.update supplierInvoices.create supplierInvoices.update "
    "timeLogs.create timeLogs.update timeLogs.delete",
    "v2-invoices": "invoices.create invoices.update",
    "v1": "customers.create workOrders.create",
    "v1-customers": "customers.create",
    "v1-supplier-invoices": "supplierInvoices.create",
}


def digits(text):
    """Read JSON with every number as its text."""
    return json.loads(text, parse_float=str, parse_int=str)


def sample_id(path):
    return f"{path.parent.name}/{path.stem}"


def samples(operation):
    return [path for path in EVERY if path.stem.endswith(f".{operation}")]


def expected_of(sample):
    """Return the version, the collection and the content of a sample in the form that the client returns."""
    version = int(sample.parent.name[1])
    content = digits(sample.read_bytes())
    wrapped = version == 2 and sample.stem.endswith((".list", ".get"))
    return version, sample.stem.partition(".")[0], content["data"] if wrapped else content


class TestCounts:
    @pytest.mark.parametrize("folder", VALID)
    def test_every_sample_of_a_document_is_a_file_or_listed_as_invalid(self, folder):
        assert len(list((SAMPLES / folder).glob("*.json"))) == INDEX[folder]["valid"] == VALID[folder]
        assert sorted(INDEX[folder]["broken"]) == sorted(NO_JSON[folder].split())

    def test_of_110_samples_96_are_json(self):
        assert set(INDEX) == set(VALID)
        assert len(EVERY) == 96
        assert sum(len(document["broken"]) for document in INDEX.values()) == 14


def test_numbers_keep_their_digits(subtests):
    for sample in EVERY:
        with subtests.test(sample_id(sample)):
            text = sample.read_bytes()
            assert digits(exact_json.encode(exact_json.decode(text))) == digits(text)


def test_lists(client_of, answer, subtests):
    for sample in samples("list"):
        with subtests.test(sample_id(sample)):
            version, collection, wanted = expected_of(sample)
            known = find_collection(collection, "list", version).filters
            answer(version, "GET", collection, sample.read_bytes())
            filters = {name: "1" for name, one in known.items() if one.required}
            # The totals in the samples count more records than the samples have.
            got = client_of(version).list(collection, filters, max_records=len(wanted))
            assert digits(exact_json.encode(list(got))) == wanted


def test_single_records(client_of, answer, subtests):
    for sample in samples("get"):
        with subtests.test(sample_id(sample)):
            version, collection, wanted = expected_of(sample)
            record_id = wanted["_id"]
            answer(version, "GET", f"{collection}/{record_id}", sample.read_bytes())
            assert digits(exact_json.encode(client_of(version).get(collection, record_id))) == wanted


def test_creates(client_of, answer, complete, subtests):
    for sample in samples("create"):
        with subtests.test(sample_id(sample)):
            version, collection, wanted = expected_of(sample)
            answer(version, "POST", collection, sample.read_bytes())
            got = client_of(version).create(collection, complete(f"{collection}.create", version))
            assert digits(exact_json.encode(got)) == wanted


def test_updates(client_of, answer, complete, subtests):
    for sample in samples("update"):
        with subtests.test(sample_id(sample)):
            version, collection, wanted = expected_of(sample)
            answer(version, "PUT", collection, sample.read_bytes())
            got = client_of(version).put(collection, wanted["_id"], complete(f"{collection}.update", version))
            assert digits(exact_json.encode(got)) == wanted


def test_deletes(client_of, answer, subtests):
    for sample in samples("delete"):
        with subtests.test(sample_id(sample)):
            version, collection, wanted = expected_of(sample)
            answer(version, "DELETE", collection, sample.read_bytes())
            assert digits(exact_json.encode(client_of(version).delete(collection, "a"))) == wanted
