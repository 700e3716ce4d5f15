"""The contract has exactly the operations that the vendor's documentation lists."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from airflow_provider_seventime.contract.registry import COLLECTIONS

DOCUMENTED = json.loads((Path(__file__).parent / "operations.json").read_text(encoding="utf-8"))
# Operations per edition of the vendor's documentation: version 2, version 1, and the later pages about version 2. They
# are counted by hand in the documentation, so that a row that is missing from the table shows.
OPERATIONS = {"v2": 91, "v1": 10, "later": 32}
COLLECTIONS_OF_V2 = 39
METHODS = {"list": "GET", "get": "GET", "create": "POST", "update": "PUT", "delete": "DELETE", "analyse": "POST"}


def documented(*editions):
    return {(row["collection"], row["operation"]) for row in DOCUMENTED if row["edition"] in editions}


def test_the_documents_list_as_many_operations():
    assert Counter(row["edition"] for row in DOCUMENTED) == OPERATIONS
    assert len({row["collection"] for row in DOCUMENTED if row["edition"] == "v2"}) == COLLECTIONS_OF_V2


def test_no_operation_is_listed_twice():
    assert len(documented("v2", "later")) == OPERATIONS["v2"] + OPERATIONS["later"]


def test_method_and_path_of_a_row_follow_its_operation():
    for row in DOCUMENTED:
        assert row["method"] == METHODS[row["operation"]]
        in_path = "/<_id>" if row["path"].endswith("/<_id>") else ""
        start = "analytics/" if row["operation"] == "analyse" else ""
        assert row["path"] == f"{start}{row['collection']}{in_path}"


def test_version_2_has_every_documented_operation_and_no_other():
    known = {(name, operation) for name, collection in COLLECTIONS.items() for operation in collection.operations}
    assert known == documented("v2", "later")


def test_version_1_has_every_documented_operation_and_no_other():
    in_v1 = {name: collection.in_version(1) for name, collection in COLLECTIONS.items()}
    known = {(name, operation) for name, v1 in in_v1.items() if v1 for operation in v1.operations}
    assert known == documented("v1")
