"""Enumerations of the API: its codes and their names."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum
from typing import TypeVar

from airflow_provider_seventime.contract.names import suggestion

Code = TypeVar("Code", bound=Enum)


class InvoiceStatus(IntEnum):
    """Status of a sales invoice. The API also has 5 and 6, which are not documented."""

    DRAFT = 1
    SENT = 2
    PAID = 3
    OBLITERATED = 4
    CUSTOMER_LOSS = 7


class InvoiceType(IntEnum):
    """Type of a sales invoice. ROT and RUT have a tax deduction for house work. Construction has reverse charge."""

    NORMAL = 0
    ROT = 1
    RUT = 2
    CONSTRUCTION = 3


class SupplierInvoiceStatus(IntEnum):
    """Status of a supplier invoice. The last three are from the vendor's later documentation."""

    REGISTERED = 1
    DRAFT = 5
    SENT = 7
    INVOICED = 10
    ATTEST_PENDING = 15
    OBLITERATED = 35
    PAUSED = 50


class PurchaseOrderStatus(IntEnum):
    """Status of a purchase order."""

    DRAFT = 1
    SENT = 2
    OBLITERATED = 3
    CONFIRMED = 4
    DELIVERED = 10


class EntityType(IntEnum):
    """Type of the record that a custom field, status or document belongs to."""

    TIME_LOG = 100
    WORK_ORDER = 200
    TASKS = 300
    INVOICE = 400
    PROJECT = 500
    EXPENSE = 600
    MACHINE_TIME_LOG = 700
    DRIVER_JOURNAL = 800
    SALARY_DEVIATION = 900
    USER = 1000
    CUSTOMER = 1100
    ABSENCE = 1200
    WORK_TIME_ABSENCE = 1300
    QUOTE = 1400
    MACHINE = 1500
    OBJECT_ITEM = 1600
    CUSTOMER_SIGNATURE = 1700
    SUPPLEMENT_ORDER = 1800
    CONSTRUCTION_DIARY = 1900
    CHECKLIST = 2000
    PAYMENT_PLAN = 2100


class InvoicingStatus(IntEnum):
    """``invoiceStatus`` of a project or a work order."""

    NONE = 0
    NOT_INVOICEABLE = 5
    READY = 10
    PARTLY_INVOICED = 20
    FULLY_INVOICED = 30


class CustomerType(IntEnum):
    """``typeOfCustomer``."""

    COMPANY = 10
    PRIVATE = 20


class InvoiceDeliveryType(IntEnum):
    """Delivery of invoices to a customer."""

    EMAIL = 0
    POSTAL_LETTER = 10
    SVEFAKTURA = 20


class TypeOfProperty(IntEnum):
    """Type of the property on a ROT or RUT invoice."""

    DETACHED = 1
    CONDOMINIUM = 2


class HouseWorkType(IntEnum):
    """``houseWorkTypeOfWork`` of an invoice row."""

    NONE = 0
    CONSTRUCTION = 1
    ELECTRICAL = 2
    WINDOWS_METAL = 3
    GROUND_WORK = 4
    BRICK_WORK = 5
    PAINTING = 6
    PLUMBING = 7
    CLEANING = 9
    TEXTILE = 10
    SNOW_REMOVAL = 12
    GARDENING = 13
    CHILD_CARE = 14
    PERSONAL_CARE = 15
    MOVING_SERVICES = 18
    IT_SERVICES = 19
    HEAT_PUMP_30 = 20
    HEAT_PUMP_35 = 21
    APPLIANCE_REPAIR = 22


ROT_WORK = frozenset(
    {
        HouseWorkType.CONSTRUCTION,
        HouseWorkType.ELECTRICAL,
        HouseWorkType.WINDOWS_METAL,
        HouseWorkType.GROUND_WORK,
        HouseWorkType.BRICK_WORK,
        HouseWorkType.PAINTING,
        HouseWorkType.PLUMBING,
        HouseWorkType.HEAT_PUMP_30,
        HouseWorkType.HEAT_PUMP_35,
    }
)
RUT_WORK = frozenset(HouseWorkType) - ROT_WORK - {HouseWorkType.NONE}


