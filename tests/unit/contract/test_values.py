"""Numbers, booleans, texts, ids and codes: the forms that DAGs give, and the form of requests."""

from __future__ import annotations

from decimal import Decimal

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.codes import InvoiceStatus, ItemType, SupplierInvoiceStatus
from airflow_provider_seventime.templates import EMPTY


class TestNumbers:
    @pytest.mark.parametrize(
        ("given", "digits"),
        [
            (100000, "100000"),
            ("100000", "100000"),
            ("1234.50", "1234.50"),
            (" -0.10 ", "-0.10"),
            (0.1, "0.1"),
            (1234567.891, "1234567.891"),
            (Decimal("41.18577972222222"), "41.18577972222222"),
            ("0.30000000000000000000000004", "0.30000000000000000000000004"),
            (0, "0"),
        ],
        ids=str,
    )
    def test_are_sent_as_numbers_with_their_own_digits(self, complete, check, given, digits):
        checked = check("supplierInvoices", complete("supplierInvoices") | {"totalAmountInclTax": given})
        assert isinstance(checked["totalAmountInclTax"], Decimal)
        assert exact_json.encode(checked["totalAmountInclTax"]) == digits.encode()

    @pytest.mark.parametrize(
        "given",
        ["1 000", "1,50", "ten", "", "12kr", "NaN", "Infinity", float("nan"), float("-inf"), True, [1], {"a": 1}, b"1"],
        ids=repr,
    )
    def test_a_value_that_is_not_a_number_is_refused(self, complete, problems, given):
        (problem,) = problems("supplierInvoices", complete("supplierInvoices") | {"totalAmountInclTax": given})
        assert problem.startswith("totalAmountInclTax: must be a ")

    def test_a_huge_refused_value_does_not_fill_the_message(self, complete, problems):
        (problem,) = problems("supplierInvoices", complete("supplierInvoices") | {"totalAmountInclTax": "x" * 9999})
        assert len(problem) < 200


class TestTexts:
    @pytest.mark.parametrize(
        ("given", "sent"), [(9162, "9162"), (Decimal("7.10"), "7.10"), ("0042", "0042"), (" a ", " a ")], ids=repr
    )
    def test_numbers_in_text_fields_are_sent_as_text(self, complete, check, given, sent):
        checked = check("supplierInvoices", complete("supplierInvoices") | {"supplierInvoiceNumber": given})
        assert checked["supplierInvoiceNumber"] == sent

    def test_an_empty_text_is_sent_so_that_a_field_can_be_cleared(self, complete, check):
        assert check("invoices", complete("invoices", "update") | {"notes": ""}, "update")["notes"] == ""

    @pytest.mark.parametrize("given", ["", "   ", "\t\n"], ids=repr)
    def test_a_required_text_is_not_blank(self, complete, problems, given):
        assert problems("customers", complete("customers") | {"name": given}) == ("name: is empty",)


class TestIds:
    @pytest.mark.parametrize(
        "given", ["5fb64449b0cc9510a561dfdf", "5f48eb3e65d7ee4942c4602", "zzz-åäö§{}", "1"], ids=repr
    )
    def test_are_opaque(self, complete, check, given):
        assert check("invoices", complete("invoices") | {"customer": given})["customer"] == given

    def test_are_sent_without_surrounding_blanks(self, complete, check):
        assert check("invoices", complete("invoices") | {"customer": " c-1\n"})["customer"] == "c-1"

    @pytest.mark.parametrize("given", ["", "  ", "None", " None "], ids=repr)
    @pytest.mark.parametrize("field", ["customer", "project", "tags"])
    def test_an_id_that_a_template_rendered_to_nothing_is_refused(self, complete, problems, given, field):
        value = [given] if field == "tags" else given
        (problem,) = problems("invoices", complete("invoices") | {field: value})
        path = "tags[0]" if field == "tags" else field
        assert problem == f"{path}: {EMPTY}"


class TestFlags:
    @pytest.mark.parametrize(
        ("given", "flag"),
        [(True, True), (False, False), ("true", True), ("False", False), (" TRUE ", True), (1, True), ("0", False)],
        ids=repr,
    )
    def test_are_read_in_the_form_of_templates(self, complete, check, given, flag):
        assert check("timeLogs", complete("timeLogs") | {"isInvoiceable": given})["isInvoiceable"] is flag

    @pytest.mark.parametrize("given", ["yes", "", "2", 2, 1.0, [], "None"], ids=repr)
    def test_another_value_is_refused(self, complete, problems, given):
        (problem,) = problems("timeLogs", complete("timeLogs") | {"isInvoiceable": given})
        assert problem.startswith("isInvoiceable: must be true or false, not ")


