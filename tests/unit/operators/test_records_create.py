"""SevenTimeCreateOperator: once where a text field keeps the reference, and honestly where none does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import DAG

from airflow_provider_seventime.exceptions import AmbiguousWriteError, ConfigError, InvalidRecordError
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.operators.default_reference import default_reference
from airflow_provider_seventime.operators.records import SevenTimeCreateOperator
from tests.one_line import one_line


@pytest.fixture
def records(sandbox, customer_id):
    """A record of each of several collections, as a user writes it."""
    distributor_id = sandbox.records("distributors")[0]["_id"]
    return {
        "workOrders": {"title": "Byta säkringar", "customer": customer_id},
        "projects": {"name": "Kvarnen, etapp 2", "customer": customer_id},
        "customers": {"name": "Åkes Bygg AB"},
        "purchaseOrders": {"distributor": distributor_id, "purchaseOrderName": "Kabel"},
        "supplierInvoices": {
            "supplierInvoiceNumber": "F-17",
            "distributor": distributor_id,
            "totalAmountInclTax": "1250.50",
            "invoiceDate": "2026-09-30",
        },
        "contactPersons": {"name": "Åsa Lindqvist", "customer": customer_id},
    }


@pytest.fixture
def create(context, records):
    def created(resource, *, instance=None, record=None, **arguments):
        record = records[resource] if record is None else record
        operator = SevenTimeCreateOperator(task_id="create", resource=resource, record=record, **arguments)
        return operator.execute(context(**(instance or {})))

    return created


@pytest.fixture
def made(sandbox):
    """Return the records of a collection created since the start of the test."""
    collections = ("workOrders", "projects", "customers", "purchaseOrders", "supplierInvoices", "contactPersons")
    before = {one["_id"] for name in collections for one in sandbox.records(name)}
    return lambda resource: [one for one in sandbox.records(resource) if one["_id"] not in before]


REFERRED = {
    "workOrders": "description",
    "projects": "notes",
    "customers": "notes",
    "purchaseOrders": "purchaseOrderInfoName",
    "supplierInvoices": "notes",
}


@pytest.mark.parametrize(("resource", "field"), REFERRED.items(), ids=REFERRED)
def test_a_record_has_the_reference_in_its_collections_own_field(create, made, context, resource, field):
    result = create(resource)

    (record,) = made(resource)
    assert (result["_id"], result["created"]) == (record["_id"], True)
    assert record[field] == f"[ref: {default_reference(context())}]"


@pytest.mark.parametrize("resource", REFERRED)
def test_a_second_try_finds_it(create, made, requests_made, resource):
    first = create(resource)
    second = create(resource, instance={"try_number": 2})

    assert second == {**first, "created": False}
    assert len(made(resource)) == len(requests_made("POST")) == 1


def test_the_summary(create, made):
    result = create("supplierInvoices")

    (record,) = made("supplierInvoices")
    assert result == {
        "_id": record["_id"],
        "supplierInvoiceNumber": "F-17",
        "supplierInvoiceStatus": 1,
        "status": "registered",
        "totalAmountInclTax": str(record["totalAmountInclTax"]),
        "created": True,
        "differs": [],
    }
    assert result["totalAmountInclTax"].startswith("1250.5")
    assert json.loads(json.dumps(result)) == result


def test_the_summary_of_a_collection_without_number_or_status(create, made):
    result = create("contactPersons")
    assert result == {"_id": made("contactPersons")[0]["_id"], "created": True, "differs": []}


def test_a_given_reference_holds_across_runs(create, made):
    first = create("workOrders", reference="sakringar-17")
    second = create("workOrders", reference="sakringar-17", instance={"run_id": "manual__2027-01-01"})

    assert (second["_id"], second["created"]) == (first["_id"], False)
    assert len(made("workOrders")) == 1


def test_another_field_may_have_the_reference(create, made):
    create("workOrders", reference="sakringar-17", reference_field="marking")

    (record,) = made("workOrders")
    assert (record["marking"], record["description"]) == ("[ref: sakringar-17]", "")


def test_an_existing_record_may_be_a_failure(create, made):
    create("projects", reference="kvarnen-2")

    with pytest.raises(PermanentTaskError, match="the reference 'kvarnen-2' is already on"):
        create("projects", reference="kvarnen-2", if_exists="fail")
    assert len(made("projects")) == 1


@pytest.mark.parametrize("resource", ["contactPersons", "workOrders"])
def test_without_a_reference_there_is_no_search(create, made, requests_made, resource):
    arguments = {"reference_field": None} if resource == "workOrders" else {}

    create(resource, **arguments)
    create(resource, **arguments)

    assert requests_made() == [f"POST /api/2/{resource}"] * 2
    assert len(made(resource)) == 2
    assert "[ref:" not in json.dumps(made(resource), default=str)


@pytest.mark.parametrize("when", ["before", "after"])
def test_without_a_reference_a_lost_response_ends_the_task(sandbox, create, requests_made, when):
    sandbox.set_faults([{"method": "POST", "collection": "contactPersons", "kind": "reset", "when": when}])

    with pytest.raises(PermanentTaskError, match="The record may exist or not: look for it") as caught:
        create("contactPersons")

    assert isinstance(caught.value.__cause__, AmbiguousWriteError)
    assert len(requests_made("POST")) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_with_a_reference_a_lost_response_is_searched_for(sandbox, create, made, when):
    sandbox.set_faults([{"method": "POST", "collection": "workOrders", "kind": "reset", "when": when}])

    assert create("workOrders")["created"]
    assert len(made("workOrders")) == 1


def test_stop_timer_returns_the_created_time_log(create, sandbox):
    user_id = sandbox.records("users")[0]["_id"]
    category_id = sandbox.records("timeCategories")[0]["_id"]

    started = create("startTimer", record={"user": user_id, "timeCategory": category_id})
    sandbox.advance(3600)
    stopped = create("stopTimer", record={"user": user_id})

    assert started["created"]
    assert stopped == {"_id": sandbox.records("timeLogs")[-1]["_id"], "created": True, "differs": []}


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        pytest.param("workorders", "unknown collection 'workorders': did you mean 'workOrders'?", id="case"),
        pytest.param("projcts", "did you mean 'projects'?", id="misspelt"),
        pytest.param("", "unknown collection ''", id="rendered-to-nothing"),
        pytest.param("timeCategories", "timeCategories has no create: it has get, list", id="read-only"),
    ],
)
def test_a_wrong_collection(create, requests_made, resource, said):
    with pytest.raises(PermanentTaskError) as caught:
        create(resource, record={"name": "x"})

    assert said in str(caught.value)
    assert isinstance(caught.value.__cause__, ConfigError)
    assert requests_made() == []


@pytest.mark.parametrize("record", ["{'title': 'x'}", None], ids=["text", "none"])
def test_a_record_that_is_no_dict(create, requests_made, context, record):
    operator = SevenTimeCreateOperator(task_id="create", resource="workOrders", record=record)

    with pytest.raises(PermanentTaskError, match="record must be a dict in the API's terms, not "):
        operator.execute(context())
    assert requests_made() == []


def test_every_problem_of_a_record_is_listed(create, requests_made):
    with pytest.raises(PermanentTaskError) as caught:
        create("workOrders", record={"titel": "x", "billingMethod": "FIXED_PRICE"})

    assert isinstance(caught.value.__cause__, InvalidRecordError)
    for problem in (
        "titel: unknown field; did you mean 'title'?",
        "title: required",
        "customer: required",
        "fixedPrice: required when billingMethod is FIXED_PRICE",
    ):
        assert f"\n  - {problem}" in str(caught.value)
    assert requests_made() == []


@pytest.mark.parametrize(
    ("resource", "arguments", "said"),
    [
        pytest.param("contactPersons", {"reference": "x"}, "has no text field for a reference", id="no-field"),
        pytest.param("workOrders", {"reference": "x", "reference_field": None}, "reference_field is None", id="both"),
        pytest.param("workOrders", {"reference_field": "descripton"}, "did you mean 'description'?", id="misspelt"),
        pytest.param("workOrders", {"reference": ""}, "reference is empty", id="rendered-to-nothing"),
        pytest.param("workOrders", {"if_exists": "skip"}, "none of 'return', 'match' and 'fail'", id="if-exists"),
    ],
)
def test_wrong_parameters(create, requests_made, resource, arguments, said):
    with pytest.raises(PermanentTaskError) as caught:
        create(resource, **arguments)

    assert said in one_line(caught.value)
    assert requests_made("POST") == []


def test_templates(context, customer_id, made):
    operator = SevenTimeCreateOperator(
        task_id="create",
        resource="{{ params.what }}",
        record={"title": "{{ params.title }}", "customer": "{{ params.customer }}"},
        reference="{{ params.order }}",
    )
    params = {"what": "workOrders", "title": "Byta säkringar", "customer": customer_id, "order": "order-17"}
    rendering: Any = {**context(), "params": params}

    operator.render_template_fields(rendering)
    operator.execute(rendering)

    (record,) = made("workOrders")
    assert (record["title"], record["description"]) == ("Byta säkringar", "[ref: order-17]")


def test_the_operator_can_be_mapped(records):
    with DAG("mapped", schedule=None):
        mapped = SevenTimeCreateOperator.partial(task_id="create", resource="workOrders").expand(
            record=[records["workOrders"]]
        )

    assert mapped.partial_kwargs["resource"] == "workOrders"
