"""CreateInvoiceOperator: the created invoice, its reference and its summary."""

from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import DAG

from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.operators.default_reference import default_reference
from airflow_provider_seventime.operators.invoices import CreateInvoiceOperator
from tests.one_line import one_line


def create(context, invoice, *, instance=None, **arguments):
    return CreateInvoiceOperator(task_id="create_invoice", invoice=invoice, **arguments).execute(
        context(**(instance or {}))
    )


@pytest.fixture
def new_records(sandbox):
    """Return the invoices created since the start of the test."""
    before = {one["_id"] for one in sandbox.records("invoices")}
    return lambda: [one for one in sandbox.records("invoices") if one["_id"] not in before]


def test_an_invoice_is_created(sandbox, context, invoice, new_records):
    result = create(context, invoice)

    (record,) = new_records()
    assert result == {
        "_id": record["_id"],
        "invoiceNumber": None,
        "invoiceStatus": 1,
        "status": "draft",
        "totalAmountInclTax": "1250",
        "created": True,
        "differs": [],
    }
    assert record["customer"] == invoice["customer"]
    assert record["createdByUser"] == sandbox.acting_user_id
    assert record["invoiceDate"] == "2026-09-29T22:00:00.000Z"


def test_the_summary_is_plain_json(context, invoice):
    result = create(context, invoice)

    assert json.loads(json.dumps(result)) == result


def test_a_sent_invoice_has_a_number(context, invoice, new_records):
    result = create(context, {**invoice, "invoiceStatus": "sent"})

    assert (result["invoiceStatus"], result["status"]) == (2, "sent")
    assert result["invoiceNumber"] == new_records()[0]["invoiceNumber"]


def test_the_invoice_of_the_dag_is_not_modified(context, invoice):
    before = copy.deepcopy(invoice)

    create(context, invoice)

    assert invoice == before


def test_a_second_run_of_the_task_finds_it(context, invoice, new_records, requests_made):
    first = create(context, invoice)
    second = create(context, invoice, instance={"try_number": 2})

    assert second == {**first, "created": False}
    assert len(new_records()) == len(requests_made("POST")) == 1


@pytest.mark.parametrize(
    "other",
    [{"map_index": 3}, {"run_id": "manual__2026-10-02"}, {"task_id": "other"}, {"dag_id": "other"}],
    ids=lambda other: next(iter(other)),
)
def test_another_task_instance_creates_another_invoice(context, invoice, new_records, other):
    create(context, invoice)

    assert create(context, invoice, instance=other)["created"]
    assert len(new_records()) == 2


def test_the_default_reference_is_the_last_line_of_the_notes(context, invoice, new_records):
    create(context, {**invoice, "notes": "Tack för förtroendet!\n"})

    assert new_records()[0]["notes"] == f"Tack för förtroendet!\n[ref: {default_reference(context())}]"


def test_the_default_reference_does_not_reveal_names(context):
    instance = {"dag_id": "bill-the-late-payers", "run_id": "secret-run", "task_id": "dun"}

    reference = default_reference(context(**instance))

    assert reference.startswith("airflow-")
    assert not any(part in reference for part in instance.values())


def test_task_instances_with_similar_names_have_different_references(context):
    assert default_reference(context(dag_id="a", run_id="b-c")) != default_reference(context(dag_id="a-b", run_id="c"))


def test_a_given_reference_holds_across_runs(context, invoice, new_records):
    first = create(context, invoice, reference="hours-2026-09-101")
    second = create(context, invoice, reference=" hours-2026-09-101 ", instance={"run_id": "manual__2027-01-01"})

    assert (second["_id"], second["created"]) == (first["_id"], False)
    assert new_records()[0]["notes"] == "[ref: hours-2026-09-101]"


@pytest.mark.parametrize("day", ["2026-09-29", "2026-10-01"], ids=["day-before", "day-after"])
def test_the_search_covers_a_day_on_both_sides(context, invoice, day):
    first = create(context, {**invoice, "invoiceDate": day}, reference="order-17")

    assert create(context, invoice, reference="order-17")["_id"] == first["_id"]


