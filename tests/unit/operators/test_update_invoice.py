"""UpdateInvoiceOperator: name what changes, and the rest stays as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_seventime.exceptions import BadRequestError, NotFoundError, ServerError
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.operators.invoices import CreateInvoiceOperator, UpdateInvoiceOperator

PUT = {"method": "PUT", "collection": "invoices"}
MIXED = [
    {"itemType": "general", "name": "Montage", "numberOfItems": "12", "unitPrice": "595", "taxPercent": 25},
    {"itemType": "general", "name": "Lunch", "numberOfItems": "14", "unitPrice": "112.50", "taxPercent": 12},
    {"itemType": "text", "name": "Enligt överenskommelse"},
]


@pytest.fixture
def draft_id(invoice, context):
    """The id of a draft with rows of several rates, created with the reference ``order-17``."""
    mixed = {**invoice, "notes": "Tack!", "marking": "4711", "multipleTaxesOnRows": True, "invoiceItems": MIXED}
    operator = CreateInvoiceOperator(task_id="create_invoice", invoice=mixed, reference="order-17")
    created: Any = operator.execute(context())
    return created["_id"]


@pytest.fixture
def update(context):
    def updated(invoice_id, changes, **arguments):
        operator = UpdateInvoiceOperator(task_id="update", invoice_id=invoice_id, changes=changes, **arguments)
        return operator.execute(context())

    return updated


@pytest.fixture
def held(sandbox):
    """Return an invoice as the sandbox holds it."""
    return lambda invoice_id: next(one for one in sandbox.records("invoices") if one["_id"] == invoice_id)


def test_marking_as_sent_gives_a_number(update, draft_id, held):
    result = update(draft_id, {"invoiceStatus": "sent"})

    assert result == {
        "_id": draft_id,
        "invoiceNumber": held(draft_id)["invoiceNumber"],
        "invoiceStatus": 2,
        "status": "sent",
        "totalAmountInclTax": str(held(draft_id)["totalAmountInclTax"]),
        "changed": True,
    }
    assert result["invoiceNumber"]
    assert json.loads(json.dumps(result)) == result


@pytest.mark.parametrize("status", ["sent", 2, "2", "Sent"])
def test_spellings_of_a_status(update, draft_id, status):
    assert update(draft_id, {"invoiceStatus": status})["status"] == "sent"


def test_rows_and_taxes_are_repeated(sandbox, update, draft_id, held):
    before = held(draft_id)

    update(draft_id, {"invoiceStatus": "sent"})

    (put,) = [entry["body"] for entry in sandbox.journal() if entry["method"] == "PUT"]
    after = held(draft_id)
    amounts = ("totalAmount", "totalTaxAmount", "totalAmountRounding", "totalAmountInclTax")
    assert put["multipleTaxesOnRows"] is True
    assert [row["name"] for row in put["invoiceItems"]] == ["Montage", "Lunch", "Enligt överenskommelse"]
    assert put["modifiedByUser"] == sandbox.acting_user_id
    assert [after[name] for name in amounts] == [before[name] for name in amounts]
    assert [row["taxPercent"] for row in after["invoiceItems"]][:2] == [25, 12]
    assert (after["marking"], after["notes"]) == (before["marking"], before["notes"])


def test_new_notes_preserve_the_reference(update, draft_id, held, invoice, context):
    update(draft_id, {"notes": "Tack för förtroendet!"})

    assert held(draft_id)["notes"] == "Tack för förtroendet!\n[ref: order-17]"
    operator = CreateInvoiceOperator(task_id="create_invoice", invoice=invoice, reference="order-17")
    again: Any = operator.execute(context())
    assert (again["_id"], again["created"]) == (draft_id, False)


def test_new_rows_replace_the_old_ones(update, draft_id, held):
    result = update(draft_id, {"invoiceItems": [{"itemType": "general", "unitPrice": "10", "taxPercent": 25}]})

    assert len(held(draft_id)["invoiceItems"]) == 1
    assert result["totalAmountInclTax"].startswith("13")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"invoiceStatus": "sent"}, id="status"),
        pytest.param({"notes": "Tack igen!"}, id="notes"),
        pytest.param({"marking": "4712", "invoiceStatus": 2}, id="two-fields"),
    ],
)
def test_nothing_is_sent_if_the_invoice_has_the_changes(update, draft_id, requests_made, changes):
    first = update(draft_id, changes)
    second = update(draft_id, changes)

    assert second == {**first, "changed": False}
    assert len(requests_made("PUT")) == 1


def test_from_sent_to_paid(update, draft_id):
    update(draft_id, {"invoiceStatus": "sent"})

    assert update(draft_id, {"invoiceStatus": "paid"})["status"] == "paid"


def test_templates(draft_id, context, held):
    operator = UpdateInvoiceOperator(
        task_id="update", invoice_id="{{ params.id }}", changes={"marking": "{{ params.marking }}"}
    )
    rendering: Any = {**context(), "params": {"id": draft_id, "marking": "Vecka 40"}}

    operator.render_template_fields(rendering)
    operator.execute(rendering)

    assert held(draft_id)["marking"] == "Vecka 40"


def test_a_draft_cannot_become_paid(update, draft_id, held):
    with pytest.raises(PermanentTaskError, match="only a sent invoice can become 3") as caught:
        update(draft_id, {"invoiceStatus": "paid"})

    assert isinstance(caught.value.__cause__, BadRequestError)
    assert held(draft_id)["invoiceStatus"] == 1


def test_a_missing_invoice(update, sandbox, requests_made):
    with pytest.raises(PermanentTaskError, match="511e0a00c0ffee5eed00dead returned 404") as caught:
        update("511e0a00c0ffee5eed00dead", {"invoiceStatus": "sent"})

    assert isinstance(caught.value.__cause__, NotFoundError)
    assert requests_made("PUT") == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({}, "there is nothing to change", id="nothing"),
        pytest.param({"notes": None}, "there is nothing to change", id="only-none"),
        pytest.param("sent", "must be an object, not str", id="text"),
        pytest.param({"invoiceStatsu": 2}, "did you mean 'invoiceStatus'?", id="unknown-field"),
        pytest.param({"invoiceStatus": "payd"}, "did you mean 'paid'?", id="unknown-status"),
        pytest.param({"invoiceDate": "igår"}, "invoiceDate: ", id="no-date"),
        pytest.param({"taxPercent": 24}, "taxPercent: ", id="tax-percent"),
    ],
)
def test_wrong_changes_are_refused(update, draft_id, requests_made, changes, said):
    with pytest.raises(PermanentTaskError) as caught:
        update(draft_id, changes)

    assert str(caught.value).startswith("invoices: update refused before sending")
    assert said in " ".join(str(caught.value).split())
    assert requests_made("PUT") == []


@pytest.mark.parametrize("invoice_id", ["", "  ", "None", None], ids=["empty", "blank", "rendered-to-none", "none"])
def test_an_id_that_rendered_to_nothing(update, sandbox, requests_made, invoice_id):
    with pytest.raises(PermanentTaskError, match="the id is empty, perhaps because a template rendered to nothing"):
        update(invoice_id, {"invoiceStatus": "sent"})

    assert requests_made() == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "reset"}, id="reset"),
        pytest.param({"kind": "status", "status": 500}, id="500"),
        pytest.param({"kind": "html"}, id="html"),
    ],
)
def test_a_put_is_retried_after_a_lost_response(sandbox, update, draft_id, held, fault, when):
    sandbox.set_faults([{**PUT, **fault, "when": when}])

    result = update(draft_id, {"invoiceStatus": "sent"})

    assert (result["status"], result["changed"]) == ("sent", True)
    statuses = [entry["logType"] for entry in held(draft_id)["invoiceLogEntries"]]
    assert len(statuses) == 2  # created, and sent once


def test_a_lasting_failure_fails_the_try(sandbox, update, draft_id):
    sandbox.set_faults([{**PUT, "kind": "status", "status": 503, "times": None}])

    with pytest.raises(ServerError) as caught:
        update(draft_id, {"invoiceStatus": "sent"})

    assert not isinstance(caught.value, AirflowFailException)
