"""Fields that the vendor's parameter tables mark "Yes" or "No*" are required before a request is sent.

Operations of the later documentation have no table (``no_table``). Their rows have the fields that the contract
requires.
"""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.registry import COLLECTIONS, find_collection

# The rows of the tables, with the field that makes a "No*" required; None: its absence does.
DATA = Path(__file__).parents[2] / "contract"
DOCUMENTED = json.loads((DATA / "required_fields.json").read_text(encoding="utf-8"))
# A curl sample of the same document leaves these out (tests/contract/test_curl_samples.py), so they are optional.
LEFT_OUT = [row for row in DOCUMENTED if row.get("left_out_by_sample")]
TABLE = [row for row in DOCUMENTED if row not in LEFT_OUT]
WRITES = [
    (*name.split("."), version)
    for version, file in ((1, "v1_records.json"), (2, "records.json"))
    for name in json.loads((DATA / file).read_text(encoding="utf-8"))
]


def _row_id(row: dict[str, Any]) -> str:
    when = "".join(f" when {name}={value}" for name, value in row.get("when", {}).items())
    return f"v{_version(row)} {row['collection']}.{row['write']} {row['field']}{when}"


def _version(row: dict[str, Any]) -> int:
    return row.get("version", 2)


def _holder(record: dict[str, Any], path: str) -> tuple[Any, str]:
    """Return the innermost object on a path, and the field of it that the path ends in."""
    *steps, last = re.findall(r"\w+", path)
    holder: Any = record
    for step in steps:
        holder = holder[int(step)] if step.isdigit() else holder[step]
    return holder, last


def _decide(record: dict[str, Any], when: dict[str, Any]) -> None:
    for path, value in when.items():
        holder, name = _holder(record, path)
        if value is None:
            del holder[name]
        else:
            holder[name] = value


def _record(complete, row: dict[str, Any]) -> dict[str, Any]:
    """Return the complete record of a row's write."""
    return complete(row["collection"], row["write"], _version(row))


def _without(record: dict[str, Any], path: str, absence: str | None) -> dict[str, Any]:
    """Leave a field out of the record, or set it to None or to an empty text."""
    holder, name = _holder(record, path)
    if absence == "left out":
        del holder[name]
    else:
        holder[name] = absence
    return record


def test_a_missing_required_field_is_refused_with_its_path(complete, problems, subtests):
    for row, absence in itertools.product(TABLE, ("left out", None, "")):
        with subtests.test(f"{_row_id(row)} {absence!r}"):
            record = _record(complete, row)
            _decide(record, row.get("when", {}))
            _without(record, row["field"], absence)

            found = problems(row["collection"], record, row["write"], version=_version(row))

            expected = f"{row['field']}: " if absence == "" else f"{row['field']}: required"
            assert any(problem.startswith(expected) for problem in found), found


def test_a_field_that_a_sample_leaves_out_is_optional(complete, check, subtests):
    assert LEFT_OUT
    for row in LEFT_OUT:
        with subtests.test(_row_id(row)):
            record = _without(_record(complete, row), row["field"], "left out")
            check(row["collection"], record, row["write"], version=_version(row))


def _break_condition(record: dict[str, Any], row: dict[str, Any]) -> None:
    """Change the record so that the condition of a row does not hold."""
    free = {
        "billingMethod": "RUNNING" if row["collection"] == "workOrders" else "PERUSER",
        "invoiceType": 0,
        "itemType": "text",
        "currencyCode": "SEK",
        "multipleTaxesOnRows": True,
    }
    for path, value in row["when"].items():
        holder, decider = _holder(record, path)
        if decider == "typeOfProperty":
            holder[decider] = 2 if value == 1 else 1
        elif value is not None:
            holder[decider] = free[decider]


def test_a_conditional_field_may_be_absent_when_its_condition_does_not_hold(complete, check, subtests):
    for row in [row for row in TABLE if "when" in row]:
        with subtests.test(_row_id(row)):
            record = _record(complete, row)
            _break_condition(record, row)
            _without(record, row["field"], "left out")
            check(row["collection"], record, row["write"], version=_version(row))


def test_records_with_every_documented_field_are_sent_unchanged(complete, check, subtests):
    for resource, write, version in WRITES:
        with subtests.test(f"v{version} {resource}.{write}"):
            record = complete(resource, write, version)
            assert check(resource, record, write, version=version) == record


def test_every_write_of_the_contract_has_its_complete_record():
    writes = {"create", "update", "delete"}
    known = {(name, write, 2) for name, collection in COLLECTIONS.items() for write in collection.operations & writes}
    in_v1 = {name: collection.in_version(1) for name, collection in COLLECTIONS.items() if collection.v1}
    known |= {(name, write, 1) for name, collection in in_v1.items() for write in collection.operations & writes}
    assert set(WRITES) == known


