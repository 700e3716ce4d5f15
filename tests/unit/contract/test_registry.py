"""Collections of the contract: they are found by name and are consistent."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.contract.checking import ACTING_USER_FIELDS, record_model
from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.registry import COLLECTIONS, find_collection
from airflow_provider_seventime.contract.spec import FieldKind, FilterKind, Write
from airflow_provider_seventime.exceptions import ConfigError

EVERY = list(COLLECTIONS.values())
UPDATABLE = [collection for collection in EVERY if collection.update]
WRITES: tuple[Write, ...] = ("create", "update", "delete")
MAIN_JOB = {
    "customers", "users", "projects", "workOrders", "timeCategories", "timeLogs", "invoices", "invoiceTags",
    "supplierInvoices", "companyInformation",
}  # fmt: skip
# Filters by lists and objects of a record, or by fields that no sample has.
NOT_PLAIN = {"department", "defaultSalaryType", "userSkills", "users", "attestFlag", "obliterateFlag"}


class TestFinding:
    def test_by_the_apis_own_name(self, subtests):
        for name in COLLECTIONS:
            with subtests.test(name):
                assert find_collection(name).name == name

    @pytest.mark.parametrize(
        ("wrong", "right"),
        [("timelogs", "timeLogs"), ("TimeLogs", "timeLogs"), ("time_logs", "timeLogs"), ("invoice", "invoices"),
         ("supplierinvoices", "supplierInvoices"), ("workorder", "workOrders"), (" users ", "users")],
    )  # fmt: skip
    def test_a_wrong_name_is_refused_with_the_nearest_one(self, wrong, right):
        with pytest.raises(ConfigError) as caught:
            find_collection(wrong)
        assert str(caught.value) == f"unknown collection {wrong!r}: did you mean {right!r}?"

    @pytest.mark.parametrize("wrong", ["", "zzzzzzzz", None, 5], ids=repr)
    def test_a_name_without_a_similar_one_is_refused_with_the_list(self, wrong):
        with pytest.raises(ConfigError, match=r"^unknown collection .*: known are: .*customers, .*timeLogs, "):
            find_collection(wrong)

    @pytest.mark.parametrize(
        ("name", "operation", "said"),
        [
            ("companyInformation", "list", "companyInformation has no list: it has get"),
            ("timeCategories", "create", "timeCategories has no create: it has get, list"),
            ("invoiceTags", "get", "invoiceTags has no get: it has list"),
        ],
    )
    def test_an_operation_that_a_collection_does_not_have_is_refused(self, name, operation, said):
        with pytest.raises(ConfigError) as caught:
            find_collection(name, operation)
        assert str(caught.value) == said

    @pytest.mark.parametrize("write", WRITES)
    def test_a_collection_without_writes_has_no_model(self, write):
        with pytest.raises(ConfigError, match=f"^timeCategories has no {write}: it has get, list$"):
            record_model(COLLECTIONS["timeCategories"], write)


class TestCollections:
    def test_models_of_writes_can_be_loaded(self, subtests):
        for collection in EVERY:
            for write in WRITES:
                if write not in collection.operations:
                    continue
                with subtests.test(f"{collection.name}.{write}"):
                    model = record_model(collection, write)
                    assert issubclass(model, Record)
                    assert ("_id" in model.field_names()) == (write != "create")

    def test_updates_have_a_field_for_the_acting_user(self, subtests):
        for collection in UPDATABLE:
            with subtests.test(collection.name):
                assert ACTING_USER_FIELDS["update"] in record_model(collection, "update").field_names()

    def test_named_fields_are_fields(self, subtests):
        for collection in EVERY:
            with subtests.test(collection.name):
                named = {collection.number_field, collection.status_field, collection.reference_field} - {None}
                if collection.name in MAIN_JOB:
                    named |= {collection.name_field}
                assert named <= set(collection.fields)

    def test_chosen_numbers_are_texts(self, subtests):
        chosen = [collection for collection in EVERY if collection.chosen_numbers]
        assert chosen
        for collection in chosen:
            with subtests.test(collection.name):
                assert {collection.fields[name] for name in collection.chosen_numbers} == {FieldKind.TEXT}

    def test_a_reference_field_is_a_text_that_can_be_written_and_changed(self, subtests):
        for collection in [collection for collection in EVERY if collection.reference_field]:
            with subtests.test(collection.name):
                assert collection.fields[collection.reference_field] is FieldKind.TEXT
                assert collection.reference_field in record_model(collection, "create").field_names()
                assert collection.reference_field in record_model(collection, "update").field_names()

    def test_a_reference_search_names_existing_filters_and_fields(self, subtests):
        for collection in EVERY:
            with subtests.test(collection.name):
                search = collection.reference_search
                assert {search.from_filter, search.to_filter, search.owner_filter} - {None} <= set(collection.filters)
                writable = set(record_model(collection, "create").field_names()) if collection.create else set()
                assert {search.date_field, search.owner_field} - {None} <= writable
                if search.owner_resource:
                    assert search.owner_value in COLLECTIONS[search.owner_resource].fields

    def test_filters_of_the_main_collections_compare_documented_fields(self, subtests):
        for name in sorted(MAIN_JOB):
            with subtests.test(name):
                filters = COLLECTIONS[name].filters.items()
                looked_at = {field for filter_name, known in filters for field in (known.field or filter_name).split()}
                assert looked_at - set(COLLECTIONS[name].fields) <= NOT_PLAIN | {"modifiedDate"}

    def test_filters_by_code_have_their_codes(self, subtests):
        for collection in EVERY:
            for name, known in collection.filters.items():
                with subtests.test(f"{collection.name}: {name}"):
                    assert (known.kind is FilterKind.CODE) == (known.codes is not None)

    def test_codes_belong_to_a_status_field(self, subtests):
        for collection in EVERY:
            with subtests.test(collection.name):
                assert collection.status_codes is None or collection.status_field

    def test_an_update_has_the_fields_that_it_restates(self, subtests):
        for collection in UPDATABLE:
            with subtests.test(collection.name):
                assert set(collection.restated_on_update) <= set(record_model(collection, "update").field_names())

    def test_are_immutable(self, subtests):
        for collection in EVERY:
            with subtests.test(collection.name), pytest.raises(AttributeError):
                collection.name = "other"  # type: ignore[misc]


def test_the_main_collections_exist():
    assert set(COLLECTIONS) >= MAIN_JOB


def test_the_collections_with_a_filter_by_time_of_change_are_the_documented_ones():
    """Invoices are not among them. A collection with ``lastModified`` can be synced by ``mode="incremental"``."""
    documented = {"customers", "expenses", "projects", "supplierInvoices", "timeLogs", "workOrders"}
    found = {name for name, collection in COLLECTIONS.items() if "lastModified" in collection.filters}
    assert found == documented, "if the vendor documents lastModified for this collection, add it to this set"