def test_without_a_date_the_search_uses_the_customer(context, invoice, requests_made):
    del invoice["invoiceDate"]
    first = create(context, invoice)

    assert create(context, invoice)["_id"] == first["_id"]
    assert len(requests_made("POST")) == 1


def test_a_reference_inside_another_is_another(context, invoice, new_records):
    create(context, invoice, reference="order-17")

    assert create(context, invoice, reference="order-1")["created"]
    assert len(new_records()) == 2


def test_another_field_may_have_the_reference(context, invoice, new_records):
    invoice |= {"notes": "Tack!", "marking": "Er ref 4711"}
    first = create(context, invoice, reference="order-17", reference_field="marking")
    second = create(context, invoice, reference="order-17", reference_field="marking")

    (record,) = new_records()
    assert (second["_id"], second["created"]) == (first["_id"], False)
    assert (record["marking"], record["notes"]) == ("Er ref 4711\n[ref: order-17]", "Tack!")


def test_without_a_field_there_is_no_reference_and_no_search(context, invoice, new_records, requests_made):
    create(context, invoice, reference_field=None)
    create(context, invoice, reference_field=None)

    assert requests_made() == ["POST /api/2/invoices"] * 2
    assert [record["notes"] for record in new_records()] == ["", ""]


def test_an_existing_invoice_may_be_an_error(context, invoice, new_records):
    first = create(context, invoice, reference="order-17", if_exists="fail")

    with pytest.raises(PermanentTaskError, match=f"the reference 'order-17' is already on {first['_id']}"):
        create(context, invoice, reference="order-17", if_exists="fail")
    assert len(new_records()) == 1


def test_a_reference_on_another_customers_invoice(sandbox, context, invoice, new_records):
    first = create(context, invoice, reference="order-17")
    other = sandbox.records("customers")[1]["_id"]

    with pytest.raises(PermanentTaskError) as caught:
        create(context, {**invoice, "customer": other}, reference="order-17")

    assert "give each record a reference of its own" in one_line(caught.value)
    assert all(text in str(caught.value) for text in (first["_id"], invoice["customer"], other))
    assert len(new_records()) == 1


def test_a_reference_on_two_invoices(sandbox, context, invoice, new_records):
    create(context, invoice, reference="order-17")
    (record,) = new_records()
    sandbox.load({"invoices": [{**record, "_id": "6abe2f20c0ffee5eed0f0001"}]})

    with pytest.raises(PermanentTaskError, match="2 records have the reference 'order-17'") as caught:
        create(context, invoice, reference="order-17")

    assert record["_id"] in str(caught.value)
    assert "6abe2f20c0ffee5eed0f0001" in str(caught.value)


def test_the_acting_user_may_stand_in_the_invoice(sandbox, context, invoice, new_records):
    other_user = sandbox.records("users")[2]["_id"]

    create(context, {**invoice, "createdByUser": other_user})

    assert new_records()[0]["createdByUser"] == other_user


def test_templates_are_rendered_inside_the_invoice(context, invoice, new_records):
    invoice["invoiceItems"][0] |= {"name": "Timmar {{ params.month }}", "numberOfItems": "{{ params.hours }}"}
    operator = CreateInvoiceOperator(
        task_id="create_invoice",
        invoice={**invoice, "invoiceDate": "{{ params.month }}-30"},
        reference="hours-{{ params.month }}",
        seventime_conn_id="{{ params.connection }}",
    )
    rendering: Any = {**context(), "params": {"month": "2026-09", "hours": 2.5, "connection": "seventime_default"}}

    operator.render_template_fields(rendering)
    operator.execute(rendering)

    (record,) = new_records()
    (row,) = record["invoiceItems"]
    assert (row["name"], row["numberOfItems"]) == ("Timmar 2026-09", Decimal("2.5"))
    assert record["notes"] == "[ref: hours-2026-09]"


