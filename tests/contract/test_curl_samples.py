"""Every curl sample of the vendor's documents succeeds against the sandbox, and the client accepts its body.

``curl_samples.json`` has method, path and body of each sample. Its document is the folder of ``samples/``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from airflow_provider_seventime.contract.checking import check_record
from airflow_provider_seventime.contract.registry import COLLECTIONS, find_collection
from airflow_provider_seventime.contract.spec import Write
from airflow_provider_seventime.dates import SWEDEN, load_zone
from airflow_provider_seventime.sandbox.rules.references import referenced_collection
from airflow_provider_seventime.sandbox.server import SandboxServer

SAMPLES = json.loads(Path(__file__).with_name("curl_samples.json").read_text(encoding="utf-8"))
WRITES: Mapping[str, Write] = {"POST": "create", "PUT": "update", "DELETE": "delete"}
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"  # curl's default for a body
# Samples that are wrong in themselves, and the response of the sandbox to them.
NO_JSON = {"v2 POST /api/2/customers/", "v2 POST /api/2/users/"}
UPDATE_AS_POST = 'v2 POST /api/2/supplierInvoices/ {"_id"'
QUERY_WITHOUT_QUESTION_MARK = "v2 GET /api/2/driverJournals/limit=5&page=2"
WRONG = {
    **dict.fromkeys(NO_JSON, "400 the body is not JSON"),
    UPDATE_AS_POST: "400 _id: unknown field",
    QUERY_WITHOUT_QUESTION_MARK: "404 no driverJournals with _id limit=5&page=2",
}


def name_of(sample: Mapping[str, str]) -> str:
    name = f"{sample['document']} {sample['method']} {sample['path']}"
    is_update_as_post = sample["method"] == "POST" and sample.get("body", "").startswith('{"_id"')
    return f'{name} {{"_id"' if is_update_as_post else name


def parts_of(sample: Mapping[str, str]) -> tuple[int, str, str]:
    """Return version, collection and id of a path; the id is empty if the path has none."""
    _, _, version, collection, *rest = urlsplit(sample["path"]).path.split("/")
    return int(version), collection, "".join(rest)


def body_of(sample: Mapping[str, str]) -> dict[str, Any]:
    """Return the decoded body; an empty dict if there is none, or if it is not JSON."""
    body = sample.get("body", "")
    if name_of(sample) in NO_JSON or not body:
        return {}
    return json.loads(body) if body.startswith("{") else dict(parse_qsl(body))


def ids_of(sample: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield collection and id of each record that a sample needs."""
    _, name, record_id = parts_of(sample)
    if record_id and name_of(sample) not in WRONG:
        yield name, record_id
    fields = {**dict(parse_qsl(urlsplit(sample["path"]).query)), **body_of(sample)}
    for field, value in fields.items():
        owner = name if field in ("_id", "id") else referenced_collection(COLLECTIONS[name], field)
        if owner is not None:
            yield owner, value


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(rate_limit=0, time_logs=0) as server:
        yield server


def replay(sandbox: SandboxServer, sample: Mapping[str, str]) -> requests.Response:
    """Send a sample with the headers of curl, after loading the ids that the samples contain."""
    needed = {owner: [{"_id": one} for name, one in sorted(EVERY_ID) if name == owner] for owner, _ in EVERY_ID}
    sandbox.reset()
    sandbox.load(needed)
    body = sample.get("body")
    version, _, _ = parts_of(sample)
    headers = {"Client-Secret": sandbox.api_key, "Accept": "*/*", "User-Agent": "curl/8.5.0"}
    if version == 2 or body is not None:
        headers["Content-Type"] = JSON if version == 2 else FORM
    return requests.request(
        sample["method"],
        f"{sandbox.base_url}{sample['path']}",
        data=None if body is None else body.encode(),
        headers=headers,
        timeout=10,
    )


EVERY_ID = {pair for sample in SAMPLES for pair in ids_of(sample)}


def test_the_documents_have_110_samples():
    assert Counter(sample["document"] for sample in SAMPLES) == {
        "v2": 91,
        "v2-invoices": 6,
        "v1": 9,
        "v1-customers": 3,
        "v1-supplier-invoices": 1,
    }


def test_the_sandbox_refuses_only_the_samples_that_are_wrong_in_themselves(sandbox):
    problems = {}
    for sample in SAMPLES:
        response = replay(sandbox, sample)
        if response.status_code != 200:
            problems[name_of(sample)] = f"{response.status_code} {response.json()['errorMessage']}"
    assert problems.keys() == WRONG.keys(), problems
    assert all(problems[name].startswith(message) for name, message in WRONG.items()), problems


def test_the_client_accepts_every_body_that_can_be_read(subtests):
    zone = load_zone(SWEDEN)
    for sample in SAMPLES:
        body = body_of(sample)
        version, name, _ = parts_of(sample)
        if body:
            write = "update" if name_of(sample) == UPDATE_AS_POST else WRITES[sample["method"]]
            with subtests.test(name_of(sample)):
                assert check_record(find_collection(name, write, version), write, body, zone)


@pytest.mark.parametrize(
    ("document", "method", "path", "record_id", "expected"),
    [
        pytest.param(
            "v2",
            "PUT",
            "timeLogs/",
            "51203146506d961c030791801",
            {"timestamp": "2020-10-07T05:00:00.000Z", "endTimestamp": "2020-10-07T13:00:00.000Z", "time": 8},
            id="date-with-one-digit",
        ),
        pytest.param(
            "v2",
            "PUT",
            "invoices/",
            "5fb64449b0cc9510a561dfdf",
            {"createdByUser": None, "language": "EN", "invoiceItems": []},
            id="createdByUser-in-an-update-of-an-invoice",
        ),
        pytest.param(
            "v2",
            "PUT",
            "projects/",
            "5fb3c92dd5472a243e9caa3b",
            {"name": "App development", "customer": "571f61330c7f498a2d0001a4"},
            id="no-modifiedByUser-in-an-update-of-a-project",
        ),
        pytest.param(
            "v2",
            "PUT",
            "purchaseOrders/",
            "5fca480e571eb873a64b97ec",
            {"paymentDays": 10},
            id="number-as-text",
        ),
    ],
)
def test_an_update_sample_changes_the_record(sandbox, document, method, path, record_id, expected):
    (sample,) = (
        one for one in SAMPLES if (one["document"], one["method"], one["path"]) == (document, method, f"/api/2/{path}")
    )
    updated = replay(sandbox, sample).json()
    assert {name: updated[name] for name in expected} == expected
    assert updated["_id"] == record_id


def test_a_delete_by_id_removes_the_work_order(sandbox):
    (sample,) = (one for one in SAMPLES if (one["method"], one["path"]) == ("DELETE", "/api/2/workOrders"))
    assert replay(sandbox, sample).json()["_id"] == "5fb8517e1bcaad1cd2cd3f9c"
    assert "5fb8517e1bcaad1cd2cd3f9c" not in {one["_id"] for one in sandbox.records("workOrders")}


def test_the_name_of_a_work_order_of_version_1_is_its_title(sandbox):
    (sample,) = (one for one in SAMPLES if (one["method"], one["path"]) == ("POST", "/api/1/workOrders/"))
    assert replay(sandbox, sample).json()["title"] == "Support"


def test_the_expense_item_of_a_driver_journal_is_ignored(sandbox):
    (sample,) = (one for one in SAMPLES if (one["method"], one["path"]) == ("POST", "/api/2/driverJournals/"))
    created = replay(sandbox, sample).json()
    assert created["user"] == "51203146506d961c030791801"
    assert "expenseItem" not in created
