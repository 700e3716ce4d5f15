"""Reads that see the records as they were, and pages that are cut elsewhere."""

import pytest

STALE = {"kind": "stale", "seconds": 30, "times": None}


def test_a_lagging_read_does_not_see_what_was_just_made(api):
    known = api.list("customers", limit=1).body["meta"]["totalResources"]
    made = api.create("customers", name="Nyss").body
    api.server.set_faults([STALE])
    page = api.list("customers", name="Nyss").body
    assert (page["meta"]["totalResources"], page["data"]) == (0, [])
    assert api.list("customers", limit=1).body["meta"]["totalResources"] == known
    assert api.send("GET", f"/api/2/customers/{made['_id']}").status == 404
    api.server.advance(30)
    assert api.list("customers", name="Nyss").body["data"] == [made]
    assert api.get("customers", made["_id"]) == made


def test_a_lagging_read_sees_an_update_and_a_deletion_late(api):
    first, second, *_ = api.server.records("customers")
    listed = [record["_id"] for record in api.list("customers").body["data"]]
    api.update("customers", first["_id"], name="Nytt namn")
    api.delete("customers", second["_id"])
    api.server.set_faults([STALE])
    page = api.list("customers").body
    assert [record["_id"] for record in page["data"]] == listed
    assert page["data"][0]["name"] == first["name"]
    assert api.get("customers", second["_id"])["name"] == second["name"]
    api.server.advance(31)
    assert [record["_id"] for record in api.list("customers").body["data"]] == [listed[0], *listed[2:]]
    assert api.get("customers", first["_id"])["name"] == "Nytt namn"


def test_writes_work_on_the_records_as_they_are_and_use_up_no_fault(api):
    made = api.create("customers", name="x").body
    api.server.set_faults([{**STALE, "times": 1}])
    assert api.update("customers", made["_id"], name="y").body["name"] == "y"
    assert api.send("GET", f"/api/2/customers/{made['_id']}").status == 404
    assert api.get("customers", made["_id"])["name"] == "y"
    assert [entry["fault"] for entry in api.server.journal()] == [None, None, "stale", None]


def test_a_payment_is_seen_late_by_the_instant_it_fell_due(api):
    api.server.pay_after(100)
    customer = api.server.records("customers")[0]["_id"]
    rows = [{"itemType": "general", "unitPrice": 100}]
    sent = api.create("invoices", customer=customer, language="SV", invoiceStatus=2, invoiceItems=rows).body
    api.server.set_faults([STALE])
    api.server.advance(129)
    assert api.get("invoices", sent["_id"])["invoiceStatus"] == 2
    api.server.advance(1)
    assert api.get("invoices", sent["_id"])["invoiceStatus"] == 3


def test_what_was_loaded_is_a_change_like_any_other(api):
    api.server.load({"customers": [{"_id": "loaded", "name": "x"}]})
    api.server.set_faults([STALE])
    assert api.send("GET", "/api/2/customers/loaded").status == 404
    api.server.advance(30)
    assert api.send("GET", "/api/2/customers/loaded").status == 200


def test_after_a_reset_nothing_is_remembered(api):
    api.delete("customers", api.server.records("customers")[0]["_id"])
    api.server.reset()
    known = len(api.server.records("customers"))
    api.create("customers", name="x")
    api.server.advance(5)
    api.server.set_faults([STALE])
    assert api.list("customers").body["meta"]["totalResources"] == known


def test_lists_without_pages_and_single_records_lag_too(api):
    tag = {"_id": "tag", "name": "Ny"}
    company = api.send("GET", "/api/2/companyInformation").body["data"]
    api.server.load({"invoiceTags": [tag], "companyInformation": [{**company, "name": "Nytt AB"}]})
    api.server.set_faults([STALE])
    assert "tag" not in [one["_id"] for one in api.list("invoiceTags").body["data"]]
    assert api.send("GET", "/api/2/companyInformation").body["data"] == company
    api.server.clear_faults()
    assert "tag" in [one["_id"] for one in api.list("invoiceTags").body["data"]]
    assert api.send("GET", "/api/2/companyInformation").body["data"]["name"] == "Nytt AB"


def test_a_lagging_read_is_refused_like_any_other(api):
    api.server.set_faults([STALE])
    assert api.list("customers", nothing=1).status == 400
    assert api.list("nothing").status == 404


def ids(page):
    return [record["_id"] for record in page.body["data"]]


@pytest.mark.parametrize("sorting", [{}, {"sortBy": "_id"}, {"sortBy": "name", "sortDirection": "descending"}], ids=str)
@pytest.mark.parametrize(("page", "by", "expected"), [(2, 1, (5, 9)), (2, 3, (7, 11)), (2, -1, (3, 7))])
def test_a_moved_page_is_cut_elsewhere_and_the_total_stays(api, sorting, page, by, expected):
    everything = ids(api.list("customers", **sorting))
    api.server.set_faults([{"kind": "moved", "by": by}])
    moved = api.list("customers", limit=4, page=page, **sorting)
    assert ids(moved) == everything[slice(*expected)]
    assert moved.body["meta"] == {"totalResources": 12, "totalPages": 3, "currentPage": page}
    assert ids(api.list("customers", limit=4, page=page, **sorting)) == everything[4:8]


@pytest.mark.parametrize(
    ("page", "by", "expected"),
    [(1, 1, (1, 5)), (1, -1, (0, 3)), (1, -9, (0, 0)), (3, 1, (9, 12)), (3, 9, (12, 12))],
    ids=["first misses its first", "before the first is nothing", "far before", "last is short", "far behind"],
)
def test_a_moved_page_at_the_ends_has_what_there_is(api, page, by, expected):
    everything = ids(api.list("customers"))
    api.server.set_faults([{"kind": "moved", "by": by}])
    assert ids(api.list("customers", limit=4, page=page)) == everything[slice(*expected)]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/2/invoiceTags/", None),
        ("GET", "/api/2/companyInformation", None),
        ("GET", "/api/2/customers/unknown", None),
        ("GET", "/api/1/customers/", None),
        ("GET", "/api/2/nothing/", None),
        ("POST", "/api/2/analytics/customers", {}),
        ("POST", "/api/2/customers", {}),
    ],
    ids=str,
)
def test_what_has_no_pages_is_answered_rightly_and_uses_up_no_fault(api, method, path, body):
    right = api.send(method, path, body)
    api.server.set_faults([{"kind": "moved"}])
    spared = api.send(method, path, body)
    assert (spared.status, spared.body) == (right.status, right.body)
    assert len(api.control("GET", "faults").body["faults"]) == 1
    assert [entry["fault"] for entry in api.server.journal()] == [None, None]
    api.list("customers")
    assert api.server.journal()[-1]["fault"] == "moved"


def test_a_count_is_right_on_a_moved_page(api):
    api.server.set_faults([{"kind": "moved"}])
    assert api.list("customers", limit=1).body["meta"]["totalResources"] == 12
