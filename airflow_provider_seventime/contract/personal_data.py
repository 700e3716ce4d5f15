"""Which fields hold personal data: ready lists for ``exclude_fields`` and ``hash_fields``.

The lists are drawn from the vendor's field tables and sample answers. What the vendor shows empty or does not describe
is listed whole where it is about people, places or files (``comments``, ``documents``, ``partTimeResources``): rather
too much than too little. A company's name, number and address are listed, because a sole trader's are a person's. Ids
are not: without them a copy joins nothing, see ``docs/personal-data.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.exceptions import ConfigError

ADDRESS = "name address address2 zipCode city phone"
HOUSEHOLD = (
    "personalNumber propertyDescription housingSocietyNumber apartmentNumber deductionDistribution.userName "
    "deductionDistribution.personalNumber"
)
# What was sent is noted with the address that it went to.
LOG_ENTRY = "userName additionalData"
ROW_TEXTS = "name description"
CALCULATION = "invoiceItems.name invoiceItems.description"
MADE_BY = "createdByUserName ourReferenceName"
CONTACT = "name title workPhone cellPhone email"


def _paths(plain: str, **nested: str) -> tuple[str, ...]:
    """Return paths: the first names as they are, and those of each part with its name in front."""
    return (*plain.split(), *(f"{part}.{name}" for part, names in nested.items() for name in names.split()))


# Look-ups and settings: what they name is no person.
_WITHOUT = (
    "customFields defaultSalaryTypes departments driverJournalTypes invoiceTags machineTypes priceLists "
    "projectStatuses projectTags projectTypes quoteCategories resultUnits statuses timeCategories userRoles userSkills "
    "userWorkTypes webhookSubscriptions workOrderStatuses workOrderTags workOrderTypes"
)

PERSONAL_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(_WITHOUT.split(), ()),
        "companyInformation": _paths("name organizationNumber address address2 zipCode city email phone"),
        "contactPersons": _paths(f"{CONTACT} customerName"),
        "customers": _paths(
            "name organizationNumber vatNumber email phone address address2 zipCode city documents",
            deliveryAddress=ADDRESS,
            billingSettings=f"address address2 zipCode city invoiceEmail {HOUSEHOLD}",
        ),
        "distributorContactPersons": _paths(f"{CONTACT} distributorName"),
        "distributors": _paths(
            "name organizationNumber address zipCode city phone email purchaseOrderEmail",
            selfBillingSettings="emailForSelfBilling",
        ),
        "driverJournals": _paths("userName customerName carRegistrationNumber startAddress endAddress"),
        "expenseItems": _paths("distributorName"),
        "expenses": _paths("userName customerName distributorName documents"),
        "invoices": _paths(
            f"{MADE_BY} customerName customerAddress customerEmail customerOrgNo customerVAT contactPersonName "
            "documents checkLists",
            deliveryAddress=ADDRESS,
            houseProperties=HOUSEHOLD,
            invoiceLogEntries=LOG_ENTRY,
        ),
        "machineTimeLogs": _paths("userName customerName"),
        "machines": _paths("createdByUserName distributorName documents machineLog"),
        "projects": _paths(
            "customerName contactPersonName projectLeaderName documents comments checkLists projectResources",
            deliveryAddress=ADDRESS,
            staffLedger="developerName developerOrgNumber",
        ),
        "purchaseOrders": _paths(
            f"{MADE_BY} approvedByName distributorName distributorAddress distributorVAT contactPersonDistributorName "
            "deliveryAttention deliveryPhone publicLink documents",
            deliveryAddress=ADDRESS,
            invoiceAddress=f"{ADDRESS} email",
            purchaseOrderLogEntries=LOG_ENTRY,
        ),
        "quoteTemplates": _paths("createdByUserName documents", logo="userName"),
        "quotes": _paths(
            f"{MADE_BY} salesAgentName customerName customerAddress customerVAT contactPersonName publicLink documents",
            deliveryAddress=ADDRESS,
            houseProperties=HOUSEHOLD,
            quoteLogEntries=LOG_ENTRY,
        ),
        "supplementOrders": _paths(
            "createdByUserName customerName signaturePath publicLink documents deviations",
            supplementOrderLogEntries=LOG_ENTRY,
        ),
        "supplierInvoices": _paths(
            "customerName distributorName ourReference yourReference documents", supplierInvoiceLogEntries=LOG_ENTRY
        ),
        # Of tasks, timers and schedules the vendor names hardly a field: these are what its other collections have.
        "tasks": _paths(
            "userName customerName createdByUserName modifiedByUserName documents comments checkLists todoItems"
        ),
        "timeLogs": _paths("userName startLocation stopLocation"),
        "timers": _paths("userName customerName startLocation stopLocation"),
        "users": _paths("firstName lastName userName email personalNumber employeeNumber workPhone cellPhone"),
        # A registration number leads to the car's owner, by a register that is open to everybody.
        "vehicles": _paths("registrationNumber"),
        "workOrders": _paths(
            "customerName createdByUserName modifiedByUserName completedByUserName inProgressByUserName "
            "locationCoordinates partTimeResources documents comments checkLists todoItems",
            workAddress=ADDRESS,
        ),
        "workSchedules": _paths("userName"),
    }
)
"""Collection to the dotted paths of what is personal by its meaning: names, numbers, addresses, places, files.

