"""Lists of fields with personal data, for ``exclude_fields`` and ``hash_fields``.

The lists follow the vendor's field tables and sample responses:

* A field that the vendor does not describe is listed with everything below it if its name refers to people, places or
  files: ``comments``, ``documents``, ``partTimeResources``.
* A company's name, number and address are listed, because those of a sole trader are personal data.
* Ids are not listed, because copies are joined by them, see ``docs/personal-data.md``.
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
# An entry about a sent e-mail has its address in additionalData.
LOG_ENTRY = "userName additionalData"
ROW_TEXTS = "name description"
CALCULATION = "invoiceItems.name invoiceItems.description"
MADE_BY = "createdByUserName ourReferenceName"
CONTACT = "name title workPhone cellPhone email"


def _paths(plain: str, **nested: str) -> tuple[str, ...]:
    """Return paths: the plain names, and the names of each nested object with its name as prefix."""
    return (*plain.split(), *(f"{part}.{name}" for part, names in nested.items() for name in names.split()))


# Lookup tables and settings without personal data.
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
        # The vendor documents few fields of tasks, timers and schedules: these are fields of its other collections.
        "tasks": _paths(
            "userName customerName createdByUserName modifiedByUserName documents comments checkLists todoItems"
        ),
        "timeLogs": _paths("userName startLocation stopLocation"),
        "timers": _paths("userName customerName startLocation stopLocation"),
        "users": _paths("firstName lastName userName email personalNumber employeeNumber workPhone cellPhone"),
        # A public register names the owner of a registration number.
        "vehicles": _paths("registrationNumber"),
        "workOrders": _paths(
            "customerName createdByUserName modifiedByUserName completedByUserName inProgressByUserName "
            "locationCoordinates partTimeResources documents comments checkLists todoItems",
            workAddress=ADDRESS,
        ),
        "workSchedules": _paths("userName"),
    }
)
"""Collection to the dotted paths of personal data: names, numbers, addresses, places and files of people.

Every readable collection is a key. Its value is empty if the collection has no personal data.
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
"""Collection to the dotted paths of free text, which may contain personal data such as a name or an address."""


def personal_fields(resource: str, *, free_text: bool = False, without: Collection[str] = ()) -> tuple[str, ...]:
    """Return the list of a collection's fields with personal data, for use in a DAG file.

    ::

        SevenTimeToSqlOperator(
            task_id="time_logs",
            resource="timeLogs",
            sql_conn_id="warehouse",
            exclude_fields=personal_fields("timeLogs", without=["userName"]),
            hash_fields=["userName"],
        )

    :param resource: the API's name of the collection, for example ``timeLogs``.
    :param free_text: include free text: titles, descriptions, notes. Defaults to False.
    :param without: paths to remove from the list, for example because they are hashed and the others excluded.
    :raises ConfigError: the collection is unknown or cannot be read, or a path of ``without`` is not in its list.
    """
    if resource not in PERSONAL_FIELDS:
        raise ConfigError(f"{resource!r} is not a readable collection: {suggestion(str(resource), PERSONAL_FIELDS)}")
    listed = PERSONAL_FIELDS[resource] + (FREE_TEXT_FIELDS.get(resource, ()) if free_text else ())
    if isinstance(without, str):
        raise ConfigError(f"without must be a list of paths, not text; give [{without!r}]")
    for path in without:
        if path not in listed:
            raise ConfigError(f"without: {path!r} is not in the list of {resource}; {suggestion(str(path), listed)}")
    return tuple(path for path in listed if path not in without)
