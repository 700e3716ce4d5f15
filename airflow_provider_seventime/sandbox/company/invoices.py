"""The company's old invoices: every kind that an export has to book, and what it has to leave out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from airflow_provider_seventime.contract.checking import check_record
from airflow_provider_seventime.contract.codes import HouseWorkType, InvoiceStatus, InvoiceType
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.sandbox.company.customers import CONSTRUCTION, ROT, RUT, customer_with
from airflow_provider_seventime.sandbox.company.people import workers
from airflow_provider_seventime.sandbox.company.seeding import ACTING_USER_ID, Seeding
from airflow_provider_seventime.sandbox.company.settings import NORMAL, OVERTIME
from airflow_provider_seventime.sandbox.rules import records as rules
from airflow_provider_seventime.sandbox.rules.invoices import move
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import plain_value

FIRST_NUMBER = 24481
NEWEST_PAID_DAYS_AGO = 45
DRAFT, SENT, PAID, OBLITERATED = (
    InvoiceStatus.DRAFT.value,
    InvoiceStatus.SENT.value,
    InvoiceStatus.PAID.value,
    InvoiceStatus.OBLITERATED.value,
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)  # a plan is itself: rows have no hash
class _Plan:
    """An invoice to make: how old it is, its customer (index, or billing setting), rows, and what else it carries."""

    days_ago: int
    customer: int | str
    rows: tuple[Row, ...]
    extra: dict[str, Any] = field(default_factory=dict)
    status: int | None = None


def _general(name: str, quantity: str, price: str, tax: int | None = None, **more: Any) -> Row:
    row = {"itemType": "general", "name": name, "numberOfItems": Decimal(quantity), "unitPrice": Decimal(price)}
    return row | ({"taxPercent": tax} if tax is not None else {}) | more


def _hours(name: str, quantity: str, price: str, category: str = NORMAL, **more: Any) -> Row:
    row = {"itemType": "timeLog", "name": name, "numberOfItems": Decimal(quantity), "pricePerHour": Decimal(price)}
    return row | {"unit": "h", "timeCategory": category} | more


MIXED = {"multipleTaxesOnRows": True}
KITCHEN = (
    _general("Montage", "12", "595", 25),
    _general("Lunch till monteringslaget", "14", "112.50", 12),
    _general("Handbok", "2", "189", 6),
    {"itemType": "text", "name": "Enligt överenskommelse"},
)
SERVICE = (_hours("Normaltid", "7.5", "595"), _general("Material", "1", "1249.40"))
BATHROOM = (
    _hours("Rivning och kakel", "16", "595", houseWorkTypeOfWork=HouseWorkType.CONSTRUCTION.value),
    _general("Kakel och fix", "1", "8450"),
    {"itemType": "onlyamount", "name": "Resor", "totalAmount": Decimal(400)},
)
GARDEN = (_hours("Häck och snö", "6", "420", houseWorkTypeOfWork=HouseWorkType.GARDENING.value),)


def _house(invoice_type: InvoiceType, place: str) -> dict[str, Any]:
    return {"invoiceType": invoice_type.value, "houseProperties": {"typeOfProperty": 1, "propertyDescription": place}}


PLANS = (
    _Plan(150, 0, SERVICE),
    _Plan(144, 8, (_hours("Normaltid", "24", "640"),)),
    _Plan(139, 3, KITCHEN, MIXED),
    _Plan(131, ROT, BATHROOM, _house(InvoiceType.ROT, "Nyköping Björken 1:17")),
    _Plan(127, 6, (_general("Laddstolpe", "4", "8999", discountPercent=10), _hours("Montage", "11.25", "595"))),
    _Plan(120, 5, (_hours("Löpande service", "3.27", "545"),)),
    _Plan(116, 11, (_general("Stuga 12, el", "1", "18400"),)),
    _Plan(109, CONSTRUCTION, (_general("Ställverk, etapp 1", "1", "100000"),), {"invoiceType": 3}),
    _Plan(103, 9, (_hours("Belysning", "8", "595"), _general("Armatur", "6", "412.35"))),
    _Plan(98, 10, (_general("Felaktig faktura", "1", "5000"),), status=OBLITERATED),
    _Plan(92, 0, SERVICE),
    _Plan(85, 3, (_general("Catering vid invigning", "40", "89", 12), _hours("Normaltid", "5", "595")), MIXED),
    _Plan(78, RUT, GARDEN, _house(InvoiceType.RUT, "Söderköping Tallen 1:17")),
    _Plan(73, 8, (_hours("Normaltid", "31.5", "640"), _hours("Övertid", "4", "842.5", OVERTIME))),
    _Plan(66, 6, (_general("Tvättstuga, el", "1", "527"),)),  # 527 + 131.75 is rounded to 659
    _Plan(60, 4, (_general("Fasadel", "1", "21950"),)),
    _Plan(54, 1, (_general("Plan 3, dellikvid 1", "1", "64250.50"),), {"invoiceType": 3}),
    _Plan(48, 5, (_hours("Löpande service", "4.5", "545"),)),
    _Plan(43, 11, (_general("Stuga 13-14, el", "2", "18400"),)),
    _Plan(37, 9, (_hours("Felsökning", "2.25", "595"),)),
    _Plan(31, 3, (_general("Kylskåp", "1", "7990", 25), _general("Kursböcker", "5", "245", 6)), MIXED),
    _Plan(24, 0, (_hours("Normaltid", "19", "620"), _general("Kabel EKK 3G1,5", "85", "11.95"))),
    _Plan(17, 10, (_general("Portmotor", "1", "4467.75"),)),  # its tax is 1116.9375
    _Plan(9, 8, (_hours("Normaltid", "12", "640"),)),
    _Plan(3, 2, (_general("Offererad tvättbänk", "1", "6400"),), status=DRAFT),
)
CREDITED_PLACE = 5
CREDIT = _Plan(
    112, 5, (_hours("Löpande service", "-3.27", "545"),), {"name": "Kreditfaktura"}
)  # the whole of that invoice, taken back


def make_invoices(seeding: Seeding) -> None:
    """Make the invoices, the oldest first, by the very rules that serve the API."""
    seeding.store.series["invoices"] = FIRST_NUMBER
    made = {plan: _make(seeding, plan) for plan in sorted((*PLANS, CREDIT), key=lambda plan: -plan.days_ago)}
    original, credit = made[PLANS[CREDITED_PLACE]], made[CREDIT]
    collection = seeding.store.collection("invoices")
    collection.put(credit | _links("creditForInvoice", original, isCreditInvoice=True))
    collection.put(original | _links("creditInvoice", credit, isCredited=True))


def _links(name: str, other: Record, **marks: bool) -> dict[str, Any]:
    return {name: other["_id"], f"{name}Number": other["invoiceNumber"], **marks}


def _make(seeding: Seeding, plan: _Plan) -> Record:
    day = seeding.days_ago(plan.days_ago)
    customers = seeding.records("customers")
    customer = (
        customers[plan.customer]["_id"] if isinstance(plan.customer, int) else customer_with(seeding, plan.customer)
    )
    status = plan.status or (PAID if plan.days_ago > NEWEST_PAID_DAYS_AGO else SENT)
    values = {
        "customer": customer,
        "createdByUser": ACTING_USER_ID,
        "ourReference": workers(seeding)[0],
        "language": "SV",
        "invoiceDate": day.isoformat(),
        "invoiceStatus": min(status, SENT),
        "invoiceItems": [_with_category_id(seeding, row) for row in plan.rows],
        **plan.extra,
    }
    checked = plain_value(check_record(COLLECTIONS["invoices"], "create", values, seeding.zone))
    invoice = rules.create(seeding.context(seeding.instant(day)), COLLECTIONS["invoices"], checked)
    if status in (PAID, OBLITERATED):
        invoice = _move(seeding, invoice, status, day + timedelta(days=19))
    return invoice


def _with_category_id(seeding: Seeding, row: Row) -> Row:
    """Return a row whose time category, where it has one, is an id instead of a name."""
    ids = {category["name"]: category["_id"] for category in seeding.records("timeCategories")}
    return row | {"timeCategory": ids[row["timeCategory"]]} if "timeCategory" in row else row


def _move(seeding: Seeding, invoice: Record, status: int, day: date) -> Record:
    moved = move(seeding.context(seeding.instant(day)), invoice, status, ACTING_USER_ID)
    seeding.store.collection("invoices").put(moved)
    return moved
