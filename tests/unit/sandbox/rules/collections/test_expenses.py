"""Expenses: article, price, amounts."""

import pytest

AMOUNTS = (
    "unitPriceAfterDiscount",
    "unitTax",
    "unitPriceInclTax",
    "totalAmount",
    "totalAmountAfterDiscount",
    "totalTaxAmount",
    "totalAmountInclTax",
    "totalCost",
)


@pytest.fixture
def expense(api):
    """Return a function that creates an expense of the user Åke."""
    user = api.first("users", firstName="Åke")["_id"]

    def create(**record):
        return api.create("expenses", **{"user": user, **record})

    return create


@pytest.fixture
def article(api):
    return lambda name: api.first("expenseItems", name=name)


def amounts(created):
    return {name: str(created[name]) for name in AMOUNTS}


def test_an_article_fills_missing_fields(api, expense, article):
    breaker = article("Jordfelsbrytare 40 A")
    created = expense(expenseItem=breaker["_id"]).body
    assert (created["name"], created["articleNumber"], created["unit"]) == ("Jordfelsbrytare 40 A", "1102", "st")
    assert (created["distributorName"], created["userName"]) == ("Elgrossisten i Norr AB", "Åke Sjöström")
    assert (created["numberOfItems"], created["isInvoiceable"], created["isInvoiced"]) == (1, True, False)
    assert created["timestamp"] == created["createDate"] == "2026-10-01T10:00:00.000Z"
    assert amounts(created) == {
        "unitPriceAfterDiscount": "545",
        "unitTax": "136.25",
        "unitPriceInclTax": "681.25",
        "totalAmount": "545",
        "totalAmountAfterDiscount": "545",
        "totalTaxAmount": "136.25",
        "totalAmountInclTax": "681.25",
        "totalCost": "389",
    }
    assert api.get("expenses", created["_id"]) == created


def test_an_expense_without_an_article_has_given_prices_and_a_discount(expense):
    prices = {"unitCost": "319", "unitPrice": "426.66", "discountPercent": 10, "taxPercent": 12}
    created = expense(name="Hyra", numberOfItems="2", **prices, timestamp="2026-09-30 08:15").body
    assert (created["expenseItem"], created["unitTaxPercent"], created["timestamp"]) == (
        None,
        12,
        "2026-09-30T06:15:00.000Z",
    )
    assert "taxPercent" not in created
    assert amounts(created) == {
        "unitPriceAfterDiscount": "383.994",
        "unitTax": "51.1992",
        "unitPriceInclTax": "477.8592",
        "totalAmount": "853.32",
        "totalAmountAfterDiscount": "767.988",
        "totalTaxAmount": "92.15856",
        "totalAmountInclTax": "860.14656",
        "totalCost": "638",
    }


def test_the_price_is_cost_plus_the_customers_mark_up(api, expense, article):
    customer = api.server.records("customers")[0]
    item = article("Väggfärg, vit, 10 l")["_id"]
    for margin, price_list, price in ((0, None, "899"), (50, None, "963"), (50, "a list", "899")):
        billing = {**customer["billingSettings"], "expenseCustomProfitMargin": margin, "priceList": price_list}
        api.server.load({"customers": [{**customer, "billingSettings": billing}]})
        created = expense(expenseItem=item, customer=customer["_id"]).body
        assert str(created["unitPrice"]) == price
    own_cost = api.server.load({"customers": [{**customer, "billingSettings": {"expenseCustomProfitMargin": 10}}]})
    assert own_cost == {"customers": 1}
    assert expense(expenseItem=item, customer=customer["_id"], unitCost=100).body["unitPrice"] == 110
    assert expense(expenseItem=item, customer=customer["_id"], unitPrice=7).body["unitPrice"] == 7


def test_project_and_customer_come_from_the_work_order(api, expense, article):
    order = api.server.records("workOrders")[3]
    other = api.first("customers", customerNumber="112")["_id"]
    item = article("Parkering")["_id"]
    created = expense(expenseItem=item, workOrder=order["_id"], customer=other).body
    assert (created["customer"], created["project"]) == (order["customer"], order["project"])
    assert (created["customerName"], created["workOrderNumber"]) == (order["customerName"], order["workOrderNumber"])


def test_an_update_computes_again(api, expense, article):
    created = expense(expenseItem=article("Parkering")["_id"]).body
    changed = api.update("expenses", created["_id"], user=created["user"], numberOfItems=3, taxPercent=0).body
    assert (changed["totalAmount"], changed["totalTaxAmount"], changed["unitPrice"]) == (120, 0, 40)
    swapped = api.update(
        "expenses", created["_id"], user=created["user"], expenseItem=article("Facklitteratur")["_id"]
    ).body
    assert (swapped["name"], swapped["unitPrice"], swapped["unitTaxPercent"]) == ("Facklitteratur", 245, 6)
    assert (swapped["isInvoiceable"], str(swapped["totalAmountInclTax"])) == (False, "779.1")


def test_the_delete_of_an_expense_returns_its_id(api, expense, article):
    created = expense(expenseItem=article("Parkering")["_id"]).body
    response = api.delete("expenses", created["_id"])
    assert (response.status, response.body) == (200, {"_id": created["_id"]})
    assert api.delete("expenses", created["_id"]).status == 404


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({}, "expenseItem: required when name is not given"),
        ({"name": "Hyra", "unitPrice": 1}, "unitCost: required"),
        ({"expenseItem": "none"}, "expenseItem: no expenseItems with _id none"),
        ({"expenseItem": "none", "distributor": "d"}, "distributor: no distributors with _id d"),
    ],
    ids=["neither", "free text without prices", "no such article", "no such distributor"],
)
def test_an_invalid_record_is_400(api, expense, record, message):
    before = len(api.server.records("expenses"))
    response = expense(**record)
    assert (response.status, message in response.error) == (400, True)
    assert len(api.server.records("expenses")) == before
