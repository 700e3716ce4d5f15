"""What the parameter tables of the vendor's documents mark "Yes" or "No*" is missed before anything is sent.

Where there is no table (``no_table``: operations of the later documentation) the rows say what the contract requires.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.registry import COLLECTIONS, find_collection

# The rows of the tables, with the field that makes a "No*" required; None: its absence does.
DATA = Path(__file__).parents[2] / "contract"
TABLE = json.loads((DATA / "required_fields.json").read_text(encoding="utf-8"))
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


@pytest.mark.parametrize("row", TABLE, ids=_row_id)
@pytest.mark.parametrize("absence", ["left out", None, ""], ids=["left out", "None", "empty"])
def test_absence_of_a_required_field_is_refused_by_its_path(complete, problems, row, absence):
    record = complete(row["collection"], row["write"], _version(row))
    _decide(record, row.get("when", {}))
    holder, name = _holder(record, row["field"])
    if absence == "left out":
        del holder[name]
    else:
        holder[name] = absence

    found = problems(row["collection"], record, row["write"], version=_version(row))

    assert any(problem.startswith(f"{row['field']}: ") for problem in found), found
    if absence != "":
        assert any(problem.startswith(f"{row['field']}: required") for problem in found), found


@pytest.mark.parametrize("row", [row for row in TABLE if "when" in row], ids=_row_id)
def test_a_conditional_field_may_be_absent_when_its_condition_does_not_hold(complete, check, row):
    record = complete(row["collection"], row["write"], _version(row))
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
    holder, name = _holder(record, row["field"])
    del holder[name]

    check(row["collection"], record, row["write"], version=_version(row))


@pytest.mark.parametrize(("collection", "write", "version"), WRITES)
def test_a_record_with_every_documented_field_passes_unchanged(complete, check, collection, write, version):
    record = complete(collection, write, version)
    assert check(collection, record, write, version=version) == record


def test_every_write_of_the_contract_has_its_complete_record():
    writes = {"create", "update", "delete"}
    known = {(name, write, 2) for name, entry in COLLECTIONS.items() for write in entry.operations & writes}
    first = {name: entry.in_version(1) for name, entry in COLLECTIONS.items() if entry.v1}
    known |= {(name, write, 1) for name, entry in first.items() for write in entry.operations & writes}
    assert set(WRITES) == known


@pytest.mark.parametrize(("collection", "write", "version"), [row for row in WRITES if row[1] == "create"])
def test_a_complete_record_has_every_field(complete, collection, write, version):
    # Answers show these two; no table of a write has them.
    fields = set(record_model(find_collection(collection, write, version), write).field_names())
    answered = {"notes", "isActive"} if collection == "customers" else set()
    unnamed = {"createdByUser", "typeOfCustomer"} if version == 1 else set()
    assert fields - answered - unnamed <= set(complete(collection, write, version))


@pytest.mark.parametrize(("collection", "write", "version"), WRITES)
def test_the_table_and_the_contract_require_the_same(collection, write, version):
    model = record_model(find_collection(collection, write, version), write)
    required = {known.alias or name for name, known in model.model_fields.items() if known.is_required()}
    rows = [row for row in TABLE if (row["collection"], row["write"], _version(row)) == (collection, write, version)]
    assert {row["field"] for row in rows if "when" not in row and row["field"].isidentifier()} == required
    if write == "create":  # what an update may leave out is decided by the record as it stands
        # A project's customer is asked for in the sentence about its contact person.
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
def test_a_condition_holds_in_every_spelling_that_its_code_may_have(complete, problems, collection, spelled, field):
    record = complete(collection) | {"billingMethod": spelled}
    del record[field]
    (problem,) = problems(collection, record)
    assert problem.startswith(f"{field}: required when billingMethod is ")


@pytest.mark.parametrize("spelled", ["time", "timelog", "timeLog", "TIME LOG", "time-log", "time_log"])
def test_a_time_row_needs_its_time_category_however_it_is_spelled(complete, problems, spelled):
    record = complete("invoices") | {"invoiceItems": [{"itemType": spelled}]}
    assert problems("invoices", record) == ("invoiceItems[0].timeCategory: required when itemType is timeLog",)


@pytest.mark.parametrize("spelled", [2, "2", "rut", "RUT", " Rut "])
def test_a_rut_invoice_needs_house_properties_however_it_is_spelled(complete, problems, spelled):
    record = complete("invoices") | {"invoiceType": spelled, "houseProperties": None, "invoiceItems": None}
    assert problems("invoices", record) == ("houseProperties: required when invoiceType is 1 (ROT) or 2 (RUT)",)


@pytest.mark.parametrize("flag", [False, "False", "false", 0, "0"])
def test_one_tax_for_all_rows_must_be_named_in_an_update(complete, problems, flag):
    record = complete("invoices", "update") | {"multipleTaxesOnRows": flag, "taxPercent": None}
    assert problems("invoices", record, "update") == ("taxPercent: required when multipleTaxesOnRows is false or 0",)


def test_a_contact_person_needs_the_customer_it_belongs_to(complete, problems):
    record = complete("projects")
    del record["customer"]
    assert problems("projects", record) == ("customer: required when contactPerson is given",)


@pytest.mark.parametrize(
    ("write", "field"), [("create", "createdByUser"), ("update", "modifiedByUser"), ("delete", "deletedByUser")]
)
class TestActingUser:
    def test_fills_the_field_where_the_record_has_none(self, complete, check, write, field):
        record = complete("invoices", write)
        del record[field]
        assert check("invoices", record, write, "user-of-the-connection")[field] == "user-of-the-connection"

    def test_gives_way_to_the_records_own(self, complete, check, write, field):
        record = complete("invoices", write) | {field: "someone-else"}
        assert check("invoices", record, write, "user-of-the-connection")[field] == "someone-else"

    def test_is_asked_for_where_nobody_is_named(self, complete, problems, write, field):
        record = complete("invoices", write)
        del record[field]
        assert problems("invoices", record, write) == (
            f"{field}: required; give it, or the acting user's id as login of the connection",
        )


def test_no_acting_user_is_put_where_the_write_knows_none(complete, check):
    record = complete("supplierInvoices", "delete")
    assert check("supplierInvoices", record, "delete", "user-1") == record
