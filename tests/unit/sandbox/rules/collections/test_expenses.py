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
    """Make an expense of Åke's."""
    user = api.first("users", firstName="Åke")["_id"]

    def create(**record):
        return api.create("expenses", **{"user": user, **record})

    return create


@pytest.fixture
def article(api):
    return lambda name: api.first("expenseItems", name=name)


def amounts(made):
    return {name: str(made[name]) for name in AMOUNTS}


def test_an_article_fills_what_the_caller_does_not_say(api, expense, article):
    breaker = article("Jordfelsbrytare 40 A")
    made = expense(expenseItem=breaker["_id"]).body
    assert (made["name"], made["articleNumber"], made["unit"]) == ("Jordfelsbrytare 40 A", "1102", "st")
    assert (made["distributorName"], made["userName"]) == ("Elgrossisten i Norr AB", "Åke Sjöström")
    assert (made["numberOfItems"], made["isInvoiceable"], made["isInvoiced"]) == (1, True, False)
    assert made["timestamp"] == made["createDate"] == "2026-10-01T10:00:00.000Z"
    assert amounts(made) == {
        "unitPriceAfterDiscount": "545",
        "unitTax": "136.25",
        "unitPriceInclTax": "681.25",
        "totalAmount": "545",
        "totalAmountAfterDiscount": "545",
        "totalTaxAmount": "136.25",
        "totalAmountInclTax": "681.25",
        "totalCost": "389",
    }
    assert api.get("expenses", made["_id"]) == made


def test_free_text_has_its_own_prices_and_a_discount(expense):
    prices = {"unitCost": "319", "unitPrice": "426.66", "discountPercent": 10, "taxPercent": 12}
    made = expense(name="Hyra", numberOfItems="2", **prices, timestamp="2026-09-30 08:15").body
    assert (made["expenseItem"], made["unitTaxPercent"], made["timestamp"]) == (None, 12, "2026-09-30T06:15:00.000Z")
    assert "taxPercent" not in made
    assert amounts(made) == {
        "unitPriceAfterDiscount": "383.994",
        "unitTax": "51.1992",
        "unitPriceInclTax": "477.8592",
        "totalAmount": "853.32",
        "totalAmountAfterDiscount": "767.988",
        "totalTaxAmount": "92.15856",
        "totalAmountInclTax": "860.14656",
        "totalCost": "638",
    }


def test_the_customers_mark_up_makes_the_price_of_the_cost(api, expense, article):
    customer = api.server.records("customers")[0]
    item = article("Väggfärg, vit, 10 l")["_id"]
    for margin, price_list, price in ((0, None, "899"), (50, None, "963"), (50, "a list", "899")):
        billing = {**customer["billingSettings"], "expenseCustomProfitMargin": margin, "priceList": price_list}
        api.server.load({"customers": [{**customer, "billingSettings": billing}]})
        made = expense(expenseItem=item, customer=customer["_id"]).body
        assert str(made["unitPrice"]) == price
    own_cost = api.server.load({"customers": [{**customer, "billingSettings": {"expenseCustomProfitMargin": 10}}]})
    assert own_cost == {"customers": 1}
    assert expense(expenseItem=item, customer=customer["_id"], unitCost=100).body["unitPrice"] == 110
    assert expense(expenseItem=item, customer=customer["_id"], unitPrice=7).body["unitPrice"] == 7


def test_the_work_order_decides_project_and_customer(api, expense, article):
    order = api.server.records("workOrders")[3]
    other = api.first("customers", customerNumber="112")["_id"]
    item = article("Parkering")["_id"]
    made = expense(expenseItem=item, workOrder=order["_id"], customer=other).body
    assert (made["customer"], made["project"]) == (order["customer"], order["project"])
    assert (made["customerName"], made["workOrderNumber"]) == (order["customerName"], order["workOrderNumber"])


def test_an_update_reckons_again(api, expense, article):
    made = expense(expenseItem=article("Parkering")["_id"]).body
    changed = api.update("expenses", made["_id"], user=made["user"], numberOfItems=3, taxPercent=0).body
    assert (changed["totalAmount"], changed["totalTaxAmount"], changed["unitPrice"]) == (120, 0, 40)
    swapped = api.update("expenses", made["_id"], user=made["user"], expenseItem=article("Facklitteratur")["_id"]).body
    assert (swapped["name"], swapped["unitPrice"], swapped["unitTaxPercent"]) == ("Facklitteratur", 245, 6)
    assert (swapped["isInvoiceable"], str(swapped["totalAmountInclTax"])) == (False, "779.1")


def test_a_deleted_expense_is_answered_with_its_id(api, expense, article):
    made = expense(expenseItem=article("Parkering")["_id"]).body
    answer = api.delete("expenses", made["_id"])
    assert (answer.status, answer.body) == (200, {"_id": made["_id"]})
    assert api.delete("expenses", made["_id"]).status == 404


@pytest.mark.parametrize(
    ("record", "named"),
    [
        ({}, "expenseItem: required when name is not given"),
        ({"name": "Hyra", "unitPrice": 1}, "unitCost: required"),
        ({"expenseItem": "none"}, "expenseItem: no expenseItems with _id none"),
        ({"expenseItem": "none", "distributor": "d"}, "distributor: no distributors with _id d"),
    ],
    ids=["neither", "free text without prices", "no such article", "no such distributor"],
)
def test_what_cannot_be_is_refused(api, expense, record, named):
    before = len(api.server.records("expenses"))
    answer = expense(**record)
    assert (answer.status, named in answer.error) == (400, True)
    assert len(api.server.records("expenses")) == before
