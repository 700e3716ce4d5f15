"""Unknown fields are refused with a suggestion, at every depth, and all in one error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.registry import COLLECTIONS

RECORDS = Path(__file__).parents[2] / "contract" / "records.json"
WRITES = [tuple(name.split(".")) for name in json.loads(RECORDS.read_text(encoding="utf-8"))]


def _loose(collection, write):
    return record_model(COLLECTIONS[collection], write).documented_loosely


WRONG_NAMES = [
    ("customers", (), "customernumber", "customerNumber"),
    ("customers", (), "Name", "name"),
    ("customers", ("deliveryAddress",), "zipcode", "zipCode"),
    ("customers", ("billingSettings",), "invoiceMail", "invoiceEmail"),
    ("customers", ("billingSettings", "deductionDistribution", 1), "distributionPercentage", "distributionPercent"),
    ("users", (), "firstname", "firstName"),
    ("projects", (), "projectLeeder", "projectLeader"),
    ("projects", ("deliveryAddress",), "adress", "address"),
    ("workOrders", (), "Project", "project"),
    ("workOrders", (), "colour", "color"),
    ("workOrders", ("workAddress",), "useOtherAdress", "useOtherAddress"),
    ("invoices", (), "invoicedate", "invoiceDate"),
    ("invoices", (), "rows", "invoiceItems"),
    ("invoices", (), "status", "invoiceStatus"),
    ("invoices", (), "invoiceName", "name"),
    ("invoices", ("houseProperties",), "propertyDescripton", "propertyDescription"),
    ("invoices", ("houseProperties", "deductionDistribution", 0), "personnummer", "personalNumber"),
    ("invoices", ("invoiceItems", 0), "quantity", "numberOfItems"),
    ("invoices", ("invoiceItems", 0), "vat", "taxPercent"),
    ("invoices", ("invoiceItems", 0), "unitprice", "unitPrice"),
    ("supplierInvoices", (), "ocr", "OCR"),
    ("supplierInvoices", ("invoiceItems", 0), "houseWorkTypeOfWork", None),
    ("supplierInvoices", ("invoiceItems", 0), "price", "unitPrice"),
    ("timeLogs", (), "category", "timeCategory"),
    ("timeLogs", (), "hours", "time"),
    ("timeLogs", (), "startTimestamp", "timestamp"),
]


def test_the_error_suggests_the_nearest_name(complete, problems, subtests):
    for collection, path, wrong, right in WRONG_NAMES:
        steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in (*path, wrong))
        written = steps.removeprefix(".")
        with subtests.test(f"{collection}: {written}"):
            record = complete(collection)
            holder = record
            for step in path:
                holder = holder[step]
            holder[wrong] = "x"

            (problem,) = problems(collection, record)

            assert problem.startswith(f"{written}: unknown field; ")
            if right:
                assert problem.endswith(f"did you mean {right!r}?")


def test_without_a_similar_name_the_error_lists_all_names(complete, problems):
    (problem,) = problems("users", complete("users") | {"qqqqqqq": 1})
    assert problem == (
        "qqqqqqq: unknown field; known are: cellPhone, createdByUser, email, employeeNumber, firstName, isActivated, "
        "isActive, language, lastName, password, userName, userRoleId, workPhone"
    )


def test_every_write_refuses_unknown_fields(complete, problems, subtests):
    for collection, write in [write for write in WRITES if not _loose(*write)]:
        with subtests.test(f"{collection}.{write}"):
            record = complete(collection, write) | {"nonsense": None, "blödsinn": {"a": [1]}}
            (problem,) = problems(collection, record, write)
            assert problem.startswith("blödsinn: unknown field; ")


@pytest.mark.parametrize(("collection", "write"), [write for write in WRITES if _loose(*write)])
def test_a_write_without_documented_fields_sends_every_field(complete, check, collection, write):
    record = complete(collection, write) | {"blödsinn": {"a": [1]}}
    assert check(collection, record, write) == record


def test_an_unknown_field_without_a_value_is_ignored(complete, check):
    record = complete("timeLogs")
    assert check("timeLogs", record | {"nonsense": None}) == record


def test_a_name_that_is_not_text_is_refused(complete, problems):
    assert problems("users", complete("users") | {7: "x"})[0].startswith("7: unknown field; ")


def test_every_problem_of_a_record_is_in_one_error(problems):
    found = problems(
        "invoices",
        {
            "customer": " ",
            "language": None,
            "invoicedate": "2026-01-31",
            "dueDate": "31/1 2026",
            "invoiceType": "rot",
            "invoiceStatus": "paid",
            "taxPercent": "20",
            "currencyRate": "ten",
            "multipleTaxesOnRows": "perhaps",
            "tags": ["a", None, ["b"]],
            "deliveryAddress": "Storgatan 1",
            "invoiceItems": [
                {"itemType": "expense", "unitPrice": "12,50"},
                "a row",
                {"itemtype": "text"},
                {"itemType": "general", "taxPercent": 20, "houseWorkTypeOfWork": 99},
            ],
        },
    )
    paths = [problem.partition(": ")[0] for problem in found]
    assert sorted(paths) == sorted(
        [
            "customer",
            "createdByUser",
            "language",
            "invoicedate",
            "dueDate",
            "houseProperties",
            "invoiceStatus",
            "taxPercent",
            "currencyRate",
            "multipleTaxesOnRows",
            "tags[1]",
            "tags[2]",
            "deliveryAddress",
            "invoiceItems[0].expenseItem",
            "invoiceItems[0].unitPrice",
            "invoiceItems[1]",
            "invoiceItems[2].itemtype",
            "invoiceItems[2].itemType",
            "invoiceItems[3].taxPercent",
            "invoiceItems[3].houseWorkTypeOfWork",
        ]
    )
    assert len(found) == len(set(found)) == 20


@pytest.mark.parametrize(
    ("record", "kind"),
    [("{}", "str"), ([], "list"), (None, "NoneType"), (5, "int"), ([("customer", "c")], "list")],
    ids=["text", "list", "None", "number", "pairs"],
)
def test_a_record_that_is_not_an_object_is_refused(problems, record, kind):
    assert problems("invoices", record) == (f"must be an object, not {kind}",)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("invoiceItems", {"itemType": "text"}, "invoiceItems: "),
        ("invoiceItems", "[]", "invoiceItems: "),
        ("invoiceItems", [None], "invoiceItems[0]: "),
        ("houseProperties", [], "houseProperties: must be an object with the fields "),
        ("tags", "tag-1", "tags: "),
        ("notes", {"a": 1}, "notes: "),
        ("notes", True, "notes: "),
    ],
    ids=["object for list", "text for list", "None for row", "list for object", "text for tags", "object", "flag"],
)
def test_a_value_of_another_shape_is_refused_at_its_path(complete, problems, field, value, said):
    (problem,) = problems("invoices", complete("invoices") | {field: value, "invoiceType": 0})
    assert problem.startswith(said)


def test_texts_with_special_characters_are_sent_unchanged(complete, check):
    text = 'Smith "&" {Sønner}\t€ {0} %s \\ 漢字 \N{PILE OF POO}'
    record = complete("invoices")
    record |= {"name": text, "notes": text}
    record["invoiceItems"][0]["description"] = text
    assert check("invoices", record) == record


def test_the_message_shows_braces_of_a_refused_value(complete, problems):
    (problem,) = problems("invoices", complete("invoices") | {"dueDate": "{text} {{ ds }}"})
    assert problem == "dueDate: must be a date (YYYY-MM-DD), not '{text} {{ ds }}'"


@pytest.mark.parametrize(
    ("version", "write", "wrong", "right"), [(2, "delete", "id", "_id"), (1, "create", "name", "title")]
)
class TestNamesOfTheSamples:
    def test_are_sent_under_the_right_name(self, complete, check, version, write, wrong, right):
        record = complete("workOrders", write, version)
        renamed = {wrong if name == right else name: value for name, value in record.items()}
        assert check("workOrders", renamed, write, version=version) == record

    def test_are_unknown_beside_the_right_name(self, complete, problems, version, write, wrong, right):
        record = {**complete("workOrders", write, version), wrong: "x"}
        (problem,) = problems("workOrders", record, write, version=version)
        assert problem.startswith(f"{wrong}: unknown field")
