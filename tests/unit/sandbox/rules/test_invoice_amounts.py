from decimal import Decimal

import pytest

from airflow_provider_seventime.sandbox.rules.invoice_amounts import (
    house_deduction,
    invoice_amounts,
    row_amounts,
    row_net,
)

PLAIN = {"invoiceType": 0, "multipleTaxesOnRows": False, "taxPercent": 25, "currencyCode": "SEK"}


def general(quantity, price, **more):
    return {"itemType": "general", "numberOfItems": Decimal(quantity), "unitPrice": Decimal(price), **more}


def totals(rows, **header):
    invoice = {**PLAIN, **header}
    computed = invoice_amounts([{**row, **row_amounts(row, invoice)} for row in rows], invoice)
    names = ("totalAmount", "totalTaxAmount", "totalAmountRounding", "totalAmountInclTax")
    return tuple(Decimal(computed[name]) for name in names)


def exactly(*amounts):
    return tuple(Decimal(amount) for amount in amounts)


@pytest.mark.parametrize(
    ("row", "net"),
    [
        (general("3", "100.10"), "300.30"),
        ({"itemType": "general", "unitPrice": 80}, "80"),
        (general("0", "80"), "0"),
        (general("4", "8999", discountPercent=10), "32396.40"),
        (general("1", "0.005"), "0.01"),
        ({"itemType": "timeLog", "numberOfItems": Decimal("7.5"), "pricePerHour": 595}, "4462.50"),
        ({"itemType": "timeLog", "numberOfItems": 2, "unitPrice": 100}, "200"),
        ({"itemType": "expense", "numberOfItems": 2, "pricePerHour": 999, "unitPrice": 10}, "20"),
        ({"itemType": "onlyamount", "totalAmount": 400, "numberOfItems": 7, "unitPrice": 9}, "400"),
        ({"itemType": "onlyamount"}, "0"),
        ({"itemType": "text", "unitPrice": 100, "totalAmount": 100}, "0"),
        ({"itemType": "blank", "unitPrice": 100}, "0"),
        (general("-3.27", "545"), "-1782.15"),
    ],
    ids=lambda value: f"{value['itemType']}" if isinstance(value, dict) else value,
)
def test_net_of_a_row(row, net):
    assert row_net(row) == Decimal(net)


@pytest.mark.parametrize(
    ("rows", "header", "expected"),
    [
        ([general("1", "527")], {}, ("527", "131.75", "0.25", "659")),
        ([general("1", "8000")], {}, ("8000", "2000", "0", "10000")),
        ([general("1", "4467.75")], {}, ("4467.75", "1116.94", "0.31", "5585")),
        ([general("-1", "4467.75")], {}, ("-4467.75", "-1116.94", "-0.31", "-5585")),
        (
            [
                general("12", "595", taxPercent=25),
                general("14", "112.50", taxPercent=12),
                general("2", "189", taxPercent=6),
            ],
            {"multipleTaxesOnRows": True},
            ("9093", "1996.68", "0.32", "11090"),
        ),
        ([general("1", "100")], {"multipleTaxesOnRows": True, "taxPercent": 6}, ("100", "25", "0", "125")),
        ([general("1", "100", taxPercent=6)], {"taxPercent": 12}, ("100", "12", "0", "112")),
        ([general("1", "100")], {"taxPercent": 0}, ("100", "0", "0", "100")),
        (
            [general("1", "100000", taxPercent=25)],
            {"invoiceType": 3, "multipleTaxesOnRows": True},
            ("100000", "0", "0", "100000"),
        ),
        ([general("1", "0.10")] * 3, {"taxPercent": 12}, ("0.30", "0.04", "-0.34", "0")),
        ([], {}, ("0", "0", "0", "0")),
        ([general("1", "10.10")], {"currencyCode": "EUR"}, ("10.10", "2.53", "0", "12.63")),
    ],
    ids=[
        "rounded up",
        "plain",
        "four decimals of tax",
        "credit",
        "three rates",
        "a row's own rate is 25 when not given",
        "the rate of a row is ignored with one rate",
        "no tax",
        "construction",
        "tax of tiny rows is rounded once",
        "no rows",
        "another currency is not rounded to whole ones",
    ],
)
def test_totals_of_an_invoice(rows, header, expected):
    computed = totals(rows, **header)
    assert computed == exactly(*expected)
    assert sum(computed[:3]) == computed[3]


def test_the_tax_of_a_row_is_not_rounded():
    amounts = row_amounts(general("1", "4467.75"), PLAIN)
    assert (amounts["totalTaxAmount"], amounts["totalAmountInclTax"]) == (Decimal("1116.9375"), Decimal("5584.6875"))


@pytest.mark.parametrize(
    ("invoice_type", "works", "basis", "deduction"),
    [
        (1, (("10000", 1), ("8000", 0), ("400", 0)), "12500", "3750"),
        (2, (("2520", 13),), "3150", "1575"),
        (1, (("1000", 21), ("1000", 1)), "2500", "812"),
        (0, (("10000", 1),), "0", "0"),
        (3, (("10000", 1),), "0", "0"),
    ],
    ids=["ROT 30 %", "RUT 50 %", "heat pump 35 % beside ROT", "normal", "construction"],
)
def test_house_deduction(invoice_type, works, basis, deduction):
    header = {**PLAIN, "invoiceType": invoice_type}
    rows = [general("1", price, houseWorkTypeOfWork=work) for price, work in works]
    computed = [{**row, **row_amounts(row, header)} for row in rows]
    assert house_deduction(computed, invoice_type) == (Decimal(basis), Decimal(deduction))
