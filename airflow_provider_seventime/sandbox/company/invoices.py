"""Invoices of the seeded company: every kind that an export books, and some that it leaves out."""

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
from airflow_provider_seventime.sandbox.company.seeding import ACTING_USER_ID, DEFAULT_SEED, Seeding
from airflow_provider_seventime.sandbox.company.settings import NORMAL, OVERTIME
from airflow_provider_seventime.sandbox.rules import records
from airflow_provider_seventime.sandbox.rules.collections.invoices import change_status
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import plain_value, round_to_ore

# Of the default seed. Other seeds have other numbers and prices.
FIRST_NUMBER = 24481
OTHER_FIRST_NUMBERS = range(10_000, 90_000)
OTHER_PRICES_PER_MILLE = range(800, 1250)
PRICE_FIELDS = ("unitPrice", "pricePerHour", "totalAmount")
NEWEST_PAID_DAYS_AGO = 45
DRAFT, SENT, PAID, OBLITERATED = (
    InvoiceStatus.DRAFT.value,
    InvoiceStatus.SENT.value,
    InvoiceStatus.PAID.value,
    InvoiceStatus.OBLITERATED.value,
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: rows have no hash
class _InvoiceSeed:
    """Invoice to create.

    :param days_ago: age of the invoice.
    :param customer: index of the customer, or the billing setting that the customer has.
    :param rows: the rows.
    :param extra: further fields.
    :param status: status; None: paid if older than 45 days, otherwise sent.
    """

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


def _house_work(invoice_type: InvoiceType, place: str) -> dict[str, Any]:
    return {"invoiceType": invoice_type.value, "houseProperties": {"typeOfProperty": 1, "propertyDescription": place}}


INVOICE_SEEDS = (
    _InvoiceSeed(150, 0, SERVICE),
    _InvoiceSeed(144, 8, (_hours("Normaltid", "24", "640"),)),
    _InvoiceSeed(139, 3, KITCHEN, MIXED),
    _InvoiceSeed(131, ROT, BATHROOM, _house_work(InvoiceType.ROT, "Nyköping Björken 1:17")),
    _InvoiceSeed(127, 6, (_general("Laddstolpe", "4", "8999", discountPercent=10), _hours("Montage", "11.25", "595"))),
    _InvoiceSeed(120, 5, (_hours("Löpande service", "3.27", "545"),)),
    _InvoiceSeed(116, 11, (_general("Stuga 12, el", "1", "18400"),)),
    _InvoiceSeed(109, CONSTRUCTION, (_general("Ställverk, etapp 1", "1", "100000"),), {"invoiceType": 3}),
    _InvoiceSeed(103, 9, (_hours("Belysning", "8", "595"), _general("Armatur", "6", "412.35"))),
    _InvoiceSeed(98, 10, (_general("Felaktig faktura", "1", "5000"),), status=OBLITERATED),
    _InvoiceSeed(92, 0, SERVICE),
    _InvoiceSeed(85, 3, (_general("Catering vid invigning", "40", "89", 12), _hours("Normaltid", "5", "595")), MIXED),
    _InvoiceSeed(78, RUT, GARDEN, _house_work(InvoiceType.RUT, "Söderköping Tallen 1:17")),
    _InvoiceSeed(73, 8, (_hours("Normaltid", "31.5", "640"), _hours("Övertid", "4", "842.5", OVERTIME))),
    _InvoiceSeed(66, 6, (_general("Tvättstuga, el", "1", "527"),)),  # 527 + 131.75 is rounded to 659
    _InvoiceSeed(60, 4, (_general("Fasadel", "1", "21950"),)),
    _InvoiceSeed(54, 1, (_general("Plan 3, dellikvid 1", "1", "64250.50"),), {"invoiceType": 3}),
    _InvoiceSeed(48, 5, (_hours("Löpande service", "4.5", "545"),)),
    _InvoiceSeed(43, 11, (_general("Stuga 13-14, el", "2", "18400"),)),
    _InvoiceSeed(37, 9, (_hours("Felsökning", "2.25", "595"),)),
    _InvoiceSeed(31, 3, (_general("Kylskåp", "1", "7990", 25), _general("Kursböcker", "5", "245", 6)), MIXED),
    _InvoiceSeed(24, 0, (_hours("Normaltid", "19", "620"), _general("Kabel EKK 3G1,5", "85", "11.95"))),
    _InvoiceSeed(17, 10, (_general("Portmotor", "1", "4467.75"),)),  # its tax is 1116.9375
    _InvoiceSeed(9, 8, (_hours("Normaltid", "12", "640"),)),
    _InvoiceSeed(3, 2, (_general("Offererad tvättbänk", "1", "6400"),), status=DRAFT),
)
CREDITED_INDEX = 5
CREDIT = _InvoiceSeed(
    112, 5, (_hours("Löpande service", "-3.27", "545"),), {"name": "Kreditfaktura"}
)  # credits the whole invoice


def make_invoices(seeding: Seeding) -> None:
    """Create the invoices, the oldest first, with the rules of the API."""
    seeding.store.series["invoices"] = _first_number(seeding)
    created = {seed: _make(seeding, seed) for seed in sorted((*INVOICE_SEEDS, CREDIT), key=lambda seed: -seed.days_ago)}
    original, credit = created[INVOICE_SEEDS[CREDITED_INDEX]], created[CREDIT]
    collection = seeding.store.collection("invoices")
    collection.put(credit | _links("creditForInvoice", original, isCreditInvoice=True))
    collection.put(original | _links("creditInvoice", credit, isCredited=True))


def _first_number(seeding: Seeding) -> int:
    """Return the number of the oldest invoice."""
    if seeding.seed == DEFAULT_SEED:
        return FIRST_NUMBER
    return seeding.random("invoice numbers").choice(OTHER_FIRST_NUMBERS)


def _price_level(seeding: Seeding, customer_id: str) -> Decimal:
    """Return the factor of all prices for a customer, so that a credit invoice has the prices of its original."""
    if seeding.seed == DEFAULT_SEED:
        return Decimal(1)
    return Decimal(seeding.random("prices", customer_id).choice(OTHER_PRICES_PER_MILLE)) / 1000


def _links(name: str, other: Record, **flags: bool) -> dict[str, Any]:
    return {name: other["_id"], f"{name}Number": other["invoiceNumber"], **flags}


def _make(seeding: Seeding, seed: _InvoiceSeed) -> Record:
    day = seeding.days_ago(seed.days_ago)
    customers = seeding.records("customers")
    customer = (
        customers[seed.customer]["_id"] if isinstance(seed.customer, int) else customer_with(seeding, seed.customer)
    )
    level = _price_level(seeding, customer)
    status = seed.status or (PAID if seed.days_ago > NEWEST_PAID_DAYS_AGO else SENT)
    values = {
        "customer": customer,
        "createdByUser": ACTING_USER_ID,
        "ourReference": workers(seeding)[0],
        "language": "SV",
        "invoiceDate": day.isoformat(),
        "invoiceStatus": min(status, SENT),
        "invoiceItems": [_with_category_id(seeding, _at_level(row, level)) for row in seed.rows],
        **seed.extra,
    }
    checked = plain_value(check_record(COLLECTIONS["invoices"], "create", values, seeding.zone))
    invoice = records.create(seeding.context(seeding.instant(day)), COLLECTIONS["invoices"], checked)
    if status in (PAID, OBLITERATED):
        invoice = _change_status(seeding, invoice, status, day + timedelta(days=19))
    return invoice


def _at_level(row: Row, level: Decimal) -> Row:
    """Return a row with its prices times a factor, rounded to öre."""
    return row | {name: round_to_ore(row[name] * level) for name in PRICE_FIELDS if name in row and level != 1}


def _with_category_id(seeding: Seeding, row: Row) -> Row:
    """Return a row with the id of its time category instead of the name."""
    ids = {category["name"]: category["_id"] for category in seeding.records("timeCategories")}
    return row | {"timeCategory": ids[row["timeCategory"]]} if "timeCategory" in row else row


def _change_status(seeding: Seeding, invoice: Record, status: int, day: date) -> Record:
    changed = change_status(seeding.context(seeding.instant(day)), invoice, status, ACTING_USER_ID)
    seeding.store.collection("invoices").put(changed)
    return changed
