"""Fields that customers, distributors and the documents sent to them have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEFAULT_PAYMENT_DAYS = 30
HOUSE_PROPERTIES: dict[str, Any] = {
    "typeOfProperty": 1,
    "propertyDescription": "",
    "housingSocietyNumber": "",
    "apartmentNumber": "",
    "maxDeductionAmount": 50000,
    "personalNumber": "",
    "deductionDistribution": [],
}
ADDRESS: dict[str, Any] = dict.fromkeys(("name", "address", "address2", "zipCode", "city", "country", "phone"), "")


def address_lines(party: Mapping[str, Any]) -> str:
    """Return street and city of a customer or distributor: ``Kvarngatan 4<br>602 32 Norrköping``."""
    city = f"{party.get('zipCode', '')} {party.get('city', '')}".strip()
    return "<br>".join(part for part in (party.get("address", ""), city) if part)