Every collection that can be read has an entry, an empty one where it holds nothing of the kind.
"""

FREE_TEXT_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "customers": _paths("notes", billingSettings="defaultEmailSubject"),
        "distributors": _paths("notes"),
        "driverJournals": _paths("name description travelPurpose projectName workOrderTitle"),
        "expenses": _paths("name description projectName workOrderTitle customFields"),
        "invoices": _paths(
            "invoiceName projectName marking yourOrderNumber notes description headerText footerText footerInfoText "
            "customFields",
            invoiceItems=ROW_TEXTS,
            invoiceLogEntries="description",
        ),
        "machineTimeLogs": _paths("description internalDescription projectName workOrderTitle"),
        "machines": _paths("customFields"),
        "projects": _paths("name marking yourOrderNumber notes customFields", budgetCalculation=CALCULATION),
        "purchaseOrders": _paths(
            "purchaseOrderName purchaseOrderInfoName projectName workOrderName marking headerText footerText "
            "footerInfoText",
            invoiceItems=ROW_TEXTS,
            purchaseOrderLogEntries="description",
        ),
        "quoteTemplates": _paths("footerText quoteAddress columnContents quoteElements"),
        "quotes": _paths(
            "quoteName quoteInfoName projectName workOrderName marking notes description headerText footerText "
            "footerInfoText confirmationTitle confirmationHeaderText confirmationFooterInfoText quoteConditionsContent "
            "quoteElements.content.text quoteElements.content.confirmationText "
            "quoteElements.content.invoiceItems.name quoteElements.content.invoiceItems.description",
            invoiceItems=ROW_TEXTS,
            budgetCalculation=CALCULATION,
            quoteLogEntries="description",
        ),
        "supplementOrders": _paths(
            "title description projectName headerText footerText",
            invoiceItems=ROW_TEXTS,
            supplementOrderLogEntries="description",
        ),
        "supplierInvoices": _paths(
            "notes projectName workOrderTitle footerText footerInfoText",
            invoiceItems=ROW_TEXTS,
            supplierInvoiceLogEntries="description",
        ),
        "tasks": _paths("name title description customFields"),
        "timeLogs": _paths("description internalDescription customFields"),
        "timers": _paths("description"),
        "workOrders": _paths(
            "title description marking yourOrderNumber customFields",
            invoiceRows=ROW_TEXTS,
            budgetCalculation=CALCULATION,
        ),
    }
)
"""Collection to the dotted paths of what people write freely: it may hold a name or an address, and mostly does not."""


def personal_fields(resource: str, *, free_text: bool = False, without: Collection[str] = ()) -> tuple[str, ...]:
    """Return the ready list of a collection, to be written into a DAG file.

    ::

        SevenTimeToSqlOperator(
            task_id="time_logs",
            resource="timeLogs",
            sql_conn_id="warehouse",
            exclude_fields=personal_fields("timeLogs", without=["userName"]),
            hash_fields=["userName"],
        )

    :param resource: the API's name of the collection, for example ``timeLogs``.
    :param free_text: what people write freely too: titles, descriptions, notes. Defaults to False.
    :param without: paths that are left out of the list, because they are kept, or hashed where the rest is excluded.
    :raises ConfigError: there is no such collection to be read, or a path of ``without`` is not in its list.
    """
    if resource not in PERSONAL_FIELDS:
        raise ConfigError(
            f"{resource!r} is no collection that can be read: {suggestion(str(resource), PERSONAL_FIELDS)}"
        )
    listed = PERSONAL_FIELDS[resource] + (FREE_TEXT_FIELDS.get(resource, ()) if free_text else ())
    if isinstance(without, str):
        raise ConfigError(f"without must be a list of paths, not text: write [{without!r}]")
    for path in without:
        if path not in listed:
            raise ConfigError(f"without: {path!r} is not in the list of {resource}; {suggestion(str(path), listed)}")
    return tuple(path for path in listed if path not in without)