class TestNone:
    def test_means_not_given(self, complete, check):
        record = complete("timeLogs")
        checked = check("timeLogs", record | {"description": None, "isInvoiceable": None, "pricePerHour": None})
        assert set(record) - set(checked) == {"description", "isInvoiceable", "pricePerHour"}

    def test_means_not_given_in_nested_records_too(self, complete, check):
        record = complete("invoices")
        record["invoiceItems"][0]["unit"] = None
        record["deliveryAddress"]["phone"] = None
        checked = check("invoices", record)
        assert "unit" not in checked["invoiceItems"][0]
        assert "phone" not in checked["deliveryAddress"]

    def test_the_given_record_is_not_changed(self, complete, check):
        record = complete("invoices")
        before = complete("invoices")
        check("invoices", record, acting_user="user-1")
        assert record == before


class TestCodes:
    @pytest.mark.parametrize("given", [2, "2", " 2 ", "sent", "Sent", "SENT", InvoiceStatus.SENT, Decimal(2)], ids=repr)
    def test_are_given_by_number_text_or_name_and_sent_by_number(self, complete, check, given):
        checked = check("invoices", complete("invoices") | {"invoiceStatus": given})
        assert exact_json.encode(checked["invoiceStatus"]) == b"2"

    @pytest.mark.parametrize("given", ["attest pending", "ATTEST_PENDING", "attest-pending", 15, "15"], ids=repr)
    def test_names_of_several_words_are_read_in_every_form(self, complete, check, given):
        checked = check("supplierInvoices", complete("supplierInvoices") | {"supplierInvoiceStatus": given})
        assert checked["supplierInvoiceStatus"] is SupplierInvoiceStatus.ATTEST_PENDING

    @pytest.mark.parametrize("given", ["3", "paid", "obliterated", 7], ids=repr)
    def test_a_new_invoice_cannot_be_paid(self, complete, problems, given):
        (problem,) = problems("invoices", complete("invoices") | {"invoiceStatus": given})
        assert problem == "invoiceStatus: must be 1 (draft) or 2 (sent) in a new invoice"

    def test_an_invoice_may_be_updated_to_paid(self, complete, check):
        checked = check("invoices", complete("invoices", "update") | {"invoiceStatus": "paid"}, "update")
        assert checked["invoiceStatus"] == 3

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("snt", "'snt' is not one of 1 (draft), 2 (sent), 3 (paid), 4 (obliterated), 7 (customer_loss); "
                    "did you mean 'sent'?"),
            (5, "'5' is not one of 1 (draft), 2 (sent), 3 (paid), 4 (obliterated), 7 (customer_loss)"),
            ("", "'' is not one of 1 (draft), 2 (sent), 3 (paid), 4 (obliterated), 7 (customer_loss)"),
            (True, "'True' is not one of 1 (draft), 2 (sent), 3 (paid), 4 (obliterated), 7 (customer_loss)"),
        ],
        ids=repr,
    )  # fmt: skip
    def test_an_unknown_code_is_refused_with_the_list(self, complete, problems, given, said):
        assert problems("invoices", complete("invoices") | {"invoiceStatus": given}) == (f"invoiceStatus: {said}",)

    @pytest.mark.parametrize(
        ("given", "sent"),
        [("timelog", "timeLog"), ("time", "timeLog"), ("TimeLog", "timeLog"), ("onlyAmount", "onlyamount"),
         ("machine_time_log", "machineTimeLog"), (ItemType.BLANK, "blank")],
        ids=repr,
    )  # fmt: skip
    def test_item_types_are_sent_in_the_form_of_the_vendors_table(self, complete, check, given, sent):
        record = complete("invoices")
        record["invoiceItems"][0]["itemType"] = given
        assert f'"itemType":"{sent}"'.encode() in exact_json.encode(check("invoices", record))

    @pytest.mark.parametrize(
        ("given", "sent"), [("#ff5722", "FF5722"), ("7c4dff", "7C4DFF"), ("000000", "000000")], ids=repr
    )
    def test_colours_are_sent_in_the_form_of_the_vendors_table(self, complete, check, given, sent):
        assert check("workOrders", complete("workOrders") | {"color": given})["color"] == sent

    def test_a_colour_that_is_not_in_the_table_is_refused(self, complete, problems):
        (problem,) = problems("workOrders", complete("workOrders") | {"color": "FF5723"})
        assert problem == "color: 'FF5723' is not a colour for work orders; did you mean 'FF5722'?"


class TestShares:
    @pytest.mark.parametrize("given", [1, 100, "50", 33.4], ids=repr)
    def test_are_percentages(self, complete, check, given):
        record = complete("customers")
        record["billingSettings"]["deductionDistribution"][0]["distributionPercent"] = given
        check("customers", record)

    @pytest.mark.parametrize("given", [0, 101, -5, "1000"], ids=repr)
    def test_beyond_100_are_refused(self, complete, problems, given):
        record = complete("customers")
        record["billingSettings"]["deductionDistribution"][0]["distributionPercent"] = given
        (problem,) = problems("customers", record)
        assert problem.startswith("billingSettings.deductionDistribution[0].distributionPercent: must be from 1 to 100")
