"""Batches: one search for all records, every record tried, failures listed, and only the rest in a retry."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.providers.common.compat.sdk import DAG

from airflow_provider_seventime.exceptions import BatchError, RateLimitedError, ServerError
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.operators.records import SevenTimeCreateOperator
from tests.one_line import one_line

COUNT = 6
# A 500 before the work, as often as a record is sent in one try: three posts.
THREE_LOST_POSTS = {"kind": "status", "method": "POST", "collection": "invoices", "times": 3}


@pytest.fixture
def invoices(invoice):
    return [{**invoice, "marking": f"nr {index}"} for index in range(COUNT)]


@pytest.fixture
def create(context):
    def run(records, *, try_number=1, resource="invoices", store=None, **arguments):
        operator = SevenTimeCreateOperator(task_id="create", resource=resource, records=records, **arguments)
        task = context(task_id="create", try_number=try_number)
        if store is not None:
            task = {**task, "task_state_store": store}
        return operator.execute(task)

    return run


@pytest.fixture
def new_records(sandbox):
    before = {record["_id"] for record in sandbox.records("invoices")}

    def since(collection="invoices"):
        return [record for record in sandbox.records(collection) if record["_id"] not in before]

    return since


def test_every_record_is_created_after_one_search(create, invoices, new_records, requests_made):
    outcomes = create(invoices)

    assert requests_made() == ["GET /api/2/invoices"] + ["POST /api/2/invoices"] * COUNT
    assert [outcome["_id"] for outcome in outcomes] == [record["_id"] for record in new_records()]
    assert [record["marking"] for record in new_records()] == [record["marking"] for record in invoices]
    assert all(outcome["created"] and outcome["status"] == "draft" for outcome in outcomes)


def test_a_second_try_finds_them_all_with_one_request(create, invoices, new_records, requests_made, sandbox):
    first = create(invoices)
    sandbox.clear_journal()

    second = create(invoices, try_number=2)

    assert requests_made() == ["GET /api/2/invoices"]
    assert [{**outcome, "created": True} for outcome in second] == first
    assert len(new_records()) == COUNT


def test_every_record_is_tried_and_failures_are_listed_by_index(create, invoices, new_records, sandbox):
    invoices[1]["customer"] = "6abe2f20c0ffee5eed0f0001"
    invoices[4]["project"] = "6abe2f20c0ffee5eed0f0002"

    with pytest.raises(PermanentTaskError) as caught:
        create(invoices)

    error = caught.value.__cause__
    assert isinstance(error, BatchError)
    assert (list(error.failures), list(error.ids), error.untried) == ([1, 4], [0, 2, 3, 5], ())
    assert list(error.ids.values()) == [record["_id"] for record in new_records()]
    text = str(caught.value)
    assert text.startswith(
        "invoices: 2 of 6 records failed, 4 exist.\nAnother try creates only the missing ones:\n  - [1] "
    )
    assert "6abe2f20c0ffee5eed0f0001" in text
    assert "6abe2f20c0ffee5eed0f0002" in text


def test_another_try_creates_only_the_rest(create, invoices, new_records, sandbox, requests_made):
    sandbox.set_faults([THREE_LOST_POSTS])
    with pytest.raises(BatchError) as caught:
        create(invoices)
    assert caught.value.transient
    assert isinstance(caught.value.failures[0], ServerError)
    assert len(new_records()) == COUNT - 1
    sandbox.clear_journal()

    outcomes = create(invoices, try_number=2)

    assert [outcome["created"] for outcome in outcomes] == [True] + [False] * (COUNT - 1)
    assert len(new_records()) == COUNT
    assert requests_made("POST") == ["POST /api/2/invoices"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_response_within_a_batch_is_searched_for(create, invoices, new_records, sandbox, when):
    sandbox.set_faults(
        [{"kind": "reset", "method": "POST", "when": when, "times": None, "probability": 0.4, "seed": 3}]
    )
    outcomes = create(invoices)
    assert len(new_records()) == COUNT
    assert {outcome["_id"] for outcome in outcomes} == {record["_id"] for record in new_records()}


def test_a_refused_key_ends_the_batch(create, invoices, new_records, sandbox):
    sandbox.set_faults([{"kind": "status", "status": 401, "method": "POST", "times": None}])
    with pytest.raises(PermanentTaskError, match="1 of 6 records failed, 0 exist, 5 were not tried") as caught:
        create(invoices)
    cause: Any = caught.value.__cause__
    assert cause.untried == (1, 2, 3, 4, 5)


def test_ten_transient_failures_in_a_row_end_the_batch(create, invoice, new_records, sandbox, requests_made):
    sandbox.set_faults([{"kind": "status", "status": 503, "method": "POST", "times": None}])
    with pytest.raises(BatchError, match="10 of 40 records failed, 0 exist, 30 were not tried") as caught:
        create([invoice] * 40)
    assert caught.value.transient
    sandbox.clear_faults()
    assert len(create([invoice] * 40, try_number=2)) == 40
    assert len(new_records()) == 40


def test_the_error_has_the_longest_retry_after(create, invoices, sandbox):
    sandbox.set_faults(
        [
            {"kind": "status", "status": 429, "method": "POST", "retry_after": 300, "times": 1},
            {"kind": "status", "status": 429, "method": "POST", "retry_after": 900, "times": 1},
        ]
    )
    with pytest.raises(BatchError) as caught:
        create(invoices)
    assert all(isinstance(error, RateLimitedError) for error in caught.value.failures.values())
    assert caught.value.retry_after_seconds == 900


def test_given_references_hold_across_runs_and_orders(create, invoices, new_records):
    names = [f"hours-{index}" for index in range(COUNT)]
    first = create(invoices, reference=names)
    second = create(invoices[::-1], reference=names[::-1])
    assert [outcome["_id"] for outcome in second] == [outcome["_id"] for outcome in first][::-1]
    assert len(new_records()) == COUNT


def test_a_reference_on_another_customers_record_fails_only_that_record(create, invoices, new_records, sandbox):
    create(invoices[:1], reference=["order-1"])
    other = sandbox.records("customers")[1]["_id"]
    with pytest.raises(PermanentTaskError, match="1 of 2 records failed, 1 exist") as caught:
        create([{**invoices[0], "customer": other}, invoices[1]], reference=["order-1", "order-2"])
    assert other in str(caught.value)
    assert len(new_records()) == 2


def test_an_existing_record_may_be_a_failure(create, invoices, new_records):
    create(invoices[:2], reference=["a", "b"])
    with pytest.raises(PermanentTaskError, match=r"(?s)2 of 3 records failed.*\[0\].*'a' is already on.*\[1\].*'b'"):
        create(invoices[:3], reference=["a", "b", "c"], if_exists="fail")
    assert len(new_records()) == 3


@pytest.mark.parametrize(
    ("records", "arguments", "said"),
    [
        ("text", {}, "records must be a list, not str"),
        ({"a": 1}, {}, "records must be a list, not dict"),
        (5, {}, "records must be a list, not int"),
        ([{}, {}], {"reference": "one"}, "reference must be a list with one for each of 2 records, not str"),
        ([{}, {}], {"reference": ["one"]}, "reference must be a list with one for each of 2 records"),
        ([], {"record": {}}, "record and records are both given"),
        (
            [{}, {}],
            {"reference_field": None, "reference": ["a", "b"]},
            "reference is given and reference_field is None",
        ),
    ],
    ids=str,
)
def test_wrong_parameters(create, requests_made, records, arguments, said):
    with pytest.raises(PermanentTaskError, match=said):
        create(records, **arguments)
    assert requests_made() == []


def test_two_records_with_one_reference_are_refused(create, invoices, requests_made):
    with pytest.raises(PermanentTaskError, match=r"the reference 'a' is on both records \[0\] and \[2\]"):
        create(invoices[:3], reference=["a", "b", " a "])
    assert requests_made() == []


def test_two_references_that_compare_as_equal_are_refused(create, invoices, requests_made):
    with pytest.raises(PermanentTaskError) as caught:
        create(invoices[:2], reference=["order 1", "ORDER  1"])
    message = "the reference 'ORDER 1' is on both records [0] and [1] (the reference 'order 1' counts as the same)"
    assert message in one_line(caught.value)
    assert requests_made() == []


def test_records_whose_references_were_rewritten_are_found(create, invoices, new_records, sandbox):
    create(invoices[:2], reference=["order 1", "it's 2"])
    for record in new_records():
        rewritten = record["notes"].upper().replace("'", "&#39;").replace(" ", "\u00a0")
        sandbox.load({"invoices": [{**record, "notes": rewritten}]})
    assert [result["created"] for result in create(invoices[:2], reference=["order 1", "it's 2"])] == [False, False]


def test_all_problems_of_all_records_are_listed_before_anything_is_sent(create, invoices, requests_made):
    del invoices[1]["language"]
    invoices[3] = "text"
    invoices[4]["invoiceItemz"] = []
    with pytest.raises(PermanentTaskError) as caught:
        create(invoices)
    assert "3 problems" in str(caught.value)
    assert all(part in str(caught.value) for part in ("[1] language: required", "[3] must be", "[4] invoiceItemz: "))
    assert requests_made() == []


def test_an_empty_list_sends_nothing(create, requests_made):
    assert create([]) == []
    assert requests_made() == []


class TestWithoutKeys:
    """Contact persons have no field for a reference and no number, so a search cannot find them."""

    @pytest.fixture
    def people(self, customer_id):
        return [{"name": f"Person {index}", "customer": customer_id} for index in range(4)]

    def test_they_are_created(self, create, people, sandbox, requests_made):
        outcomes = create(people, resource="contactPersons")
        assert requests_made() == ["POST /api/2/contactPersons"] * 4
        names = {record["_id"]: record["name"] for record in sandbox.records("contactPersons")}
        assert [names[outcome["_id"]] for outcome in outcomes] == [person["name"] for person in people]

    def test_a_lost_response_ends_the_task(self, create, people, sandbox):
        sandbox.set_faults([{"kind": "reset", "method": "POST", "when": "after"}])
        with pytest.raises(PermanentTaskError) as caught:
            create(people, resource="contactPersons")
        cause: Any = caught.value.__cause__
        assert not cause.transient
        assert "1 of 4 records failed, 3 exist. They have no reference" in one_line(caught.value)
        assert "[0] contactPersons: the record was sent and the response was lost" in one_line(caught.value)

    def test_a_batch_without_effect_may_be_retried(self, create, people, sandbox):
        before = len(sandbox.records("contactPersons"))
        sandbox.set_faults([{"kind": "status", "status": 429, "retry_after": 900, "method": "POST", "times": None}])
        with pytest.raises(BatchError, match="4 of 4 records failed, 0 exist"):
            create(people, resource="contactPersons")
        sandbox.clear_faults()
        create(people, resource="contactPersons", try_number=2)
        assert len(sandbox.records("contactPersons")) == before + 4


def test_templates_are_rendered_inside_the_records(context, invoices, new_records):
    with DAG("billing", schedule=None):
        operator = SevenTimeCreateOperator(
            task_id="create",
            resource="invoices",
            records=[{**invoices[0], "notes": "{{ month }}"}],
            reference=["hours-{{ month }}"],
        )
    task: Any = {**context(), "month": "september"}
    operator.render_template_fields(task)
    operator.execute(task)
    assert new_records()[0]["notes"] == "september\n[ref: hours-september]"
