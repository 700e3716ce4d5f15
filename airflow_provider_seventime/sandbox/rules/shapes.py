"""Collections without rules of their own: what their records hold beside plain fields, and what answers keep back."""

from __future__ import annotations

from collections.abc import Mapping

from airflow_provider_seventime.sandbox.rules.context import CollectionRules
from airflow_provider_seventime.sandbox.rules.people import ADDRESS, HOUSE_PROPERTIES

NO_BUDGET = {"invoiceItems": [], "totalBenefitAmount": 0, "totalCostAmount": 0}

SHAPES: Mapping[str, CollectionRules] = {
    "documents": CollectionRules(internal=frozenset({"fileContent"})),
    "departments": CollectionRules(defaults={"managerIds": []}),
    "userSkills": CollectionRules(defaults={"requireEducations": []}),
    # The samples show the code of a status on projects and work orders, beside the id, and not on the status itself.
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
            "budgetCalculation": NO_BUDGET,
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