class ItemType(StrEnum):
    """Type of an invoice row. The vendor's documentation also writes ``timelog`` and ``time`` for a time log."""

    EXPENSE = "expense"
    TIME_LOG = "timeLog"
    GENERAL = "general"
    BLANK = "blank"
    TEXT = "text"
    ONLY_AMOUNT = "onlyamount"
    MACHINE_TIME_LOG = "machineTimeLog"
    DRIVER_JOURNAL = "driverJournal"


ITEM_TYPE_SPELLINGS = {"timelog": ItemType.TIME_LOG, "time": ItemType.TIME_LOG}


class ProjectBillingMethod(StrEnum):
    """Billing method of a project."""

    ACCORDING_TO_CUSTOMER = "ACCORDING_TO_CUSTOMER"
    HOURLY = "HOURLY"
    PERUSER = "PERUSER"
    HOURLY_PER_TIMECATEGORY = "HOURLY_PER_TIMECATEGORY"
    FIXED_PRICE = "FIXED_PRICE"
    PRICELIST = "PRICELIST"


class WorkOrderBillingMethod(StrEnum):
    """Billing method of a work order."""

    RUNNING = "RUNNING"
    FIXED_PRICE = "FIXED_PRICE"
    ACCORDING_TO_QUOTE = "ACCORDING_TO_QUOTE"


WEBHOOK_EVENTS = (
    *(
        f"{what}.{did}"
        for what in ("workorder", "project", "customer", "task", "timelog")
        for did in ("created", "updated")
    ),
    *(f"invoice.{did}" for did in ("created", "updated", "sent")),
    *(f"quote.{did}" for did in ("created", "updated", "sent", "opened", "approved", "rejected")),
)

TAX_PERCENTS = (0, 6, 12, 25)

COLOURS = frozenset(
    [
        "9c27b0",
        "673ab7",
        "7C4DFF",
        "3F51B5",
        "3a87ad",
        "2196F3",
        "03A9F4",
        "00BCD4",
        "009688",
        "468847",
        "4CAF50",
        "8BC34A",
        "CDDC39",
        "FF9800",
        "FF5722",
        "f44336",
        "e91e63",
        "795548",
        "5D4037",
        "999999",
        "666666",
        "333333",
        "000000",
        "FAFAFA",
    ]
)


def code_names(codes: type[Enum]) -> str:
    """Return codes and names for a message: ``1 (draft), 2 (sent)``."""
    if issubclass(codes, StrEnum):
        return ", ".join(member.value for member in codes)
    return ", ".join(f"{member.value} ({member.name.lower()})" for member in codes)


def folded_name(text: str) -> str:
    """Return a code's name in the form for comparison: ``Customer loss`` and ``CUSTOMER-LOSS`` give the same."""
    return text.replace(" ", "_").replace("-", "_").casefold()


def parse_code(codes: type[Code], value: object) -> Code:
    """Return the code of a number, a number as text, or a name in any case (``paid``, ``customer loss``).

    :param codes: the enumeration.
    :raises ValueError: the value is not in the enumeration. The message lists all codes.
    """
    if isinstance(value, codes):
        return value
    text = str(value).strip()
    if codes is ItemType and text.casefold() in ITEM_TYPE_SPELLINGS:
        return codes(ITEM_TYPE_SPELLINGS[text.casefold()])
    spelled = folded_name(text)
    for member in codes:
        if text == str(member.value) or spelled in (member.name.casefold(), str(member.value).casefold()):
            return member
    hint = suggestion(spelled, [member.name.lower() for member in codes]) if spelled and not text.isdigit() else ""
    raise ValueError(f"{text!r} is not one of {code_names(codes)}" + (f"; {hint}" if hint.startswith("did") else ""))
