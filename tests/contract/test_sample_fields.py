"""The fields of the contract have the names and types of the vendor's sample responses."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from airflow_provider_seventime.contract.checking import record_model
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import FieldKind

SAMPLES = Path(__file__).parent / "samples"
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T")
OBJECT_ID = re.compile(r"[0-9a-f]{24}")
# Fields of some samples that the contract does not describe: the account, and two fields that are always empty.
LEFT_TO_THE_RECORD = {"_id", "systemAccount", "workRuleStartOfDay", "workRuleEndOfDay"}
# Fields that only invalid samples, filters or the later documentation have.
BEYOND_SAMPLES = {
    "customers": {"typeOfCustomer"},
    "driverJournals": {"createdByUser"},
    "expenses": {"createdByUser", "modifiedDate"},
    "supplierInvoices": {"modifiedDate", "totalAmountToInvoice"},
    "timeLogs": {"invoicedDate", "isAbsence", "modifiedDate", "price", "realEndTimestamp", "task", "workOrderNumber"},
}


def answers() -> dict[str, dict[str, list[Any]]]:
    """Return the values of each collection's fields in the samples of version 2."""
    shown: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for path in SAMPLES.glob("v2*/*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        records = content.get("data", content)
        for record in records if isinstance(records, list) else [records]:
            for name, value in record.items():
                shown[path.stem.partition(".")[0]][name].append(value)
    return shown


SHOWN = answers()
PLAIN = [
    (collection, name)
    for collection, fields in sorted(SHOWN.items())
    for name, values in fields.items()
    if name not in LEFT_TO_THE_RECORD and not all(isinstance(value, list | dict) for value in values)
    if any(not isinstance(value, list | dict) and value is not None for value in values)
]


def kinds_of(value: Any, *, chosen: bool = False) -> set[FieldKind]:
    """Return the types that a field with this value may have.

    :param chosen: the value is a number that users may choose. Some of them are texts.
    """
    if isinstance(value, bool):
        return {FieldKind.BOOLEAN}
    if isinstance(value, int):
        return {FieldKind.TEXT} if chosen else {FieldKind.INTEGER, FieldKind.NUMBER}
    if isinstance(value, float):
        return {FieldKind.NUMBER}
    if INSTANT.match(value):
        return {FieldKind.INSTANT}
    if OBJECT_ID.fullmatch(value):
        return {FieldKind.ID}
    return {FieldKind.TEXT, FieldKind.ID}


def test_plain_fields_of_the_samples_are_in_the_contract_with_their_type(subtests):
    for resource, name in PLAIN:
        with subtests.test(f"{resource}.{name}"):
            kind = COLLECTIONS[resource].fields[name]
            for value in SHOWN[resource][name]:
                if value is not None and not isinstance(value, list | dict):
                    assert kind in kinds_of(value, chosen=name in COLLECTIONS[resource].chosen_numbers)


def test_fields_of_the_contract_are_in_a_sample_or_a_write(subtests):
    for resource in sorted(SHOWN):
        with subtests.test(resource):
            collection = COLLECTIONS[resource]
            writable = set(record_model(collection, "create").field_names()) if collection.create else set()
            known = set(SHOWN[resource]) | writable | BEYOND_SAMPLES.get(resource, set())
            assert set(collection.fields) <= known


def test_lists_have_pages_if_their_samples_have(subtests):
    paths = sorted(SAMPLES.glob("v2*/*.list.json"))
    assert paths
    for path in paths:
        with subtests.test(path.stem):
            content = json.loads(path.read_text(encoding="utf-8"))
            collection = COLLECTIONS[path.stem.partition(".")[0]]
            assert collection.paged == ("meta" in content)
            assert all(record[collection.id_field] for record in content["data"])


def test_every_documented_collection_has_a_sample():
    rows = json.loads((SAMPLES.parent / "operations.json").read_text(encoding="utf-8"))
    assert {row["collection"] for row in rows if row["edition"] == "v2"} == set(SHOWN)
