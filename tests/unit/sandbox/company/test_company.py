"""Seeded company: it is reproducible, plausible, and has everything that an export has to handle."""

import os
import subprocess
import sys
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_seventime import exact_json
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.sandbox.company import ACTING_USER_ID, build_company
from airflow_provider_seventime.sandbox.rules.references import person_name, referenced_collection
from airflow_provider_seventime.sandbox.state.values import luhn_digit

TODAY = date(2026, 10, 1)
SWEDEN = ZoneInfo("Europe/Stockholm")


@pytest.fixture(scope="module")
def company():
    return build_company(7, TODAY).collections


def local_day(instant):
    return datetime.fromisoformat(instant).astimezone(SWEDEN).date()


def test_the_same_seed_and_day_make_the_same_company(company):
    build_company.cache_clear()
    again = build_company(7, TODAY).collections
    assert again is not company
    assert exact_json.encode(again) == exact_json.encode(company)


def test_the_same_seed_makes_the_same_bytes_in_every_process():
    program = (
        "import datetime, hashlib; from airflow_provider_seventime import exact_json; "
        "from airflow_provider_seventime.sandbox.company import build_company; "
        "company = build_company(7, datetime.date(2026, 10, 1), 0); "
        "print(hashlib.sha256(exact_json.encode(company.collections)).hexdigest())"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(hashes) == 1


@pytest.mark.parametrize("seed", [0, 8, 99, 123456789])
def test_another_seed_has_other_invoices(company, seed):
    others = build_company(seed, TODAY, 0).collections["invoices"]
    assert len(others) == len(company["invoices"])
    pairs = list(zip(company["invoices"], others, strict=True))
    assert all(one["invoiceNumber"] != other["invoiceNumber"] for one, other in pairs if one["invoiceNumber"])
    different = [one["totalAmountInclTax"] != other["totalAmountInclTax"] for one, other in pairs]
    assert sum(different) > len(pairs) - 3
    numbers = [int(other["invoiceNumber"]) for other in others if other["invoiceNumber"]]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_another_seed_makes_another(company):
    other = build_company(8, TODAY).collections
    assert exact_json.encode(other["timeLogs"]) != exact_json.encode(company["timeLogs"])
    assert (
        other["companyInformation"][0]["organizationNumber"] != company["companyInformation"][0]["organizationNumber"]
    )


@pytest.mark.parametrize(
    ("collection", "least", "most"),
    [
        ("customers", 12, 12),
        ("users", 8, 10),
        ("projects", 15, 15),
        ("workOrders", 20, 22),
        ("timeCategories", 5, 8),
        ("timeLogs", 900, 1400),
        ("invoices", 25, 27),
        ("supplierInvoices", 6, 12),
        ("companyInformation", 1, 1),
    ],
)
def test_number_of_records(company, collection, least, most):
    assert least <= len(company[collection]) <= most


def test_records_have_every_documented_field_and_ascending_ids(company, subtests):
    for collection in [name for name, collection in sorted(COLLECTIONS.items()) if collection.created_resource is None]:
        with subtests.test(collection):
            spec = COLLECTIONS[collection]
            records = company[collection]
            assert all(spec.fields.keys() <= record.keys() for record in records)
            ids = [record[spec.id_field] for record in records]
            assert ids == sorted(set(ids))


@pytest.mark.parametrize("collection", sorted(name for name in COLLECTIONS if name.endswith(("Timer", "documents"))))
def test_actions_have_no_records(company, collection):
    assert not company.get(collection)


def test_ids_belong_to_records_whose_names_are_beside_them(company, subtests):
    for collection in [name for name, collection in sorted(COLLECTIONS.items()) if collection.created_resource is None]:
        with subtests.test(collection):
            spec = COLLECTIONS[collection]
            for field in spec.fields:
                owner = referenced_collection(spec, field)
                if owner is None:
                    continue
                by_id = {str(record[COLLECTIONS[owner].id_field]): record for record in company[owner]}
                for record in company[collection]:
                    if record[field] is None:
                        continue
                    assert record[field] in by_id
                    if f"{field}Name" in spec.fields:
                        referenced = by_id[record[field]]
                        name = (
                            person_name(referenced) if owner == "users" else referenced[COLLECTIONS[owner].name_field]
                        )
                        assert record[f"{field}Name"] == name


def test_the_acting_user_has_the_documented_id(company):
    users = {user["_id"]: user for user in company["users"]}
    assert users[ACTING_USER_ID]["firstName"] == "API"


def test_a_work_order_has_the_customer_of_its_project(company):
    projects = {project["_id"]: project for project in company["projects"]}
    assert all(order["customer"] == projects[order["project"]]["customer"] for order in company["workOrders"])
    for collection in ("expenses", "driverJournals", "machineTimeLogs", "supplierInvoices"):
        orders = {order["_id"]: order for order in company["workOrders"]}
        placed = [record for record in company[collection] if record["workOrder"]]
        assert placed
        for record in placed:
            assert record["customer"] == orders[record["workOrder"]]["customer"]
            assert record["project"] in (None, orders[record["workOrder"]]["project"])


def test_no_record_is_from_the_future(company):
    for collection, records in company.items():
        created = {"createDate", "createdDate"} & COLLECTIONS[collection].fields.keys()
        assert all(local_day(record[name]) <= TODAY for name in created for record in records)


def test_articles_have_their_price_with_tax(company):
    for item in company["expenseItems"]:
        with_tax = Decimal(item["unitPrice"]) * (100 + Decimal(item["tax"])) / 100
        assert Decimal(item["unitPriceInclTax"]) == with_tax


@pytest.mark.parametrize("collection", ["quotes", "supplementOrders", "purchaseOrders"])
def test_documents_with_rows_add_up(company, collection):
    for one in company[collection]:
        rows = one["invoiceItems"] or [
            row for part in one["quoteElements"] for row in part["content"].get("invoiceItems", [])
        ]
        assert rows
        net, tax, total = (Decimal(one[name]) for name in ("totalAmount", "totalTaxAmount", "totalAmountInclTax"))
        assert net == sum(Decimal(row["totalAmount"]) for row in rows) != 0
        assert tax == pytest.approx(net / 4, abs=Decimal("0.005"))
        assert abs(net + tax - total) <= Decimal("0.5")
        assert total == total.to_integral_value()


def test_quotes_and_orders_have_every_status(company):
    assert {one["quoteStatus"] for one in company["quotes"]} == {1, 2, 3, 4}
    for quote in company["quotes"]:
        assert (quote["sentDate"] is None) is (quote["quoteStatus"] == 1)
        assert (quote["acceptedDate"] is not None) is (quote["quoteStatus"] == 3)
        assert (quote["rejectedDate"] is not None) is (quote["quoteStatus"] == 4)
    assert {one["purchaseOrderStatus"] for one in company["purchaseOrders"]} == {1, 2, 4, 10}
    assert {one["supplierInvoiceStatus"] for one in company["supplierInvoices"]} == {1, 5, 10, 15, 35}
    (project,) = (one for one in company["projects"] if one["quote"])
    assert project["quote"] in {one["_id"] for one in company["quotes"]}


def test_work_orders_are_completed_started_and_planned(company):
    names = {status["_id"]: status["statusName"] for status in company["workOrderStatuses"]}
    counted = Counter(names[order["statusRef"]] for order in company["workOrders"])
    assert counted.keys() == {"Klar", "Pågående", "Planerad"}
    for order in company["workOrders"]:
        done = names[order["statusRef"]] == "Klar"
        assert (order["completedDate"] is not None) is (order["completedByUserName"] != "") is done


def test_organization_and_personal_numbers_have_right_check_digits(company):
    parties = (*company["customers"], *company["companyInformation"], *company["distributors"])
    numbers = [one["organizationNumber"] for one in parties]
    numbers += [user["personalNumber"] for user in company["users"]]
    digits = [number.replace("-", "") for number in numbers if number]
    assert len(digits) >= 24
    assert all(len(one) == 10 and luhn_digit(one[:9]) == int(one[9]) for one in digits)


@pytest.mark.parametrize("sign", ['"', "ø", "€", "å", "ä", "ö", "é"])
def test_names_have_special_characters(company, sign):
    assert any(sign in customer["name"].lower() for customer in company["customers"])


def test_customers_of_every_kind(company):
    settings = [customer["billingSettings"] for customer in company["customers"]]
    for flag in ("isConstructionCompany", "isROTCustomer", "isRUTCustomer"):
        assert sum(one[flag] for one in settings) == 1


def test_time_logs_cover_three_whole_months_and_the_current_one_up_to_yesterday():
    days = {local_day(log["timestamp"]) for log in build_company(7, date(2026, 10, 15)).collections["timeLogs"]}
    assert (min(days), max(days)) == (date(2026, 7, 1), date(2026, 10, 14))
    assert not any(day.weekday() > 4 for day in days)


def test_time_logs_are_of_every_kind(company):
    logs = company["timeLogs"]
    assert 0 < sum(log["isAbsence"] for log in logs) < len(logs) / 8
    assert 0.7 < sum(log["isInvoiceable"] for log in logs) / len(logs) < 0.97
    assert any(local_day(log["timestamp"]) != local_day(log["endTimestamp"]) for log in logs)
    assert any(len(str(log["time"])) > 15 for log in logs)
    assert len({log["user"] for log in logs}) == 8
    assert len({log["customer"] for log in logs}) == 13  # twelve, and none for absence
    assert all(log["pricePerHour"] > 0 for log in logs if log["isInvoiceable"])


def test_hours_are_the_time_from_start_to_end(company):
    for log in company["timeLogs"]:
        seconds = datetime.fromisoformat(log["endTimestamp"]) - datetime.fromisoformat(log["timestamp"])
        assert abs(Decimal(log["time"]) * 3600 - int(seconds.total_seconds())) < Decimal("0.001")


def test_time_logs_before_the_last_whole_month_are_invoiced(company):
    for log in company["timeLogs"]:
        old = local_day(log["timestamp"]) < date(2026, 9, 1)
        assert log["isInvoiced"] is (old and log["isInvoiceable"])
        assert (log["invoicedDate"] is not None) is log["isInvoiced"]


@pytest.mark.parametrize("seed", [7, 8, 99])
def test_invoices_are_of_every_kind_and_add_up(seed):
    invoices = build_company(seed, TODAY, 0).collections["invoices"]
    assert Counter(one["invoiceStatus"] for one in invoices).keys() == {1, 2, 3, 4}
    assert {one["invoiceType"] for one in invoices} == {0, 1, 2, 3}
    assert sum(one["multipleTaxesOnRows"] for one in invoices) >= 3
    rates = {row["taxPercent"] for one in invoices if one["multipleTaxesOnRows"] for row in one["invoiceItems"]}
    assert rates >= {25, 12, 6}
    for one in invoices:
        parts = (one["totalAmount"], one["totalTaxAmount"], one["totalAmountRounding"])
        assert sum(Decimal(part) for part in parts) == Decimal(one["totalAmountInclTax"])
        assert sum(Decimal(row["totalAmount"]) for row in one["invoiceItems"]) == Decimal(one["totalAmount"])


def test_invoice_numbers_have_no_gaps(company):
    numbers = [int(one["invoiceNumber"]) for one in company["invoices"] if one["invoiceNumber"]]
    assert numbers == list(range(24481, 24506))


@pytest.mark.parametrize("seed", [7, 8, 99])
def test_the_credit_invoice_credits_the_whole_original(seed):
    invoices = build_company(seed, TODAY, 0).collections["invoices"]
    by_number = {one["invoiceNumber"]: one for one in invoices}
    (credit,) = (one for one in invoices if one["isCreditInvoice"])
    original = by_number[credit["creditForInvoiceNumber"]]
    assert original["creditInvoice"] == credit["_id"]
    assert original["isCredited"] is True
    assert credit["customer"] == original["customer"]
    assert Decimal(credit["totalAmountInclTax"]) == -Decimal(original["totalAmountInclTax"]) < 0


def test_the_number_of_time_logs_can_be_chosen(company):
    many = build_company(7, TODAY, 3000).collections["timeLogs"]
    assert len(many) == 3000
    newest = [{**log, "_id": ""} for log in company["timeLogs"]]
    assert [{**log, "_id": ""} for log in many[-len(newest) :]] == newest
    assert build_company(7, TODAY, 0).collections["timeLogs"] == []


@pytest.mark.parametrize("today", [date(2026, 3, 1), date(2024, 2, 29), date(2020, 11, 5), date(2026, 1, 1)], ids=str)
def test_any_day_has_a_company(today):
    collections = build_company(7, today).collections
    assert len(collections["timeLogs"]) > 700
    assert len(collections["invoices"]) == 26
