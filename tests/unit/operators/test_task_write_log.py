"""Write log of a task instance on Airflow 3.3 and later, and tries without one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from airflow_provider_seventime.api.writing.notes import UNCERTAIN_SECONDS
from airflow_provider_seventime.api.writing.write_log import STATE_KEY
from airflow_provider_seventime.exceptions import AmbiguousWriteError, RateLimitedError
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError
from airflow_provider_seventime.operators.invoices import CreateInvoiceOperator
from airflow_provider_seventime.operators.records import SevenTimeCreateOperator
from airflow_provider_seventime.operators.task_write_log import is_unique_run
from tests.one_line import one_line

NOON = datetime(2026, 10, 1, 10, 0, 0, 123456, tzinfo=UTC)


@dataclass
class Run:
    """DAG run as Airflow gives it to a task."""

    run_id: str = f"manual__{NOON.isoformat()}"
    run_type: str = "manual"
    run_after: datetime | None = NOON
    start_date: datetime | None = NOON + timedelta(seconds=3)
    clear_number: int = 0


@pytest.fixture
def store(state_store):
    return state_store


@pytest.fixture
def task(context, store):
    return lambda run=None, **instance: {**context(**instance), "task_state_store": store, "dag_run": run or Run()}


@pytest.fixture
def create(invoice, task):
    def run(context=None, **arguments):
        return CreateInvoiceOperator(task_id="create", invoice=invoice, **arguments).execute(context or task())

    return run


@pytest.fixture
def new_records(sandbox):
    before = {record["_id"] for record in sandbox.records("invoices")}
    return lambda: [record for record in sandbox.records("invoices") if record["_id"] not in before]


class TestFirstTryOfAUniqueRun:
    def test_sends_without_a_search(self, create, requests_made):
        assert create()["created"]
        assert requests_made() == ["POST /api/2/invoices"]

    def test_notes_the_write_before_it_is_sent(self, create, store, sandbox):
        sandbox.set_faults([{"kind": "status", "status": 400, "method": "POST"}])
        with pytest.raises(PermanentTaskError):
            create()
        (before,) = store.written
        assert list(before) == ["subject"]

    def test_notes_the_created_record(self, create, store):
        outcome = create()
        assert store.held[STATE_KEY]["_id"] == outcome["_id"]

    def test_searches_for_a_given_reference(self, create, requests_made):
        create(reference="hours-2026-09")
        assert requests_made() == ["GET /api/2/invoices", "POST /api/2/invoices"]

    def test_searches_after_a_lost_response(self, create, new_records, sandbox, requests_made):
        sandbox.set_faults([{"kind": "reset", "method": "POST", "when": "after"}])
        assert create()["created"]
        assert requests_made() == ["POST /api/2/invoices", "GET /api/2/invoices"]
        assert len(new_records()) == 1

    def test_deletes_the_note_of_a_write_without_effect(self, create, store, sandbox):
        sandbox.set_faults([{"kind": "status", "status": 429, "retry_after": 900, "method": "POST"}])
        with pytest.raises(RateLimitedError):
            create()
        assert store.held == {}


@pytest.mark.parametrize(
    "run",
    [
        Run(run_id="scheduled__2026-10-01T10:00:00.123456+00:00", run_type="scheduled"),
        Run(run_id="backfill__2026-10-01T10:00:00.123456+00:00", run_type="backfill"),
        Run(run_id="order-17"),
        Run(start_date=NOON + timedelta(minutes=11)),
        Run(start_date=NOON - timedelta(minutes=11)),
        Run(start_date=None),
        Run(run_after=None),
        Run(clear_number=1),
    ],
    ids=["scheduled", "backfill", "an id of ones own", "late", "early", "no start", "no due time", "cleared"],
)
def test_a_run_whose_id_may_return_searches_first(create, task, requests_made, run):
    create(task(run))
    assert requests_made() == ["GET /api/2/invoices", "POST /api/2/invoices"]


@pytest.mark.parametrize("run_type", ["manual", "asset_triggered", "operator_triggered"])
def test_a_run_that_airflow_named_by_its_moment_is_unique(run_type):
    assert is_unique_run(Run(run_id=f"{run_type}__{NOON.isoformat()}_a7b8", run_type=run_type))
    assert not is_unique_run(None)


class TestLaterTry:
    def test_finds_the_record_of_a_try_that_was_killed_after_sending(
        self, create, task, store, new_records, requests_made, sandbox, clock
    ):
        create()
        store.forget_ids()  # killed before it was noted
        sandbox.clear_journal()

        assert not create(task(try_number=2))["created"]

        assert requests_made() == ["GET /api/2/invoices"]
        assert len(new_records()) == 1

    def test_searches_twice_if_an_earlier_try_may_have_sent_the_record(
        self, create, task, store, new_records, requests_made, clock, sandbox
    ):
        outcome = create()
        store.forget_ids()
        sandbox.sandbox.operations.write(
            _invoices(), "delete", {"_id": outcome["_id"], "deletedByUser": sandbox.acting_user_id}
        )
        sandbox.clear_journal()
        clock.now += UNCERTAIN_SECONDS

        assert create(task(try_number=2))["created"]

        noted = f"GET /api/2/invoices/{outcome['_id']}"
        assert requests_made() == ["GET /api/2/invoices"] * 2 + [noted, "POST /api/2/invoices"]
        assert 6.0 in clock.slept

    def test_searches_once_if_nothing_was_sent(self, create, task, requests_made, clock):
        create(task(try_number=2))
        assert requests_made() == ["GET /api/2/invoices", "POST /api/2/invoices"]
        assert 6.0 not in clock.slept

    def test_returns_the_noted_record_even_without_its_reference(
        self, create, task, new_records, sandbox, requests_made
    ):
        first = create()
        (record,) = new_records()
        sandbox.load({"invoices": [{**record, "notes": "Ändrad för hand", "invoiceDate": "2020-01-01"}]})
        sandbox.clear_journal()

        again = create(task(try_number=2))

        assert again == {**first, "created": False}
        assert requests_made() == [f"GET /api/2/invoices/{first['_id']}"]

    def test_refuses_a_noted_record_that_is_obliterated(self, create, task, new_records, sandbox):
        create()
        (record,) = new_records()
        sandbox.load({"invoices": [{**record, "invoiceStatus": 4}]})

        with pytest.raises(PermanentTaskError) as caught:
            create(task(try_number=2))
        assert "which is obliterated" in one_line(caught.value)

    def test_reports_a_noted_record_that_differs(self, create, task, new_records, sandbox):
        create()
        (record,) = new_records()
        (row,) = record["invoiceItems"]
        sandbox.load({"invoices": [{**record, "invoiceItems": [{**row, "unitPrice": 1}]}]})

        result = create(task(try_number=2), if_exists="fail")

        assert (result["_id"], result["created"]) == (record["_id"], False)
        assert result["differs"] == ["invoiceItems[0].unitPrice", "total of invoiceItems"]

    def test_creates_a_deleted_record_again(self, create, task, new_records, sandbox, logs):
        first = create()
        sandbox.sandbox.operations.write(
            _invoices(), "delete", {"_id": first["_id"], "deletedByUser": sandbox.acting_user_id}
        )
        again = create(task(try_number=2))
        assert again["created"]
        assert [record["_id"] for record in new_records()] == [again["_id"]]
        assert "which an earlier try created, has been deleted since" in logs

    def test_ignores_a_note_about_another_subject(self, create, task, new_records):
        first = create(reference="hours-2026-09")
        second = create(task(try_number=2), reference="hours-2026-10")
        assert first["_id"] != second["_id"]
        assert len(new_records()) == 2

    def test_without_a_store_searches_twice(self, create, context, new_records, requests_made, clock):
        create(context(try_number=2))
        assert requests_made() == ["GET /api/2/invoices"] * 2 + ["POST /api/2/invoices"]
        assert 6.0 in clock.slept


class TestWithoutAReference:
    """A contact person has no key."""

    @pytest.fixture
    def person(self, customer_id, task, context):
        def run(context=None, **arguments):
            operator = SevenTimeCreateOperator(
                task_id="person",
                resource="contactPersons",
                record={"name": "Åsa Lindqvist", "customer": customer_id},
                **arguments,
            )
            return operator.execute(context or task())

        return run

    def test_a_record_that_may_have_been_sent_is_not_sent_again(self, person, task, store, sandbox, requests_made):
        person()
        store.forget_ids()
        sandbox.clear_journal()
        with pytest.raises(PermanentTaskError, match="an earlier try sent the record and ended before") as caught:
            person(task(try_number=2))
        assert isinstance(caught.value.__cause__, AmbiguousWriteError)
        assert requests_made() == []

    def test_the_noted_record_is_returned(self, person, task, requests_made, sandbox):
        first = person()
        sandbox.clear_journal()
        assert person(task(try_number=2)) == {**first, "created": False}
        assert requests_made("POST") == []

    def test_without_a_store_another_try_sends_again(self, person, context, requests_made):
        person(context(try_number=2))
        assert requests_made() == ["POST /api/2/contactPersons"]


class TestAUniqueNumber:
    """A user has no field for a reference, and a name that no other has."""

    @pytest.fixture
    def user(self, task, sandbox, context):
        role = str(sandbox.records("userRoles")[0]["userRoleId"])
        record = {
            "firstName": "Åsa",
            "lastName": "Ek",
            "email": "asa@example.se",
            "userName": "asa",
            "userRoleId": role,
        }

        def run(context=None, **changes):
            operator = SevenTimeCreateOperator(task_id="user", resource="users", record={**record, **changes})
            return operator.execute(context or task())

        return run

    def test_finds_the_record_of_an_earlier_try(self, user, context, requests_made):
        first = user(context())
        second = user(context(try_number=2))
        assert second == {**first, "created": False}
        assert requests_made() == ["GET /api/2/users", "POST /api/2/users", "GET /api/2/users"]

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_finds_the_record_after_a_lost_response(self, user, sandbox, when):
        sandbox.set_faults([{"kind": "reset", "method": "POST", "when": when}])
        assert user()["created"]
        assert [one["userName"] for one in sandbox.records("users")].count("asa") == 1

    def test_refuses_a_different_record_after_a_lost_response(self, user, sandbox):
        taken = sandbox.records("users")[1]["userName"]
        sandbox.set_faults([{"kind": "reset", "method": "POST", "when": "before"}])
        with pytest.raises(PermanentTaskError) as caught:
            user(userName=taken)
        assert "which differs in firstName, lastName, email" in one_line(caught.value)


def _invoices():
    from airflow_provider_seventime.contract.registry import COLLECTIONS

    return COLLECTIONS["invoices"]
