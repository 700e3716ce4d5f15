"""Enumerations of the API: the codes it sends and the names people use for them."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum
from typing import TypeVar

from airflow_provider_seventime.contract.names import suggestion

Code = TypeVar("Code", bound=Enum)


class InvoiceStatus(IntEnum):
    """Status of a sales invoice. 5 and 6 exist and are not documented."""

    DRAFT = 1
    SENT = 2
    PAID = 3
    OBLITERATED = 4
    CUSTOMER_LOSS = 7


class InvoiceType(IntEnum):
    """Kind of a sales invoice; ROT and RUT carry a tax deduction for house work, construction is reverse charge."""

    NORMAL = 0
    ROT = 1
    RUT = 2
    CONSTRUCTION = 3


class SupplierInvoiceStatus(IntEnum):
    """Status of a supplier invoice; the last three come from the vendor's later documentation."""

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
    """What custom fields, statuses and documents belong to."""

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
    """How a customer receives invoices."""

    EMAIL = 0
    POSTAL_LETTER = 10
    SVEFAKTURA = 20


class TypeOfProperty(IntEnum):
    """Property of a ROT or RUT invoice."""

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
    """Kind of an invoice row. The documents also spell the time log row ``timelog`` and ``time``."""

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
    """How a project is billed."""

    ACCORDING_TO_CUSTOMER = "ACCORDING_TO_CUSTOMER"
    HOURLY = "HOURLY"
    PERUSER = "PERUSER"
    HOURLY_PER_TIMECATEGORY = "HOURLY_PER_TIMECATEGORY"
    FIXED_PRICE = "FIXED_PRICE"
    PRICELIST = "PRICELIST"


class WorkOrderBillingMethod(StrEnum):
    """How a work order is billed."""

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
    """Return the codes with their names, for a message: ``1 (draft), 2 (sent)``."""
    if issubclass(codes, StrEnum):
        return ", ".join(member.value for member in codes)
    return ", ".join(f"{member.value} ({member.name.lower()})" for member in codes)


def folded_name(text: str) -> str:
    """Return a code's name as it is compared: in any case, with a blank or a hyphen for an underscore."""
    return text.replace(" ", "_").replace("-", "_").casefold()


def parse_code(codes: type[Code], value: object) -> Code:
    """Read a code given as number, number as text, or name in any case (``paid``, ``customer loss``).

    :param codes: the enumeration.
    :raises ValueError: the value names none of them; the text lists what there is.
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
    raise ValueError(f"{text!r} is none of {code_names(codes)}" + (f"; {hint}" if hint.startswith("did") else ""))
