"""Collections whose only rules are default values of fields and hidden fields."""

from __future__ import annotations

from collections.abc import Mapping

from airflow_provider_seventime.sandbox.rules.context import CollectionRules
from airflow_provider_seventime.sandbox.rules.party_fields import ADDRESS, HOUSE_PROPERTIES

EMPTY_BUDGET = {"invoiceItems": [], "totalBenefitAmount": 0, "totalCostAmount": 0}

DEFAULT_FIELDS: Mapping[str, CollectionRules] = {
    "contactPersons": CollectionRules(defaults={"isActive": True}),
    "documents": CollectionRules(internal=frozenset({"fileContent"})),
    "departments": CollectionRules(defaults={"managerIds": []}),
    "userSkills": CollectionRules(defaults={"requireEducations": []}),
    # The samples contain the code of a status in projects and work orders and not in the status itself.
    "projectStatuses": CollectionRules(internal=frozenset({"status"})),
    "workOrderStatuses": CollectionRules(internal=frozenset({"status"})),
    "statuses": CollectionRules(internal=frozenset({"entityType"})),
    "customFields": CollectionRules(
        internal=frozenset({"entityType"}),
        filter_defaults={"entityType": "100"},  # as documented
        defaults={"selectFieldData": [], "entityType": 100},
    ),
    "expenseItems": CollectionRules(
        internal=frozenset({"favorite"}), defaults={"bundledArticles": [], "favorite": False}
    ),
    "machines": CollectionRules(
        defaults={
            "trackunitData": {"id": ""},
            "machineLog": [],
            "documents": [],
            "customFields": [],
            "debitManualRegistrationPrices": [],
            "debitMinimiPrices": [],
            "debitSchedulePrices": [],
            "isSupplementForMachines": [],
        }
    ),
    "quoteTemplates": CollectionRules(
        defaults={"columnContents": [], "documents": [], "quoteElements": [], "logo": []}
    ),
    "quotes": CollectionRules(
        defaults={
            "language": "SV",
            "taxPercent": 25,
            "currencyCode": "SEK",
            "currencyRate": 1,
            "confirmationTitle": "Orderbekräftelse",
            "confirmationHeaderText": "Härmed bekräftar vi er beställning enligt specifikationen nedan.",
            "quoteElements": [],
            "quoteLogEntries": [],
            "invoiceItems": [],
            "documents": [],
            "budgetCalculation": EMPTY_BUDGET,
            "houseProperties": HOUSE_PROPERTIES,
            "deliveryAddress": ADDRESS,
        }
    ),
    "supplementOrders": CollectionRules(
        defaults={
            "deviations": [],
            "supplementOrderLogEntries": [],
            "documents": [],
            "workOrderIds": [],
            "invoiceIds": [],
            "invoiceItems": [],
        }
    ),
}
