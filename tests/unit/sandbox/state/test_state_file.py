"""State file: a restarted sandbox continues from it."""

import json
from datetime import UTC, date, datetime

import pytest
import requests

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.sandbox.server import SandboxServer
from airflow_provider_seventime.sandbox.state.state_file import StateFile

TODAY = date(2026, 10, 1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.json"


def sandbox(path, **options):
    return SandboxServer(**{"today": TODAY, "rate_limit": 0, "state_file": path, **options})


def test_a_restart_keeps_records_numbers_payments_and_clock(path, api_to):
    with sandbox(path, pay_after_seconds=3600) as server:
        server.freeze()
        server.set_clock(datetime(2026, 10, 1, 10, tzinfo=UTC))
        api = api_to(server)
        created = api.create("customers", name="Örjan", paymentDays=15).body
        row = {"itemType": "general", "unitPrice": "0.1"}
        sent = api.create("invoices", customer=created["_id"], language="SV", invoiceStatus=2, invoiceItems=[row]).body
        api.delete("timeLogs", server.records("timeLogs")[0]["_id"])
        server.advance(60)
        before = {name: server.records(name) for name in server.sandbox.counts()}
    with sandbox(path, today=date(2030, 1, 1), seed=99) as server:
        api = api_to(server)
        assert {name: server.records(name) for name in server.sandbox.counts()} == before
        assert (server.now().isoformat(), server.sandbox.account.clock_frozen) == ("2026-10-01T10:01:00+00:00", True)
        again = api.create("customers", name="Nästa").body
        assert (again["customerNumber"], again["_id"] > created["_id"]) == ("114", True)
        assert api.get("invoices", sent["_id"])["invoiceStatus"] == 2
        server.advance(3600)
        assert api.get("invoices", sent["_id"])["paymentDate"] == "2026-10-01T11:00:00.000Z"


def test_the_file_is_up_to_date_after_every_write(path, api_to):
    with sandbox(path) as server:
        created = api_to(server).create("customers", name="x").body
        saved = json.loads(path.read_bytes())["store"]["collections"]["customers"]
        assert saved[-1]["_id"] == created["_id"]
        assert [file.name for file in path.parent.iterdir()] == ["state.json"]


def test_a_restart_keeps_internal_fields(path, api_to):
    with sandbox(path) as server:
        api = api_to(server)
        customer = server.records("customers")[0]["_id"]
        created = api.create("documents", entityType=1100, entityId=customer, name="a.txt", fileContent="aGVq").body
        api.create("webhookSubscriptions", url="https://example.com/", events=["task.created"])
    saved = json.loads(path.read_bytes())["store"]["collections"]["webhookSubscriptions"]
    assert len(saved[0]["secret"]) == 64
    with sandbox(path) as server:
        assert server.document(created["_id"]) == b"hej"
        assert [one["fieldName"] for one in api_to(server).list("customFields", entityType=200).body["data"]] == [
            "Nyckelskåp"
        ]


def test_a_running_clock_ticks_during_a_restart(path):
    with sandbox(path) as server:
        server.advance(86400)
        left = server.now()
    with sandbox(path) as server:
        assert (server.now() - left).total_seconds() < 60
        assert server.now() > left


def test_reset_returns_to_the_seed_of_the_current_options(path, api_to):
    with sandbox(path) as server:
        api_to(server).create("customers", name="x")
    with sandbox(path) as server:
        assert len(server.records("customers")) == 13
        server.reset()
        assert len(server.records("customers")) == 12
    with sandbox(path) as server:
        assert len(server.records("customers")) == 12


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "not a state file"),
        ('{"format": 99}', "not a state file"),
        ('{"format": 1}', "not a state file"),
    ],
    ids=["cut", "list", "another format", "nothing in it"],
)
def test_the_message_names_an_invalid_state_file(path, text, message):
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as refusal:
        StateFile(path).read()
    assert str(path) in str(refusal.value)


def test_a_missing_folder_is_an_error_at_the_start(tmp_path):
    with pytest.raises(ConfigError, match="cannot write the state file"), sandbox(tmp_path / "none" / "state.json"):
        pass


def test_without_a_file_nothing_is_written(tmp_path, monkeypatch, api_to):
    monkeypatch.chdir(tmp_path)
    with SandboxServer(today=TODAY) as server:
        api_to(server).create("customers", name="x")
        assert requests.get(f"{server.base_url}/_sandbox/state", timeout=5).ok
    assert list(tmp_path.iterdir()) == []
