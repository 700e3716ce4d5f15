"""A plain look-up joins the provider by one entry and no other line."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.contract.collections import work
from airflow_provider_seventime.contract.collections.shared import plain_fields
from airflow_provider_seventime.contract.openapi import build_openapi
from airflow_provider_seventime.contract.registry import COLLECTIONS, collections_in
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.hooks.seventime import SevenTimeHook

TOOL_TYPES = CollectionSpec(
    name="toolTypes", paged=False, gettable=False, name_field="toolTypeName", fields=plain_fields(texts="toolTypeName")
)


@pytest.fixture
def joined(monkeypatch):
    """Put the entry beside the others and read all entries again, as an import does."""
    monkeypatch.setattr(work, "TOOL_TYPES", TOOL_TYPES, raising=False)
    for name, entry in collections_in([work]).items():
        monkeypatch.setitem(COLLECTIONS, name, entry)


def test_an_entry_beside_the_others_is_a_collection(joined):
    assert COLLECTIONS["toolTypes"] is TOOL_TYPES


def test_the_client_lists_it_and_the_sandbox_serves_it(joined, seventime_sandbox):
    seventime_sandbox.load({"toolTypes": [{"_id": "t1", "toolTypeName": "Slagborr"}]})

    assert list(SevenTimeHook().list("toolTypes")) == [{"_id": "t1", "toolTypeName": "Slagborr"}]


def test_what_it_does_not_have_is_refused(joined, seventime_sandbox):
    with pytest.raises(ConfigError, match="toolTypes has no create: it has list"):
        SevenTimeHook().create("toolTypes", {"toolTypeName": "Såg"})


def test_a_name_near_it_is_suggested(joined, seventime_sandbox):
    with pytest.raises(ConfigError, match="did you mean 'toolTypes'"):
        SevenTimeHook().list("tooltypes")


def test_the_openapi_document_describes_it(joined):
    assert any("toolTypes" in path for path in build_openapi(COLLECTIONS)["paths"])
