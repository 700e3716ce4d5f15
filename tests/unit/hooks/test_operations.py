"""The hook's verbs, each against the sandbox: collections and fields under the API's own names."""

from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_seventime.exceptions import ConfigError, InvalidRecordError, NotFoundError
from airflow_provider_seventime.hooks.seventime import SevenTimeHook


@pytest.fixture
def hook(sandbox):
    return SevenTimeHook()


def ids(records):
    return [record["_id"] for record in records]


def test_list_yields_every_page(sandbox, connect, requests_made):
    connect(extra={"page_size": 5, "requests_per_second": 1000, "pacing": "process"})

    assert ids(SevenTimeHook().list("customers")) == sorted(ids(sandbox.records("customers")))
    assert len(requests_made()) > 1


def test_list_with_filter_sort_and_limit(hook, sandbox):
    customer = sandbox.records("customers")[0]
    named = hook.list("customers", {"name": customer["name"]})
    last_two = hook.list("customers", sort_by="-_id", max_records=2)

    assert ids(named) == [customer["_id"]]
    assert ids(last_two) == sorted(ids(sandbox.records("customers")))[:-3:-1]


def test_get_and_the_collection_with_a_single_record(hook, sandbox):
    user = sandbox.records("users")[0]

    assert hook.get("users", user["_id"]) == user
    assert hook.get("companyInformation")["name"] == "Norrby Bygg & El AB"


def test_amounts_are_decimals_with_the_digits_of_the_response(hook, sandbox):
    sandbox.load({"timeCategories": [{"_id": "511e0a00c0ffee5eed00dec1", "pricePerHour": Decimal("842.50")}]})

    price = hook.get("timeCategories", "511e0a00c0ffee5eed00dec1")["pricePerHour"]

    assert isinstance(price, Decimal)
    assert str(price) == "842.50"


def test_create_update_delete(hook, sandbox):
    user = sandbox.records("users")[1]
    made = hook.create("timeLogs", {"user": user["_id"], "timestamp": "2026-10-01 08:00", "time": Decimal("2.5")})
    changed = hook.update("timeLogs", made["_id"], {"time": 3})
    count = hook.count("timeLogs")
    hook.delete("timeLogs", made["_id"])

    assert (changed["_id"], changed["time"]) == (made["_id"], 3)
    assert hook.count("timeLogs") == count - 1
    with pytest.raises(NotFoundError, match=made["_id"]):
        hook.get("timeLogs", made["_id"])


def test_update_merges_and_put_sends_just_its_body(hook, sandbox):
    (user, other), log = sandbox.records("users")[:2], {"timestamp": "2026-10-01 08:00", "time": 2}
    time_log = hook.create("timeLogs", {**log, "user": user["_id"], "internalDescription": "Ny"}, "log-1")
    sandbox.clear_journal()

    updated = hook.update("timeLogs", time_log["_id"], {"internalDescription": "Ändrad"})
    put = hook.put("timeLogs", time_log["_id"], {"user": other["_id"], "internalDescription": "Utan referens"})

    assert (updated["user"], updated["internalDescription"]) == (user["_id"], "Ändrad\n[ref: log-1]")
    assert (put["user"], put["internalDescription"]) == (other["_id"], "Utan referens")
    assert [request["method"] for request in sandbox.journal()] == ["GET", "PUT", "PUT"]


def test_update_sends_nothing_if_the_record_has_the_changes(hook, sandbox):
    user = sandbox.records("users")[0]
    time_log = hook.create("timeLogs", {"user": user["_id"], "timestamp": "2026-10-01 08:00", "time": 2})
    sandbox.clear_journal()

    assert hook.update("timeLogs", time_log["_id"], {"time": "2.0"})["_id"] == time_log["_id"]
    assert [request["method"] for request in sandbox.journal()] == ["GET"]


def test_create_with_a_reference_creates_once(hook, invoice):
    first = hook.create("invoices", invoice, "order-17")
    second = hook.create("invoices", invoice, "order-17")

    assert second["_id"] == first["_id"]
    assert hook.count("invoices", {"fromInvoiceDate": "2026-09-30", "toInvoiceDate": "2026-09-30"}) == 1


@pytest.mark.parametrize(
    ("ask", "error", "said"),
    [
        pytest.param(lambda hook: hook.list("timelogs"), ConfigError, "did you mean 'timeLogs'", id="collection"),
        pytest.param(
            lambda hook: hook.list("timeLogs", {"projekt": "x"}), InvalidRecordError, "'project'", id="filter"
        ),
        pytest.param(
            lambda hook: hook.create("users", {"firstname": "Å"}), InvalidRecordError, "'firstName'", id="field"
        ),
        pytest.param(lambda hook: hook.get("users", ""), ConfigError, "the id is empty", id="empty-id"),
        pytest.param(lambda hook: hook.delete("companyInformation", "x"), ConfigError, "has no delete", id="operation"),
        pytest.param(lambda hook: hook.list("users", max_records=0), ConfigError, "max_records", id="max-records"),
    ],
)
def test_a_wrong_name_is_refused_before_anything_is_sent(hook, requests_made, ask, error, said):
    with pytest.raises(error, match=said):
        ask(hook)
    assert requests_made() == []


def test_the_hooks_clock_is_used_for_waiting(hook, sandbox, clock):
    sandbox.set_faults([{"kind": "status", "status": 503, "method": "GET", "collection": "users", "times": 2}])

    assert hook.count("users") == len(sandbox.records("users"))
    assert len([seconds for seconds in clock.slept if seconds >= 0.25]) == 2
