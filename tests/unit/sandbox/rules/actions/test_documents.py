"""Documents: upload, list in their record, and read."""

import base64

import pytest

CONTENT = bytes(range(256))
ENCODED = base64.b64encode(CONTENT).decode()


def test_an_uploaded_document_is_listed_and_can_be_read(api):
    order = api.server.records("workOrders")[0]
    response = api.create("documents", entityType=200, entityId=order["_id"], name="foto.jpg", fileContent=ENCODED)
    assert response.status == 200
    created = response.body
    assert (created["size"], created["contentType"], created["userName"]) == (256, "image/jpeg", "API Integration")
    assert (created["createDate"], created["entityId"]) == ("2026-10-01T10:00:00.000Z", order["_id"])
    assert "fileContent" not in created
    (listed,) = api.get("workOrders", order["_id"])["documents"]
    assert listed == {name: created[name] for name in listed}
    assert {"_id", "name", "path", "contentType", "size", "user", "userName"} <= listed.keys()
    assert api.server.document(created["_id"]) == CONTENT
    assert "fileContent" not in api.server.records("documents")[0]


def test_a_second_document_is_listed_after_the_first(api):
    log = api.server.records("timeLogs")[0]["_id"]
    for name in ("a.pdf", "b"):
        api.create("documents", entityType="time log", entityId=log, name=name, fileContent=ENCODED)
    documents = api.get("timeLogs", log)["documents"]
    assert [(one["name"], one["contentType"]) for one in documents] == [
        ("a.pdf", "application/pdf"),
        ("b", "application/octet-stream"),
    ]


def test_a_control_returns_the_content(api):
    customer = api.server.records("customers")[0]["_id"]
    created = api.create(
        "documents", entityType=1100, entityId=customer, name="x.txt", contentType="text/csv", fileContent=ENCODED
    ).body
    response = api.raw("GET", f"/_sandbox/document?_id={created['_id']}")
    assert (response.content, response.headers["content-type"].partition(";")[0]) == (CONTENT, "text/csv")
    assert api.control("GET", "document?_id=nothing").status == 404


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"entityId": "none"}, "entityId: no workOrders with _id none"),
        ({"entityType": 2100}, "entityType: 2100"),
        ({"entityType": 3}, "entityType"),
        ({"fileContent": "not base64!"}, "fileContent"),
        ({"name": ""}, "name: is empty"),
    ],
    ids=["no such record", "no such records", "no entity", "no base64", "no name"],
)
def test_an_invalid_document_is_400(api, record, message):
    order = api.server.records("workOrders")[0]["_id"]
    whole = {"entityType": 200, "entityId": order, "name": "a.txt", "fileContent": ENCODED, **record}
    response = api.create("documents", **whole)
    assert (response.status, message in response.error) == (400, True)
    assert api.server.records("documents") == []
    assert api.get("workOrders", order)["documents"] == []
