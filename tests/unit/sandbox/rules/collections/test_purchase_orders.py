"""Purchase orders, distributors, contact persons."""

import pytest

DRAFT, SENT, OBLITERATED, CONFIRMED, DELIVERED = 1, 2, 3, 4, 10


@pytest.fixture
def order(api):
    """Make an order to the first distributor."""
    distributor = api.server.records("distributors")[0]["_id"]

    def create(**record):
        return api.create("purchaseOrders", **{"distributor": distributor, **record})

    return create


def test_a_new_order_has_number_names_and_the_distributors_details(api, order):
    made = order().body
    distributor = api.server.records("distributors")[0]
    newest = max(int(one["purchaseOrderNumber"]) for one in api.server.records("purchaseOrders"))
    assert int(made["purchaseOrderNumber"]) == newest
    assert (made["purchaseOrderName"], made["purchaseOrderStatus"]) == ("Beställning", DRAFT)
    assert (made["distributorName"], made["ourCustomerNumber"]) == (distributor["name"], "44120")
    assert made["distributorAddress"] == "Elvägen 3<br>602 28 Norrköping"
    assert (made["paymentDays"], made["createdByUserName"], made["ourReferenceName"]) == (30, *["API Integration"] * 2)
    assert made["invoiceAddress"]["name"] == "Norrby Bygg & El AB"
    assert (made["sentDate"], made["confirmationDate"]) == (None, None)
    assert [entry["logType"] for entry in made["purchaseOrderLogEntries"]] == [5]
    assert len(made["publicLink"]) == 20
    assert made["publicLink"].isalnum()
    assert api.get("purchaseOrders", made["_id"]) == made


def test_rows_and_totals_are_reckoned_at_what_articles_cost(api, order):
    cable = api.first("expenseItems", name="Kabel EKK 3G1,5")
    normal = api.first("timeCategories", name="Normaltid")
    made = order(
        invoiceItems=[
            {"itemType": "expense", "expenseItem": cable["_id"], "numberOfItems": 10},
            {"itemType": "general", "name": "Frakt", "unitPrice": "95.10", "discountPercent": 10},
            {"itemType": "timeLog", "timeCategory": normal["_id"], "numberOfItems": 2},
            {"itemType": "onlyamount", "name": "Avgift", "totalAmount": 12},
            {"itemType": "text", "name": "Tack"},
        ]
    ).body
    rows = made["invoiceItems"]
    assert [str(row["totalAmount"]) for row in rows] == ["74", "85.59", "1190", "12", "0"]
    first = rows[0]
    assert (first["name"], first["articleNumber"], first["unit"]) == ("Kabel EKK 3G1,5", "1101", "m")
    assert (first["expenseItemName"], str(first["unitPrice"])) == ("Kabel EKK 3G1,5", "7.4")
    assert rows[2]["categoryName"] == "Normaltid"
    totals = [str(made[name]) for name in ("totalAmount", "totalTaxAmount", "totalAmountInclTax")]
    assert totals == ["1361.59", "340.4", "1702"]
    changed = api.update("purchaseOrders", made["_id"], invoiceItems=[{"itemType": "general", "unitPrice": 4}]).body
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
def test_dates_come_with_the_status(api, order, way, sent, confirmed):
    made = order(purchaseOrderStatus=way[0]).body
    for status in way[1:]:
        api.server.advance(60)
        answer = api.update("purchaseOrders", made["_id"], purchaseOrderStatus=status)
        assert answer.status == 200
        made = answer.body
    assert made["purchaseOrderStatus"] == way[-1]
    expected = [at and f"2026-10-01T{at}:00.000Z" for at in (sent, confirmed)]
    assert [made["sentDate"], made["confirmationDate"]] == expected


@pytest.mark.parametrize(
    ("current", "target"),
    [(SENT, DRAFT), (CONFIRMED, SENT), (DELIVERED, SENT), (OBLITERATED, DRAFT), (DELIVERED, OBLITERATED)],
)
def test_there_is_no_way_back(api, order, current, target):
    made = order(purchaseOrderStatus=current).body
    answer = api.update("purchaseOrders", made["_id"], purchaseOrderStatus=target)
    assert (answer.status, "purchaseOrderStatus" in answer.error) == (400, True)
    assert api.get("purchaseOrders", made["_id"]) == made


def test_what_does_not_belong_together_is_refused(api, order):
    orders = api.server.records("workOrders")
    foreign_contact = api.first("distributorContactPersons", name="Nils Ahl")["_id"]
    refusals = {
        "workOrder: does not belong": {"workOrder": orders[0]["_id"], "project": orders[-1]["project"]},
        "contactPersonDistributor: does not belong": {"contactPersonDistributor": foreign_contact},
        "invoiceItems.expenseItem: no expenseItems": {"invoiceItems": [{"itemType": "expense", "expenseItem": "e"}]},
        "distributor: no distributors": {"distributor": "nobody"},
    }
    for named, record in refusals.items():
        answer = order(**record)
        assert (answer.status, named in answer.error) == (400, True), named


def test_another_distributor_brings_its_own_details(api, order):
    made = order(workOrder=api.server.records("workOrders")[0]["_id"], invoiceAddress={"city": "Motala"}).body
    assert (made["workOrderNumber"], made["invoiceAddress"]["city"]) == ("4801", "Motala")
    other = api.server.records("distributors")[1]
    changed = api.update("purchaseOrders", made["_id"], distributor=other["_id"], deliveryAddress={"city": "Lund"}).body
    assert (changed["distributorName"], changed["ourCustomerNumber"]) == (other["name"], "N-118")
    assert changed["deliveryAddress"] == made["deliveryAddress"] | {"city": "Lund"}
    shown = {name: made[name] for name in ("_id", "purchaseOrderName", "purchaseOrderNumber")}
    assert api.delete("purchaseOrders", made["_id"], signed=False).body == shown


def test_a_distributor_gets_the_next_number(api):
    made = api.create("distributors", name="Rör & Fläns AB").body
    assert (made["distributorNumber"], made["isActive"], made["paymentDays"]) == ("21", True, 30)
    assert made["selfBillingSettings"]["invoiceCounter"] == 1
    taken = api.create("distributors", name="x", distributorNumber="21")
    assert (taken.status, "distributorNumber" in taken.error) == (400, True)
    api.server.advance(60)
    changed = api.update("distributors", made["_id"], paymentDays=10).body
    assert (changed["paymentDays"], changed["name"]) == (10, "Rör & Fläns AB")
    assert changed["modifiedDate"] > made["modifiedDate"] == made["createdDate"]
    assert api.list("distributors", name="fläns").body["data"] == [changed]


def test_a_contact_person_has_the_customers_name(api):
    customers = api.server.records("customers")
    made = api.create("contactPersons", name="Kim", customer=customers[0]["_id"]).body
    assert (made["customerName"], made["isActive"], made["mainContact"]) == (customers[0]["name"], True, False)
    moved = api.update("contactPersons", made["_id"], customer=customers[1]["_id"], title="Chef").body
    assert (moved["customerName"], moved["title"]) == (customers[1]["name"], "Chef")
    assert made["_id"] not in {
        one["_id"] for one in api.list("contactPersons", customerId=customers[0]["_id"]).body["data"]
    }
    nobody = api.create("contactPersons", name="Kim", customer="nobody")
    assert (nobody.status, "customer: no customers" in nobody.error) == (400, True)