def test_complete_records_have_every_field(complete, subtests):
    for resource, write, version in [row for row in WRITES if row[1] == "create"]:
        with subtests.test(f"v{version} {resource}.{write}"):
            fields = set(record_model(find_collection(resource, write, version), write).field_names())
            # Responses show these two; no table of a write has them.
            answered = {"notes", "isActive"} if resource == "customers" else set()
            unnamed = {"createdByUser", "typeOfCustomer"} if version == 1 else set()
            assert fields - answered - unnamed <= set(complete(resource, write, version))


def test_the_table_and_the_contract_require_the_same(subtests):
    for resource, write, version in WRITES:
        rows = [row for row in TABLE if (row["collection"], row["write"], _version(row)) == (resource, write, version)]
        with subtests.test(f"v{version} {resource}.{write}"):
            model = record_model(find_collection(resource, write, version), write)
            required = {known.alias or name for name, known in model.model_fields.items() if known.is_required()}
            assert {row["field"] for row in rows if "when" not in row and row["field"].isidentifier()} == required
        if write != "create":  # the stored record decides what an update may leave out
            continue
        with subtests.test(f"v{version} {resource}.{write}, conditions"):
            # The sentence about a project's contact person requires its customer.
            conditional = {condition.field for condition in model.conditions} - {"customer"}
            assert {row["field"] for row in rows if "when" in row} >= conditional


@pytest.mark.parametrize(
    ("collection", "spelled", "field"),
    [
        ("projects", "fixed price", "fixedPrice"),
        ("projects", "Fixed-Price", "fixedPrice"),
        ("projects", " hourly ", "pricePerHour"),
        ("projects", "pricelist", "timeCategoryPriceList"),
        ("workOrders", "fixed price", "fixedPrice"),
    ],
)
def test_a_condition_holds_for_every_form_of_its_code(complete, problems, collection, spelled, field):
    record = complete(collection) | {"billingMethod": spelled}
    del record[field]
    (problem,) = problems(collection, record)
    assert problem.startswith(f"{field}: required when billingMethod is ")


@pytest.mark.parametrize("spelled", ["time", "timelog", "timeLog", "TIME LOG", "time-log", "time_log"])
def test_a_time_row_requires_its_time_category_in_every_form(complete, problems, spelled):
    record = complete("invoices") | {"invoiceItems": [{"itemType": spelled}]}
    assert problems("invoices", record) == ("invoiceItems[0].timeCategory: required when itemType is timeLog",)


@pytest.mark.parametrize("spelled", [2, "2", "rut", "RUT", " Rut "])
def test_a_rut_invoice_requires_house_properties_in_every_form(complete, problems, spelled):
    record = complete("invoices") | {"invoiceType": spelled, "houseProperties": None, "invoiceItems": None}
    assert problems("invoices", record) == ("houseProperties: required when invoiceType is 1 (ROT) or 2 (RUT)",)


@pytest.mark.parametrize("flag", [False, "False", "false", 0, "0"])
def test_an_update_with_one_tax_for_all_rows_requires_it(complete, problems, flag):
    record = complete("invoices", "update") | {"multipleTaxesOnRows": flag, "taxPercent": None}
    assert problems("invoices", record, "update") == ("taxPercent: required when multipleTaxesOnRows is false or 0",)


def test_a_contact_person_requires_its_customer(complete, problems):
    record = complete("projects")
    del record["customer"]
    assert problems("projects", record) == ("customer: required when contactPerson is given",)


@pytest.mark.parametrize(
    ("write", "field"), [("create", "createdByUser"), ("update", "modifiedByUser"), ("delete", "deletedByUser")]
)
class TestActingUser:
    def test_is_set_in_a_record_without_one(self, complete, check, write, field):
        record = complete("invoices", write)
        del record[field]
        assert check("invoices", record, write, "user-of-the-connection")[field] == "user-of-the-connection"

    def test_does_not_replace_the_records_own(self, complete, check, write, field):
        record = complete("invoices", write) | {field: "someone-else"}
        assert check("invoices", record, write, "user-of-the-connection")[field] == "someone-else"

    def test_is_required_without_an_acting_user(self, complete, problems, write, field):
        record = complete("customers", write)
        del record[field]
        assert problems("customers", record, write) == (
            f"{field}: required; set it, or set the acting user's id as the login of the connection",
        )


def test_no_acting_user_is_set_if_the_write_has_no_such_field(complete, check):
    record = complete("supplierInvoices", "delete")
    assert check("supplierInvoices", record, "delete", "user-1") == record
