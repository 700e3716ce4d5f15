"""Unknown fields and query parameters: refused by default, ignored by a lenient sandbox."""

from __future__ import annotations

from datetime import date

import pytest

from airflow_provider_seventime.sandbox.server import SandboxServer


@pytest.fixture(scope="module")
def lenient_server():
    with SandboxServer(lenient=True, today=date(2026, 10, 1), rate_limit=0, time_logs=0) as server:
        yield server


@pytest.fixture
def lenient(lenient_server, api_to):
    lenient_server.reset()
    return api_to(lenient_server)


def test_default_refuses_an_unknown_field_and_parameter(api):
    created = api.create("customers", name="x", colour="red")
    assert created.status == 400
    assert created.error.startswith("colour: unknown field")
    assert api.list("customers", colour="red").status == 400


def test_lenient_sandbox_ignores_an_unknown_field(lenient):
    created = lenient.create("customers", name="x", colour="red")
    assert (created.status, created.body["name"]) == (200, "x")
    assert "colour" not in created.body
    updated = lenient.update("customers", created.body["_id"], name="y", colour="red")
    assert (updated.status, updated.body["name"]) == (200, "y")
    deleted = lenient.send(
        "DELETE",
        "/api/2/customers",
        {"_id": created.body["_id"], "deletedByUser": lenient.server.acting_user_id, "reason": "test"},
    )
    assert deleted.status == 200


def test_lenient_sandbox_ignores_unknown_fields_of_nested_records(lenient):
    rows = [{"itemType": "general", "name": "Kabel", "unitPrice": 10, "colour": "red"}]
    address = {"name": "Lagret", "floor": 3}
    customer = lenient.server.records("customers")[0]["_id"]
    created = lenient.create("invoices", customer=customer, language="SV", invoiceItems=rows, deliveryAddress=address)
    assert created.status == 200
    assert created.body["invoiceItems"][0]["name"] == "Kabel"
    assert "colour" not in created.body["invoiceItems"][0]
    assert created.body["deliveryAddress"]["name"] == "Lagret"
    assert "floor" not in created.body["deliveryAddress"]


def test_lenient_sandbox_ignores_an_unknown_parameter(lenient):
    listed = lenient.list("customers", colour="red", name="Kvarn", limit=5)
    assert listed.status == 200
    assert [one["name"] for one in listed.body["data"]] == ["Västra Kvarnens Fastigheter AB"]


def test_lenient_sandbox_refuses_wrong_values_and_missing_fields(lenient):
    assert lenient.create("customers", colour="red").error == "name: required"
    assert lenient.create("customers", name="x", paymentDays="many").status == 400
    assert lenient.send("POST", "/api/2/customers", [1]).status == 400
    assert lenient.list("customers", limit="many").status == 400
    assert lenient.list("invoices", fromInvoiceDate="1 May").status == 400


def test_lenient_sandbox_accepts_the_names_of_the_samples(lenient):
    order = lenient.server.records("workOrders")[0]["_id"]
    body = {"id": order, "deletedByUser": lenient.server.acting_user_id}
    assert lenient.send("DELETE", "/api/2/workOrders", body).body["_id"] == order
