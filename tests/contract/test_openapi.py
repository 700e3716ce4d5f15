"""The OpenAPI document and the page of operations: up to date, valid, and consistent with contract and samples."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from airflow_provider_seventime.contract.codes import InvoiceStatus
from airflow_provider_seventime.contract.openapi import build_openapi, openapi_text
from airflow_provider_seventime.contract.operations_table import operations_page
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec, FieldKind, Filter, FilterKind

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
COMPLETE_RECORDS = json.loads((HERE / "records.json").read_text(encoding="utf-8"))
DOCUMENTED = json.loads((HERE / "operations.json").read_text(encoding="utf-8"))
SAMPLES = sorted(HERE.glob("samples/v2*/*.json"))
DOCUMENT = build_openapi(COLLECTIONS)
METHODS = {"list": "get", "get": "get", "create": "post", "update": "put", "delete": "delete"}


def operations(document=DOCUMENT):
    return {
        described["operationId"]: (path, method, described)
        for path, item in document["paths"].items()
        for method, described in item.items()
    }


def validator(schema, document=DOCUMENT):
    """Return the validator of a schema that refers to others of the document."""
    resolving = {**schema, "components": document["components"]}
    return Draft202012Validator(resolving, format_checker=Draft202012Validator.FORMAT_CHECKER)


def problems_of(schema, value):
    return [f"{error.json_path}: {error.message}" for error in validator(schema).iter_errors(value)]


def content(part):
    return part["content"]["application/json"]["schema"]


class TestKeptFiles:
    @pytest.mark.parametrize(
        ("name", "made"),
        [
            pytest.param("openapi.json", lambda: openapi_text(build_openapi(COLLECTIONS)), id="openapi"),
            pytest.param("operations.md", lambda: operations_page(COLLECTIONS), id="operations"),
        ],
    )
    def test_are_up_to_date(self, name, made):
        kept = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert kept == made(), f"docs/{name} is not what the contract gives: run make openapi"

    def test_the_document_is_sorted_and_ends_with_a_newline(self):
        text = openapi_text({"b": 1, "a": "å"})
        assert text == '{\n  "a": "å",\n  "b": 1\n}\n'


class TestDocument:
    def test_is_valid(self):
        assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []

    def test_has_every_operation_of_the_contract_once(self):
        described = [one for item in DOCUMENT["paths"].values() for one in item.values()]
        assert len(described) == sum(len(collection.operations) for collection in COLLECTIONS.values())
        assert len({one["operationId"] for one in described}) == len(described)

    def test_has_every_operation_of_the_vendors_documents(self):
        wanted = {
            (f"/{one['path'].replace('<_id>', '{id}')}", one["method"].lower())
            for one in DOCUMENTED
            if one["edition"] != "v1"
        }
        assert wanted == {(path, method) for path, method, _ in operations().values()}

    def test_every_operation_has_every_error(self):
        for path, method, described in operations().values():
            statuses = set(described["responses"])
            assert {"400", "401", "403", "404", "429", "500", "503"} <= statuses, (method, path)
            assert len(statuses & {"200", "201"}) == 1, (method, path)

    def test_every_tag_is_described(self):
        used = {tag for _, _, described in operations().values() for tag in described["tags"]}
        assert used == {tag["name"] for tag in DOCUMENT["tags"]}

    def test_every_component_is_used(self):
        text = json.dumps(DOCUMENT)
        for kind in ("schemas", "parameters", "responses"):
            for name in DOCUMENT["components"][kind]:
                assert f'"#/components/{kind}/{name}"' in text, name

    @pytest.mark.parametrize(
        ("operation", "path", "method"),
        [
            pytest.param("listTimeLogs", "/timeLogs", "get", id="list"),
            pytest.param("getTimeCategory", "/timeCategories/{id}", "get", id="get"),
            pytest.param("getCompanyInformation", "/companyInformation", "get", id="singleton"),
            pytest.param("createInvoice", "/invoices", "post", id="create"),
            pytest.param("updateExpense", "/expenses", "put", id="update"),
            pytest.param("deleteWorkOrder", "/workOrders", "delete", id="delete"),
            pytest.param("deleteWebhookSubscription", "/webhookSubscriptions/{id}", "delete", id="delete-by-path"),
            pytest.param("stopTimer", "/stopTimer", "post", id="action"),
            pytest.param("analyseQuotes", "/analytics/quotes", "post", id="analyse"),
        ],
    )
    def test_operations_are_where_the_api_has_them(self, operation, path, method):
        assert operations()[operation][:2] == (path, method)

    @pytest.mark.parametrize(
        ("operation", "chapter"),
        [
            ("listUserRoles", "Users"),
            ("listProjectTags", "Projects"),
            ("listProjects", "Projects"),
            ("listTimeCategories", "Time categories"),
            ("startTimer", "Timers"),
        ],
    )
    def test_lookup_tables_are_in_the_chapter_of_their_collection(self, operation, chapter):
        assert operations()[operation][2]["tags"] == [chapter]


class TestParameters:
    def parameters(self, operation):
        named = operations()[operation][2].get("parameters", [])
        shared = DOCUMENT["components"]["parameters"]
        resolved = [shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in named]
        return {one["name"]: one for one in resolved}

    def test_a_list_with_pages_has_filters_sort_and_pages(self):
        names = set(self.parameters("listCustomers"))
        assert names == {*COLLECTIONS["customers"].filters, "sortBy", "sortDirection", "limit", "page"}

    def test_a_list_without_pages_has_none_of_their_parameters(self):
        assert set(self.parameters("listProjectTags")) == {"sortBy", "sortDirection"}

    def test_a_required_filter_is_required(self):
        assert self.parameters("listSupplementOrders")["project"]["required"] is True
        assert self.parameters("listTimeLogs")["project"]["required"] is False

    def test_a_filter_by_code_has_the_codes(self):
        schema = self.parameters("listStatuses")["entityType"]["schema"]
        assert validator(schema).is_valid(400)
        assert not validator(schema).is_valid(401)


class TestRecords:
    @pytest.mark.parametrize("write", ["create", "update", "delete"])
    def test_require_what_the_models_require(self, write):
        schema = content(operations()[f"{write}Invoice"][2]["requestBody"])
        required = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["required"]
        assert (
            required
            == {
                "create": ["createdByUser", "customer", "language"],
                "update": ["_id"],
                "delete": ["_id", "deletedByUser"],
            }[write]
        )

    @pytest.mark.parametrize(
        ("schema", "value", "valid"),
        [
            pytest.param("TimeLogCreate", {"timestamp": "2026-10-01 08:00"}, True, id="minutes"),
            pytest.param("TimeLogCreate", {"timestamp": "2026-10-01 08:00:30"}, True, id="seconds"),
            pytest.param("TimeLogCreate", {"timestamp": "2026-10-01T08:00"}, False, id="not-as-iso"),
            pytest.param("TimeLogCreate", {"timestamp": "2026-10-01 24:00"}, False, id="no-such-hour"),
            pytest.param("TimeLogCreate", {"user": "5f48eb3e65d7ee4942c46eeb"}, True, id="id"),
            pytest.param("TimeLogCreate", {"user": "571f61330c7f498a2d-x"}, True, id="id-of-another-shape"),
            pytest.param("TimeLogCreate", {"user": " "}, False, id="blank-id"),
            pytest.param("TimeLogCreate", {"user": "users/1"}, False, id="id-with-a-slash"),
            pytest.param("UserCreate", {"firstName": " "}, False, id="blank-text"),
            pytest.param("UserCreate", {"firstName": "Eva Maria"}, True, id="text"),
            pytest.param("TimeLogCreate", {"hours": 8}, False, id="unknown-field"),
            pytest.param("TaskCreate", {"whatever": 8}, True, id="unknown-field-of-a-loose-record"),
            pytest.param("InvoiceCreate", {"invoiceStatus": 2}, True, id="status-of-a-new-invoice"),
            pytest.param("InvoiceCreate", {"invoiceStatus": 3}, False, id="status-that-no-new-invoice-has"),
            pytest.param("InvoiceUpdate", {"invoiceStatus": 3}, True, id="status-of-an-old-invoice"),
            pytest.param("InvoiceCreate", {"taxPercent": 25}, True, id="tax"),
            pytest.param("InvoiceCreate", {"taxPercent": 20}, False, id="no-such-tax"),
            pytest.param("InvoiceCreate", {"invoiceItems": []}, False, id="no-rows"),
            pytest.param("InvoiceCreate", {"invoiceItems": [{"itemType": "timelog"}]}, False, id="other-spelling"),
            pytest.param("WorkOrderCreate", {"color": "9c27b0"}, True, id="colour"),
            pytest.param("WorkOrderCreate", {"color": "red"}, False, id="no-such-colour"),
            pytest.param("WebhookSubscriptionCreate", {"events": ["invoice.sent"]}, True, id="event"),
            pytest.param("WebhookSubscriptionCreate", {"events": ["invoice.lost"]}, False, id="no-such-event"),
            pytest.param("DeductionItem", {"distributionPercent": 0}, False, id="share"),
        ],
    )
    def test_accept_the_values_that_the_models_accept(self, schema, value, valid):
        (name,) = value
        described = DOCUMENT["components"]["schemas"][schema]
        fields = {"properties": described["properties"], "additionalProperties": described["additionalProperties"]}
        assert validator(fields).is_valid(value) is valid, name

    def test_accept_a_complete_record(self, subtests):
        for name in [name for name in COMPLETE_RECORDS if name != "webhookSubscriptions.delete"]:
            with subtests.test(name):
                collection, write = name.split(".")
                body = content(DOCUMENT["paths"][f"/{collection}"][METHODS[write]]["requestBody"])
                assert problems_of(body, COMPLETE_RECORDS[name]) == []

    def test_are_not_sent_where_the_path_has_the_id(self):
        assert "requestBody" not in operations()["deleteWebhookSubscription"][2]

    def test_describe_when_a_field_is_required(self):
        fields = DOCUMENT["components"]["schemas"]["InvoiceItem"]["properties"]
        assert fields["expenseItem"]["description"] == "Required when itemType is expense."

    def test_name_their_codes(self):
        schema = DOCUMENT["components"]["schemas"]["InvoiceStatus"]
        assert schema["enum"] == [int(status) for status in InvoiceStatus]
        assert schema["x-enum-varnames"] == [status.name for status in InvoiceStatus]
        assert "3 is paid" in schema["description"]


class TestSamples:
    def test_there_are_some(self):
        assert len(SAMPLES) > 60

    def test_of_responses_are_valid(self, subtests):
        for sample in SAMPLES:
            with subtests.test(f"{sample.parent.name}/{sample.stem}"):
                collection, _, operation = sample.stem.rpartition(".")
                path = f"/{collection}/{{id}}" if operation == "get" else f"/{collection}"
                answered = content(DOCUMENT["paths"][path][METHODS[operation]]["responses"]["200"])
                assert problems_of(answered, json.loads(sample.read_text(encoding="utf-8"))) == []


LOOKUP = CollectionSpec(
    name="truckSizes",
    paged=False,
    gettable=False,
    filters=MappingProxyType({"depot": Filter(FilterKind.ID, required=True)}),
    fields={"sizeName": FieldKind.TEXT},
)


class TestNewCollection:
    def test_needs_no_other_line(self):
        document = build_openapi({"truckSizes": LOOKUP})
        assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
        path, method, described = operations(document)["listTruckSizes"]
        assert (path, method, described["tags"]) == ("/truckSizes", "get", ["Truck sizes"])
        answered = validator(content(described["responses"]["200"]), document)
        assert answered.is_valid({"data": [{"_id": "a", "sizeName": None, "more": 1}]})
        assert not answered.is_valid({"data": [{"_id": "a", "sizeName": 1}]})
        page = operations_page({"truckSizes": LOOKUP})
        assert "| `truckSizes` | list | **`depot`** |  | the list has no pages |" in page

    def test_must_not_have_the_name_of_another_schema(self):
        clashing = CollectionSpec(name="apiErrors", gettable=False, fields={})
        with pytest.raises(ValueError, match="two schemas of the OpenAPI document have the name 'ApiError'"):
            build_openapi({"apiErrors": clashing})
