"""Operators that read, update and delete a record of any collection."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.exceptions import ConfigError, ForbiddenError, NotFoundError, ServerError
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.operators.records import (
    SevenTimeDeleteOperator,
    SevenTimeGetOperator,
    SevenTimeUpdateOperator,
)

MISSING = "511e0a00c0ffee5eed00dead"


@pytest.fixture
def run(context):
    """Execute an operator; ``try_number`` is that of its task instance."""

    def executed(operator_class, *, try_number=1, **arguments):
        return operator_class(task_id="task", **arguments).execute(context(try_number=try_number))

    return executed


@pytest.fixture
def work_order(sandbox):
    return sandbox.records("workOrders")[0]


@pytest.fixture
def current(sandbox):
    """Return the current record of the sandbox, or None."""
    return lambda resource, record_id: next((one for one in sandbox.records(resource) if one["_id"] == record_id), None)


@pytest.fixture
def time_log(sandbox):
    return next(one for one in sandbox.records("timeLogs") if not one["isInvoiced"])


# get


def test_get_returns_the_whole_record(run, sandbox):
    invoice = sandbox.records("supplierInvoices")[0]
    sandbox.load({"supplierInvoices": [{**invoice, "totalAmountInclTax": Decimal("12345678901234567.10"), "new": [1]}]})

    result = run(SevenTimeGetOperator, resource="supplierInvoices", record_id=invoice["_id"])

    assert result["totalAmountInclTax"] == "12345678901234567.10"
    assert result["new"] == [1]
    assert set(result) >= set(invoice)
    assert json.loads(json.dumps(result)) == result


def test_get_of_a_collection_with_a_single_record(run, sandbox):
    assert (
        run(SevenTimeGetOperator, resource="companyInformation")["name"]
        == sandbox.records("companyInformation")[0]["name"]
    )


def test_get_of_a_missing_record(run, sandbox):
    with pytest.raises(PermanentTaskError, match=f"workOrders/{MISSING} returned 404") as caught:
        run(SevenTimeGetOperator, resource="workOrders", record_id=MISSING)

    assert isinstance(caught.value.__cause__, NotFoundError)


@pytest.mark.parametrize("record_id", [None, "", "None"], ids=["left-out", "empty", "rendered-to-none"])
def test_get_without_an_id(run, sandbox, requests_made, record_id):
    with pytest.raises(PermanentTaskError, match="workOrders: the id is empty"):
        run(SevenTimeGetOperator, resource="workOrders", record_id=record_id)

    assert requests_made() == []


def test_get_during_an_outage(run, sandbox, work_order):
    sandbox.set_faults([{"method": "GET", "collection": "workOrders", "kind": "status", "status": 503, "times": None}])

    with pytest.raises(ServerError) as caught:
        run(SevenTimeGetOperator, resource="workOrders", record_id=work_order["_id"])
    assert not isinstance(caught.value, PermanentTaskError)


# update


def test_update_changes_the_given_fields(run, work_order, current):
    result = run(
        SevenTimeUpdateOperator, resource="workOrders", record_id=work_order["_id"], changes={"marking": "Plan 3"}
    )

    after = current("workOrders", work_order["_id"])
    assert result == {"_id": work_order["_id"], "workOrderNumber": work_order["workOrderNumber"], "changed": True}
    assert after["marking"] == "Plan 3"
    assert (after["title"], after["customer"]) == (work_order["title"], work_order["customer"])


def test_update_sends_nothing_if_the_record_has_the_changes(run, work_order, requests_made):
    change = {"resource": "workOrders", "record_id": work_order["_id"], "changes": {"marking": "Plan 3"}}

    run(SevenTimeUpdateOperator, **change)
    assert run(SevenTimeUpdateOperator, **change)["changed"] is False

    assert len(requests_made("PUT")) == 1


def test_update_repeats_required_fields(run, sandbox, time_log, current):
    run(SevenTimeUpdateOperator, resource="timeLogs", record_id=time_log["_id"], changes={"description": "Efterlagat"})

    (put,) = [entry["body"] for entry in sandbox.journal() if entry["method"] == "PUT"]
    assert put["user"] == time_log["user"]
    assert current("timeLogs", time_log["_id"])["description"] == "Efterlagat"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param({"changes": {}}, "there is nothing to change", id="nothing"),
        pytest.param({"changes": "x"}, "must be an object, not str", id="text"),
        pytest.param({"changes": {"markin": "x"}}, "did you mean 'marking'?", id="unknown-field"),
        pytest.param({"resource": "workOrder"}, "did you mean 'workOrders'?", id="unknown-collection"),
        pytest.param({"resource": "quotes"}, "quotes has no update: it has ", id="no-update"),
        pytest.param({"record_id": " "}, "the id is empty", id="no-id"),
    ],
)
def test_update_refuses_before_anything_is_changed(run, work_order, requests_made, arguments, said):
    given = {"resource": "workOrders", "record_id": work_order["_id"], "changes": {"marking": "x"}, **arguments}

    with pytest.raises(PermanentTaskError) as caught:
        run(SevenTimeUpdateOperator, **given)

    assert said in str(caught.value)
    assert requests_made("PUT") == []


@pytest.mark.parametrize("name", [name for name, entry in COLLECTIONS.items() if entry.update])
def test_collections_with_update_have_get(name):
    # A change begins with the record as it stands.
    assert COLLECTIONS[name].gettable


# delete


def test_delete(run, time_log, current):
    result = run(SevenTimeDeleteOperator, resource="timeLogs", record_id=f" {time_log['_id']}\n")

    assert result == {"_id": time_log["_id"], "deleted": True}
    assert current("timeLogs", time_log["_id"]) is None


@pytest.mark.parametrize("when", ["before", "after"])
def test_delete_with_a_lost_response(run, sandbox, time_log, current, when):
    sandbox.set_faults([{"method": "DELETE", "collection": "timeLogs", "kind": "reset", "when": when}])

    assert run(SevenTimeDeleteOperator, resource="timeLogs", record_id=time_log["_id"])["deleted"]
    assert current("timeLogs", time_log["_id"]) is None


def test_delete_of_a_missing_record_fails_the_first_try(run, sandbox):
    with pytest.raises(PermanentTaskError, match="returned 404") as caught:
        run(SevenTimeDeleteOperator, resource="timeLogs", record_id=MISSING)

    assert isinstance(caught.value.__cause__, NotFoundError)


@pytest.mark.parametrize("arguments", [{"try_number": 2}, {"missing_ok": True}], ids=["a-later-try", "missing-ok"])
def test_delete_of_a_missing_record_that_is_a_success(run, sandbox, arguments):
    result = run(SevenTimeDeleteOperator, resource="timeLogs", record_id=MISSING, **arguments)

    assert result == {"_id": MISSING, "deleted": False}


def test_delete_after_a_try_without_response(run, sandbox, time_log, current):
    """The first try deletes the record and gets only failures; the second does not find it and succeeds."""
    fault = {"method": "DELETE", "collection": "timeLogs", "kind": "status", "status": 503, "when": "after"}
    sandbox.set_faults([{**fault, "times": None}])
    arguments = {"resource": "timeLogs", "record_id": time_log["_id"]}
    with pytest.raises(ServerError):
        run(SevenTimeDeleteOperator, **arguments)
    assert current("timeLogs", time_log["_id"]) is None
    sandbox.clear_faults()

    assert run(SevenTimeDeleteOperator, try_number=2, **arguments)["deleted"] is False


def test_delete_that_is_forbidden(run, sandbox, time_log):
    sandbox.set_faults([{"method": "DELETE", "collection": "timeLogs", "kind": "status", "status": 403}])

    with pytest.raises(PermanentTaskError) as caught:
        run(SevenTimeDeleteOperator, resource="timeLogs", record_id=time_log["_id"], missing_ok=True, try_number=2)
    assert isinstance(caught.value.__cause__, ForbiddenError)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param({"resource": "timelogs"}, "did you mean 'timeLogs'?", id="unknown-collection"),
        pytest.param({"resource": "contactPersons"}, "contactPersons has no delete", id="no-delete"),
        pytest.param({"record_id": "None"}, "the id is empty", id="rendered-to-none"),
    ],
)
def test_delete_refuses_before_anything_is_sent(run, requests_made, time_log, arguments, said):
    given = {"resource": "timeLogs", "record_id": time_log["_id"], "missing_ok": True, **arguments}

    with pytest.raises(PermanentTaskError) as caught:
        run(SevenTimeDeleteOperator, **given)

    assert said in str(caught.value)
    assert isinstance(caught.value.__cause__, ConfigError)
    assert requests_made() == []


# all of them


@pytest.mark.parametrize(
    ("operator_class", "arguments"),
    [
        pytest.param(SevenTimeGetOperator, {}, id="get"),
        pytest.param(SevenTimeUpdateOperator, {"changes": {"marking": "{{ params.marking }}"}}, id="update"),
        pytest.param(SevenTimeDeleteOperator, {}, id="delete"),
    ],
)
def test_templates(context, sandbox, work_order, operator_class, arguments):
    operator = operator_class(task_id="task", resource="{{ params.what }}", record_id="{{ params.id }}", **arguments)
    params = {"what": "workOrders", "id": work_order["_id"], "marking": "Plan 3"}
    rendering: Any = {**context(), "params": params}

    operator.render_template_fields(rendering)

    assert (operator.resource, operator.record_id) == ("workOrders", work_order["_id"])
    assert operator.execute(rendering)["_id"] == work_order["_id"]


@pytest.mark.parametrize(
    "operator_class",
    [SevenTimeGetOperator, SevenTimeUpdateOperator, SevenTimeDeleteOperator],
    ids=lambda one: one.__name__,
)
def test_a_refused_key_ends_the_task(run, connect, work_order, operator_class):
    connect(password="of-another-account")
    changes = {"changes": {"marking": "x"}} if operator_class is SevenTimeUpdateOperator else {}

    with pytest.raises(PermanentTaskError, match="returned 401"):
        run(operator_class, resource="workOrders", record_id=work_order["_id"], **changes)