@pytest.mark.parametrize(
    ("native", "works"), [pytest.param(True, True, id="native"), pytest.param(False, False, id="text")]
)
def test_an_invoice_from_a_template(context, invoice, new_records, native, works):
    with DAG("billing", schedule=None, render_template_as_native_obj=native):
        template: Any = "{{ params.invoice }}"
        operator: Any = CreateInvoiceOperator(task_id="create_invoice", invoice=template)
    rendering: Any = {**context(), "params": {"invoice": invoice}}
    operator.render_template_fields(rendering)

    if works:
        assert operator.execute(rendering)["totalAmountInclTax"] == "1250"
    else:
        with pytest.raises(PermanentTaskError, match="render_template_as_native_obj=True"):
            operator.execute(rendering)
    assert len(new_records()) == works


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(date(2026, 10, 1), id="date"),
        pytest.param("2026-10-01", id="text"),
        pytest.param(datetime(2026, 9, 30, 22, 30, tzinfo=UTC), id="aware"),
        pytest.param("2026-09-30T22:30:00+00:00", id="iso-text"),
    ],
)
def test_invoice_dates_are_swedish_dates(context, invoice, new_records, day):
    create(context, {**invoice, "invoiceDate": day})

    assert new_records()[0]["invoiceDate"] == "2026-09-30T22:00:00.000Z"


@pytest.mark.parametrize("amount", ["100.10", Decimal("100.10"), 100.1], ids=["text", "decimal", "float"])
def test_amounts_have_their_digits(context, invoice, new_records, amount):
    invoice["invoiceItems"][0] |= {"numberOfItems": 3, "unitPrice": amount}

    create(context, invoice)

    assert Decimal(new_records()[0]["totalAmount"]) == Decimal("300.30")


@pytest.mark.parametrize("name", ['Kafé "Lilla Björn"', "{klammer}", "flik\there", "Sørensen", "10 €", "[hak]"])
def test_texts_arrive_as_they_were_written(context, invoice, new_records, name):
    invoice["invoiceItems"][0]["name"] = name
    result = create(context, {**invoice, "notes": name})

    (record,) = new_records()
    assert record["invoiceItems"][0]["name"] == name
    assert record["notes"].startswith(f"{name}\n[ref: ")
    assert create(context, {**invoice, "notes": name})["_id"] == result["_id"]


class TestAnExistingInvoice:
    """The reference is on an invoice already."""

    @pytest.fixture
    def other(self, invoice):
        """Return the invoice with another price."""
        (row,) = invoice["invoiceItems"]
        return {**invoice, "invoiceItems": [{**row, "unitPrice": 99_999}]}

    def test_with_another_price_is_returned_with_a_warning(self, context, invoice, other, new_records, logs):
        create(context, invoice, reference="order-17")

        result = create(context, other, reference="order-17")

        assert (result["created"], result["totalAmountInclTax"]) == (False, "1250")
        assert result["differs"] == ["invoiceItems[0].unitPrice", "total of invoiceItems"]
        assert "invoiceItems[0].unitPrice: asked for 99999, found 500" in logs
        assert "total of invoiceItems: asked for 199998, found 1000" in logs
        assert len(new_records()) == 1

    def test_with_another_price_fails_if_it_must_match(self, context, invoice, other, new_records):
        create(context, invoice, reference="order-17")

        with pytest.raises(PermanentTaskError, match=r"(?s)'order-17' is on .* differs.*asked for 99999, found 500"):
            create(context, other, reference="order-17", if_exists="match")
        assert len(new_records()) == 1

    def test_that_matches_is_returned(self, context, invoice):
        first = create(context, invoice, reference="order-17")

        assert create(context, invoice, reference="order-17", if_exists="match") == {**first, "created": False}

    @pytest.mark.parametrize("if_exists", ["return", "match", "fail"])
    def test_that_is_obliterated_is_an_error(self, context, invoice, sandbox, new_records, if_exists):
        create(context, invoice, reference="order-17")
        (record,) = new_records()
        sandbox.load({"invoices": [{**record, "invoiceStatus": 4}]})

        with pytest.raises(PermanentTaskError, match=r"(?s)which is obliterated.*Choose a new reference"):
            create(context, invoice, reference="order-17", if_exists=if_exists)
        assert len(new_records()) == 1
