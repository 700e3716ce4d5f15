"""A new lookup table needs one CollectionSpec and no other line of code."""

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
def new_collection(monkeypatch):
    """Add a collection to a module, and read the module again as an import of the registry does."""
    monkeypatch.setattr(work, "TOOL_TYPES", TOOL_TYPES, raising=False)
    for name, collection in collections_in([work]).items():
        monkeypatch.setitem(COLLECTIONS, name, collection)


def test_the_registry_finds_a_new_collection(new_collection):
    assert COLLECTIONS["toolTypes"] is TOOL_TYPES


def test_hook_and_sandbox_support_it(new_collection, seventime_sandbox):
    seventime_sandbox.load({"toolTypes": [{"_id": "t1", "toolTypeName": "Slagborr"}]})

    assert list(SevenTimeHook().list("toolTypes")) == [{"_id": "t1", "toolTypeName": "Slagborr"}]


def test_an_operation_that_it_does_not_have_is_refused(new_collection, seventime_sandbox):
    with pytest.raises(ConfigError, match="toolTypes has no create: it has list"):
        SevenTimeHook().create("toolTypes", {"toolTypeName": "Såg"})


def test_its_name_is_suggested_for_a_similar_one(new_collection, seventime_sandbox):
    with pytest.raises(ConfigError, match="did you mean 'toolTypes'"):
        SevenTimeHook().list("tooltypes")


def test_the_openapi_document_describes_it(new_collection):
    assert any("toolTypes" in path for path in build_openapi(COLLECTIONS)["paths"])
