"""Purchase orders, distributors, contact persons."""

import pytest

DRAFT, SENT, OBLITERATED, CONFIRMED, DELIVERED = 1, 2, 3, 4, 10


@pytest.fixture
def order(api):
    """Return a function that creates an order to the first distributor."""
    distributor = api.server.records("distributors")[0]["_id"]

    def create(**record):
        return api.create("purchaseOrders", **{"distributor": distributor, **record})

    return create


def test_a_new_order_has_number_names_and_the_distributors_details(api, order):
    created = order().body
    distributor = api.server.records("distributors")[0]
    newest = max(int(one["purchaseOrderNumber"]) for one in api.server.records("purchaseOrders"))
    assert int(created["purchaseOrderNumber"]) == newest
    assert (created["purchaseOrderName"], created["purchaseOrderStatus"]) == ("Beställning", DRAFT)
    assert (created["distributorName"], created["ourCustomerNumber"]) == (distributor["name"], "44120")
    assert created["distributorAddress"] == "Elvägen 3<br>602 28 Norrköping"
    assert (created["paymentDays"], created["createdByUserName"], created["ourReferenceName"]) == (
        30,
        *["API Integration"] * 2,
    )
    assert created["invoiceAddress"]["name"] == "Norrby Bygg & El AB"
    assert (created["sentDate"], created["confirmationDate"]) == (None, None)
    assert [entry["logType"] for entry in created["purchaseOrderLogEntries"]] == [5]
    assert len(created["publicLink"]) == 20
    assert created["publicLink"].isalnum()
    assert api.get("purchaseOrders", created["_id"]) == created


def test_rows_and_totals_use_the_cost_of_articles(api, order):
    cable = api.first("expenseItems", name="Kabel EKK 3G1,5")
    normal = api.first("timeCategories", name="Normaltid")
    created = order(
        invoiceItems=[
            {"itemType": "expense", "expenseItem": cable["_id"], "numberOfItems": 10},
            {"itemType": "general", "name": "Frakt", "unitPrice": "95.10", "discountPercent": 10},
            {"itemType": "timeLog", "timeCategory": normal["_id"], "numberOfItems": 2},
            {"itemType": "onlyamount", "name": "Avgift", "totalAmount": 12},
            {"itemType": "text", "name": "Tack"},
        ]
    ).body
    rows = created["invoiceItems"]
    assert [str(row["totalAmount"]) for row in rows] == ["74", "85.59", "1190", "12", "0"]
    first = rows[0]
    assert (first["name"], first["articleNumber"], first["unit"]) == ("Kabel EKK 3G1,5", "1101", "m")
    assert (first["expenseItemName"], str(first["unitPrice"])) == ("Kabel EKK 3G1,5", "7.4")
    assert rows[2]["categoryName"] == "Normaltid"
    totals = [str(created[name]) for name in ("totalAmount", "totalTaxAmount", "totalAmountInclTax")]
    assert totals == ["1361.59", "340.4", "1702"]
    changed = api.update("purchaseOrders", created["_id"], invoiceItems=[{"itemType": "general", "unitPrice": 4}]).body
    assert (changed["totalAmount"], changed["totalAmountInclTax"], len(changed["invoiceItems"])) == (4, 5, 1)


@pytest.mark.parametrize(
    ("way", "sent", "confirmed"),
    [
        ([DRAFT, SENT], "10:01", None),
        ([DRAFT, SENT, CONFIRMED, DELIVERED], "10:01", "10:02"),
        ([SENT, DELIVERED], "10:00", None),
        ([CONFIRMED], "10:00", "10:00"),
        ([DELIVERED], "10:00", None),
        ([DRAFT, OBLITERATED], None, None),
        ([DRAFT, SENT, SENT], "10:01", None),
        ([SENT, OBLITERATED], "10:00", None),
    ],
    ids=str,
)
def test_the_status_sets_dates(api, order, way, sent, confirmed):
    created = order(purchaseOrderStatus=way[0]).body
    for status in way[1:]:
        api.server.advance(60)
        response = api.update("purchaseOrders", created["_id"], purchaseOrderStatus=status)
        assert response.status == 200
        created = response.body
    assert created["purchaseOrderStatus"] == way[-1]
    expected = [at and f"2026-10-01T{at}:00.000Z" for at in (sent, confirmed)]
    assert [created["sentDate"], created["confirmationDate"]] == expected


