"""Projects, their statuses, types and tags, and supplement orders."""

from __future__ import annotations

from airflow_provider_seventime.contract.collections.shared import BY_EXACT_TEXT, BY_TEXT, LAST_MODIFIED, plain_fields
from airflow_provider_seventime.contract.spec import CollectionSpec, Filter, FilterKind, UniqueNumber

PROJECTS = CollectionSpec(
    name="projects",
    analysed=True,
    create="projects:ProjectCreate",
    update="projects:ProjectUpdate",
    delete="projects:ProjectDelete",
    number_field="projectNumber",
    compared_fields=("name", "customer", "pricePerHour", "fixedPrice"),
    reference_field="notes",
    unique_number=UniqueNumber("projectNumber", "projectNumber"),
    filters={"name": BY_TEXT, "projectNumber": BY_EXACT_TEXT, "lastModified": LAST_MODIFIED},
    fields=plain_fields(
        ids="customer contactPerson projectLeader projectStatusRef projectType department resultUnit quote "
        "timeCategoryPriceList fixedPriceExpenseItem",
        texts="name projectNumber projectTypeName customerName contactPersonName projectLeaderName departmentName "
        "resultUnitName quoteNumber billingMethod marking yourOrderNumber notes color",
        numbers="pricePerHour fixedPrice fixedPriceLeftToInvoice estimatedTime",
        integers="projectStatus invoiceStatus recurringBudgetType",
        booleans="fixedPriceInvoiced isActive enableConstructionDiary enablePaymentPlans enablePortalAccess "
        "timeShouldNotBeWorkTime",
        instants="startDate endDate createdDate modifiedDate",
    ),
)


PROJECT_STATUSES = CollectionSpec(
    name="projectStatuses",
    paged=False,
    gettable=False,
    name_field="statusName",
    fields=plain_fields(texts="statusName color", booleans="inProgressStatus closedStatus isActive"),
)

PROJECT_TYPES = CollectionSpec(
    name="projectTypes",
    paged=False,
    gettable=False,
    name_field="projectTypeName",
    fields=plain_fields(texts="projectTypeName", booleans="isActive"),
)

PROJECT_TAGS = CollectionSpec(
    name="projectTags", paged=False, gettable=False, name_field="tagName", fields=plain_fields(texts="tagName color")
)

# The vendor's table has the filter projectId, every sample request has project.
SUPPLEMENT_ORDERS = CollectionSpec(
    name="supplementOrders",
    name_field="title",
    number_field="supplementOrderNumber",
    status_field="status",
    filters={"project": Filter(FilterKind.ID, required=True)},
    chosen_numbers=frozenset({"supplementOrderNumber", "deviationNumber"}),
    fields=plain_fields(
        ids="createdByUser customer project priceList deviation",
        texts="supplementOrderNumber deviationNumber "
        "title description headerText createdByUserName customerName projectName projectNumber priceListName "
        "billingMethod signaturePath publicLink footerText",
        numbers="totalAmount totalTaxAmount totalAmountInclTax taxPercent contractedAmount",
        integers="supplementOrderType status",
        booleans="acceptedWithSignature",
        instants="acceptedDate createDate modifiedDate",
    ),
)
