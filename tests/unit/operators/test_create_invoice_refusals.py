"""CreateInvoiceOperator: what is refused, with every reason, before anything is sent."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.operators.invoices import CreateInvoiceOperator

ROW = {"itemType": "general", "name": "Montage", "numberOfItems": 1, "unitPrice": 100}


@pytest.fixture
def refusal(context, requests_made):
    """Execute a task that must be refused, check that nothing was written, and return the error's text."""

    def refused(invoice, **arguments):
        with pytest.raises(PermanentTaskError) as caught:
            CreateInvoiceOperator(task_id="create_invoice", invoice=invoice, **arguments).execute(context())
        assert requests_made() == []
        return str(caught.value)

    return refused


def test_every_problem_is_in_one_message(invoice, refusal):
    wrong = {**invoice, "langauge": "SV", "invoiceDate": "30/9", "taxPercent": 24, "invoiceItems": [ROW, {**ROW}]}
    del wrong["language"]
    wrong["invoiceItems"][1] |= {"itemType": "expense", "quantity": 2}

    text = refusal(wrong)

    assert text.startswith("invoices: create refused before sending, 6 problems:\n")
    for problem in (
        "langauge: unknown field; did you mean 'language'?",
        "language: required",
        "invoiceDate: ",
        "taxPercent: ",
        "invoiceItems[1].expenseItem: required when itemType is expense",
        "invoiceItems[1].quantity: unknown field; did you mean 'numberOfItems'?",
    ):
        assert f"\n  - {problem}" in text


@pytest.mark.parametrize("rows", [[], None, ""], ids=["empty", "none", "rendered-to-nothing"])
def test_an_invoice_without_rows(invoice, refusal, rows):
    assert "  - invoiceItems: the invoice has no rows" in refusal({**invoice, "invoiceItems": rows})


def test_an_invoice_without_anything(refusal):
    text = refusal({})

    for problem in ("invoiceItems: the invoice has no rows", "customer: required", "language: required"):
        assert f"\n  - {problem}" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"customer": ""}, "customer: ", id="customer-rendered-to-nothing"),
        pytest.param({"customer": "None"}, "customer: ", id="customer-rendered-to-none"),
        pytest.param({"language": ""}, "language: ", id="empty-language"),
        pytest.param({"invoiceStatus": "payed"}, "did you mean 'paid'", id="misspelt-status"),
        pytest.param(
            {"invoiceStatus": "paid"}, "must be 1 (draft) or 2 (sent)", id="status-that-no-invoice-begins-with"
        ),
        pytest.param({"invoiceType": "rot"}, "houseProperties: required when invoiceType is 1 (ROT)", id="rot"),
        pytest.param({"invoiceType": 2}, "houseProperties: required when invoiceType is", id="rut"),
        pytest.param({"taxPercent": "20"}, "taxPercent: ", id="tax-percent"),
        pytest.param({"invoiceDate": "2026-02-30"}, "invoiceDate: ", id="no-such-date"),
        pytest.param({"dueDate": "snarast"}, "dueDate: ", id="no-date"),
        pytest.param({"invoiceItems": [{**ROW, "itemType": "generall"}]}, "did you mean 'general'", id="item-type"),
        pytest.param({"invoiceItems": [{"name": "x"}]}, "invoiceItems[0].itemType: required", id="no-item-type"),
        pytest.param({"invoiceItems": [{**ROW, "unitPrice": "1,50"}]}, "decimal point", id="decimal-comma"),
        pytest.param({"invoiceItems": [{**ROW, "unitPrice": "NaN"}]}, "finite", id="not-a-number"),
        pytest.param({"invoiceItems": [{**ROW, "unitPrice": "None"}]}, "unitPrice: ", id="amount-rendered-to-none"),
        pytest.param({"invoiceItems": ROW}, "invoiceItems: ", id="one-row-and-no-list"),
        pytest.param({"invoiceItems": ["Montage"]}, "invoiceItems[0]: must be an object", id="row-of-text"),
    ],
)
def test_a_wrong_value(invoice, refusal, changes, said):
    assert said in " ".join(refusal({**invoice, **changes}).split())


@pytest.mark.parametrize("invoice", ["{'customer': '1'}", "", None], ids=["text", "nothing", "none"])
def test_an_invoice_that_is_no_dict(sandbox, refusal, invoice):
    assert "invoice must be a dict in the API's terms, not " in refusal(invoice)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param(" \n", "is empty", id="blank"),
        pytest.param("None", "perhaps because a template rendered to nothing", id="rendered-to-none"),
        pytest.param("a]b", "without [ or ]", id="bracket"),
        pytest.param("a\nb", "must be one line", id="two-lines"),
        pytest.param("x" * 201, "at most 200 characters", id="too-long"),
    ],
)
def test_a_reference_that_cannot_be_written(invoice, refusal, reference, said):
    text = refusal(invoice, reference=reference)

    assert text.startswith("reference")
    assert said in " ".join(text.split())


def test_a_reference_that_renders_to_none_is_not_the_default(invoice, context, requests_made):
    operator = CreateInvoiceOperator(task_id="create_invoice", invoice=invoice, reference="{{ params.order }}")
    operator.reference = None  # what a native template or another task's output may come to

    with pytest.raises(PermanentTaskError, match="reference is empty"):
        operator.execute(context())
    assert requests_made() == []


def test_a_reference_without_a_field(invoice, refusal):
    assert "reference_field is None" in refusal(invoice, reference="order-17", reference_field=None)


@pytest.mark.parametrize("field", ["nots", "invoiceDate", "customer"])
def test_a_field_that_cannot_have_a_reference(invoice, refusal, field):
    assert f"reference_field '{field}' is not a writable text field" in refusal(invoice, reference_field=field)


def test_an_unknown_value_of_if_exists(invoice, refusal):
    assert "if_exists: 'skip' is none of 'return', 'match' and 'fail'" in refusal(invoice, if_exists="skip")


def test_no_acting_user(invoice, refusal, connect):
    connect(login=None)

    text = refusal(invoice)

    assert "createdByUser: required; set it, or set the acting user's id as the login of the connection" in text


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        pytest.param({"password": ""}, "password: empty", id="empty-key"),
        pytest.param({"password": "two words"}, "password: ", id="key-with-a-blank"),
        pytest.param({"host": "https://app.seventime.se/api"}, "Remove '/api'", id="host-with-a-path"),
        pytest.param({"host": "http://app.seventime.se"}, "Use https", id="key-in-clear"),
        pytest.param({"extra": {"page_size": 0}}, "page_size: 0", id="page-size-0"),
        pytest.param({"extra": {"page_size": 501}}, "page_size: 501", id="page-size-501"),
        pytest.param({"extra": {"timezone": "Europe/Malmö"}}, "timezone: 'Europe/Malmö'", id="time-zone"),
        pytest.param({"extra": {"api_version": 1}}, "api_version", id="older-dialect"),
    ],
)
def test_a_wrong_connection(invoice, refusal, connect, parts, said):
    connect(**parts)

    assert said in refusal(invoice)