@pytest.mark.parametrize(
    ("current", "target"),
    [(SENT, DRAFT), (CONFIRMED, SENT), (DELIVERED, SENT), (OBLITERATED, DRAFT), (DELIVERED, OBLITERATED)],
)
def test_earlier_statuses_are_refused(api, order, current, target):
    created = order(purchaseOrderStatus=current).body
    response = api.update("purchaseOrders", created["_id"], purchaseOrderStatus=target)
    assert (response.status, "purchaseOrderStatus" in response.error) == (400, True)
    assert api.get("purchaseOrders", created["_id"]) == created


def test_references_that_do_not_fit_together_are_400(api, order):
    orders = api.server.records("workOrders")
    foreign_contact = api.first("distributorContactPersons", name="Nils Ahl")["_id"]
    refusals = {
        "workOrder: does not belong": {"workOrder": orders[0]["_id"], "project": orders[-1]["project"]},
        "contactPersonDistributor: does not belong": {"contactPersonDistributor": foreign_contact},
        "invoiceItems.expenseItem: no expenseItems": {"invoiceItems": [{"itemType": "expense", "expenseItem": "e"}]},
        "distributor: no distributors": {"distributor": "unknown"},
    }
    for message, record in refusals.items():
        response = order(**record)
        assert (response.status, message in response.error) == (400, True), message


def test_another_distributor_changes_the_details(api, order):
    created = order(workOrder=api.server.records("workOrders")[0]["_id"], invoiceAddress={"city": "Motala"}).body
    assert (created["workOrderNumber"], created["invoiceAddress"]["city"]) == ("4801", "Motala")
    other = api.server.records("distributors")[1]
    changed = api.update(
        "purchaseOrders", created["_id"], distributor=other["_id"], deliveryAddress={"city": "Lund"}
    ).body
    assert (changed["distributorName"], changed["ourCustomerNumber"]) == (other["name"], "N-118")
    assert changed["deliveryAddress"] == created["deliveryAddress"] | {"city": "Lund"}
    shown = {name: created[name] for name in ("_id", "purchaseOrderName", "purchaseOrderNumber")}
    assert api.delete("purchaseOrders", created["_id"], signed=False).body == shown


def test_a_distributor_gets_the_next_number(api):
    created = api.create("distributors", name="Rör & Fläns AB").body
    assert (created["distributorNumber"], created["isActive"], created["paymentDays"]) == ("21", True, 30)
    assert created["selfBillingSettings"]["invoiceCounter"] == 1
    taken = api.create("distributors", name="x", distributorNumber="21")
    assert (taken.status, "distributorNumber" in taken.error) == (400, True)
    api.server.advance(60)
    changed = api.update("distributors", created["_id"], paymentDays=10).body
    assert (changed["paymentDays"], changed["name"]) == (10, "Rör & Fläns AB")
    assert changed["modifiedDate"] > created["modifiedDate"] == created["createdDate"]
    assert api.list("distributors", name="fläns").body["data"] == [changed]


def test_a_contact_person_has_the_customers_name(api):
    customers = api.server.records("customers")
    created = api.create("contactPersons", name="Kim", customer=customers[0]["_id"]).body
    assert (created["customerName"], created["isActive"], created["mainContact"]) == (customers[0]["name"], True, False)
    moved = api.update("contactPersons", created["_id"], customer=customers[1]["_id"], title="Chef").body
    assert (moved["customerName"], moved["title"]) == (customers[1]["name"], "Chef")
    assert created["_id"] not in {
        one["_id"] for one in api.list("contactPersons", customerId=customers[0]["_id"]).body["data"]
    }
    response = api.create("contactPersons", name="Kim", customer="unknown")
    assert (response.status, "customer: no customers" in response.error) == (400, True)
