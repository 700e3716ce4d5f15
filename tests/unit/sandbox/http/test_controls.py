"""Controls over HTTP."""

import pytest
import requests


def test_the_clock_is_read_and_moved(api):
    api.server.freeze()
    assert api.control("GET", "clock").body == {"now": "2026-10-01T10:00:00.000Z", "frozen": True}
    assert api.control("POST", "clock", {"advance_seconds": 90}).body["now"] == "2026-10-01T10:01:30.000Z"
    assert api.control("POST", "clock", {"set": "2026-12-24T15:00"}).body["now"] == "2026-12-24T14:00:00.000Z"
    assert api.control("POST", "clock", {"set": "2026-12-24T15:00:00Z"}).body["now"] == "2026-12-24T15:00:00.000Z"
    assert api.control("POST", "clock", {"frozen": False}).body["frozen"] is False
    created = api.create("customers", name="x").body
    assert created["createdDate"].startswith("2026-12-24T15:00")


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("clock", {"advance": 1}, "advance"),
        ("clock", {"set": "tomorrow"}, "tomorrow"),
        ("clock", {"advance_seconds": "soon"}, "advance_seconds"),
        ("clock", {"advance_seconds": 1e300}, "large"),
        ("payments", {"after": 1}, "after"),
        ("payments", {"after_seconds": -1}, "after_seconds"),
        ("faults", [{"kind": "explode"}], "kind"),
        ("faults", {"kind": "html"}, "array"),
        ("load", [], "object"),
        ("load", {"nothing": []}, "nothing"),
        ("load", {"customers": {}}, "customers"),
        ("load", {"customers": ["x"]}, "customers"),
        ("load", b"{", "load"),
    ],
    ids=str,
)
def test_an_invalid_body_is_400(api, name, body, message):
    response = api.control("POST", name, body)
    assert response.status == 400
    assert message in response.error


@pytest.mark.parametrize(("method", "name"), [("GET", "nothing"), ("DELETE", "clock"), ("GET", "")], ids=str)
def test_an_unknown_control_is_404_with_the_list_of_controls(api, method, name):
    response = api.control(method, name)
    assert response.status == 404
    assert "POST /_sandbox/clock" in response.body["controls"]
    assert len(response.body["controls"]) == 14


def test_controls_need_no_key_and_are_not_in_the_journal(api):
    response = requests.get(f"{api.server.base_url}/_sandbox/state", timeout=5)
    assert response.json()["counts"]["customers"] == 12
    assert api.server.journal() == []


def test_the_journal_has_requests_without_the_key(api):
    api.list("users", limit=1)
    api.create("customers", name="Ö")
    api.send("POST", "/api/2/customers", b"no json")
    api.send("GET", "/api/2/users", headers={"Client-Secret": "wrong"})
    entries = api.control("GET", "journal").body["requests"]
    requests_seen = [(entry["method"], entry["path"], entry["query"], entry["status"]) for entry in entries]
    assert requests_seen == [
        ("GET", "/api/2/users", "limit=1", 200),
        ("POST", "/api/2/customers/", "", 200),
        ("POST", "/api/2/customers", "", 400),
        ("GET", "/api/2/users", "", 401),
    ]
    assert [entry["body"] for entry in entries][:3] == [
        None,
        {"createdByUser": api.server.acting_user_id, "name": "Ö"},
        "no json",
    ]
    assert entries[0]["key_fingerprint"] == entries[1]["key_fingerprint"] != entries[3]["key_fingerprint"]
    assert entries[0]["monotonic_seconds"] <= entries[1]["monotonic_seconds"]
    assert all(isinstance(entry["connection"], int) for entry in entries)
    assert api.server.api_key not in str(entries)
    assert api.control("DELETE", "journal").body == {"requests": []}
    assert api.server.journal() == []


def test_load_stores_records_without_a_check(api):
    known = api.server.records("customers")[0]
    loaded = api.control(
        "POST",
        "load",
        {"customers": [{"_id": "odd id", "name": 7, "unknownField": [1]}, {"name": "no id"}, known | {"name": "Ny"}]},
    )
    assert loaded.body == {"loaded": {"customers": 3}}
    assert api.get("customers", "odd id") == {"_id": "odd id", "name": 7, "unknownField": [1]}
    assert len(api.list("customers", name="no id").body["data"][0]["_id"]) == 24
    assert api.get("customers", known["_id"])["name"] == "Ny"
    assert len(api.server.records("customers")) == 14


def test_load_uses_the_id_field_of_a_collection(api):
    roles = len(api.server.records("userRoles"))
    api.server.load({"userRoles": [{"userRoleId": 40, "userRoleName": "Praktikant"}, {"userRoleId": 10}]})
    assert len(api.server.records("userRoles")) == roles + 1
    assert api.first("userRoles", userRoleId=40) == {"userRoleId": 40, "userRoleName": "Praktikant"}


def test_internal_fields_can_be_loaded_and_filtered_by(api):
    api.server.load({"customFields": [{"fieldName": "Lager", "entityType": 1500}]})
    (found,) = api.list("customFields", entityType=1500).body["data"]
    assert found.keys() == {"_id", "fieldName"}


def test_reset_returns_to_the_seed(api):
    before = api.control("GET", "state").body
    api.create("customers", name="x")
    api.delete("invoices", api.server.records("invoices")[0]["_id"])
    api.server.set_faults([{"kind": "html", "times": None, "collection": "users"}])
    api.server.advance(86400)
    api.server.pay_after(3)
    assert api.control("POST", "reset").body == before
    assert api.server.journal() == []
    assert api.control("GET", "faults").body == {"faults": []}
    assert api.control("GET", "payments").body == {"after_seconds": None}
    assert api.control("GET", "clock").body["now"].startswith("2026-10-01T10:00:0")
    assert api.create("customers", name="x").body["customerNumber"] == "113"


def test_state_returns_records(api):
    assert len(api.control("GET", "state?collection=distributors").body["records"]) == 4
    assert api.control("GET", "state?collection=invoices").body["records"] == api.server.records("invoices")
    assert api.control("GET", "state?collection=nothing").status == 404


def test_payments_are_set_and_read(api):
    assert api.control("POST", "payments", {"after_seconds": 2.5}).body["after_seconds"] == 2.5
    assert float(api.control("GET", "payments").body["after_seconds"]) == 2.5
    assert api.control("POST", "payments", {"after_seconds": None}).body == {"after_seconds": None}
