"""Stale reads and moved pages."""

import pytest

STALE = {"kind": "stale", "seconds": 30, "times": None}


def test_a_stale_read_misses_a_new_record(api):
    known = api.list("customers", limit=1).body["meta"]["totalResources"]
    created = api.create("customers", name="Nyss").body
    api.server.set_faults([STALE])
    page = api.list("customers", name="Nyss").body
    assert (page["meta"]["totalResources"], page["data"]) == (0, [])
    assert api.list("customers", limit=1).body["meta"]["totalResources"] == known
    assert api.send("GET", f"/api/2/customers/{created['_id']}").status == 404
    api.server.advance(30)
    assert api.list("customers", name="Nyss").body["data"] == [created]
    assert api.get("customers", created["_id"]) == created


def test_a_stale_read_misses_an_update_and_a_delete(api):
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


def test_writes_use_the_current_records_and_trigger_no_fault(api):
    created = api.create("customers", name="x").body
    api.server.set_faults([{**STALE, "times": 1}])
    assert api.update("customers", created["_id"], name="y").body["name"] == "y"
    assert api.send("GET", f"/api/2/customers/{created['_id']}").status == 404
    assert api.get("customers", created["_id"])["name"] == "y"
    assert [entry["fault"] for entry in api.server.journal()] == [None, None, "stale", None]


def test_a_stale_read_misses_a_payment_until_its_due_time_is_old_enough(api):
    api.server.pay_after(100)
    customer = api.server.records("customers")[0]["_id"]
    rows = [{"itemType": "general", "unitPrice": 100}]
    sent = api.create("invoices", customer=customer, language="SV", invoiceStatus=2, invoiceItems=rows).body
    api.server.set_faults([STALE])
    api.server.advance(129)
    assert api.get("invoices", sent["_id"])["invoiceStatus"] == 2
    api.server.advance(1)
    assert api.get("invoices", sent["_id"])["invoiceStatus"] == 3


def test_a_stale_read_misses_loaded_records(api):
    api.server.load({"customers": [{"_id": "loaded", "name": "x"}]})
    api.server.set_faults([STALE])
    assert api.send("GET", "/api/2/customers/loaded").status == 404
    api.server.advance(30)
    assert api.send("GET", "/api/2/customers/loaded").status == 200


def test_a_reset_clears_the_history(api):
    api.delete("customers", api.server.records("customers")[0]["_id"])
    api.server.reset()
    known = len(api.server.records("customers"))
    api.create("customers", name="x")
    api.server.advance(5)
    api.server.set_faults([STALE])
    assert api.list("customers").body["meta"]["totalResources"] == known


def test_lists_without_pages_and_single_records_can_be_stale(api):
    tag = {"_id": "tag", "name": "Ny"}
    company = api.send("GET", "/api/2/companyInformation").body["data"]
    api.server.load({"invoiceTags": [tag], "companyInformation": [{**company, "name": "Nytt AB"}]})
    api.server.set_faults([STALE])
    assert "tag" not in [one["_id"] for one in api.list("invoiceTags").body["data"]]
    assert api.send("GET", "/api/2/companyInformation").body["data"] == company
    api.server.clear_faults()
    assert "tag" in [one["_id"] for one in api.list("invoiceTags").body["data"]]
    assert api.send("GET", "/api/2/companyInformation").body["data"]["name"] == "Nytt AB"


def test_an_invalid_stale_read_is_refused(api):
    api.server.set_faults([STALE])
    assert api.list("customers", nothing=1).status == 400
    assert api.list("nothing").status == 404


def ids(page):
    return [record["_id"] for record in page.body["data"]]


@pytest.mark.parametrize("sorting", [{}, {"sortBy": "_id"}, {"sortBy": "name", "sortDirection": "descending"}], ids=str)
@pytest.mark.parametrize(("page", "by", "expected"), [(2, 1, (5, 9)), (2, 3, (7, 11)), (2, -1, (3, 7))])
def test_a_moved_page_has_other_records_and_the_same_total(api, sorting, page, by, expected):
    all_ids = ids(api.list("customers", **sorting))
    api.server.set_faults([{"kind": "moved", "by": by}])
    moved = api.list("customers", limit=4, page=page, **sorting)
    assert ids(moved) == all_ids[slice(*expected)]
    assert moved.body["meta"] == {"totalResources": 12, "totalPages": 3, "currentPage": page}
    assert ids(api.list("customers", limit=4, page=page, **sorting)) == all_ids[4:8]


@pytest.mark.parametrize(
    ("page", "by", "expected"),
    [(1, 1, (1, 5)), (1, -1, (0, 3)), (1, -9, (0, 0)), (3, 1, (9, 12)), (3, 9, (12, 12))],
    ids=["first page skips", "first page repeats", "far before", "last page skips", "far behind"],
)
def test_moved_first_and_last_pages(api, page, by, expected):
    all_ids = ids(api.list("customers"))
    api.server.set_faults([{"kind": "moved", "by": by}])
    assert ids(api.list("customers", limit=4, page=page)) == all_ids[slice(*expected)]


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
def test_requests_without_pages_do_not_trigger_a_moved_fault(api, method, path, body):
    normal = api.send(method, path, body)
    api.server.set_faults([{"kind": "moved"}])
    with_fault = api.send(method, path, body)
    assert (with_fault.status, with_fault.body) == (normal.status, normal.body)
    assert len(api.control("GET", "faults").body["faults"]) == 1
    assert [entry["fault"] for entry in api.server.journal()] == [None, None]
    api.list("customers")
    assert api.server.journal()[-1]["fault"] == "moved"


def test_a_moved_page_has_the_correct_total(api):
    api.server.set_faults([{"kind": "moved"}])
    assert api.list("customers", limit=1).body["meta"]["totalResources"] == 12
