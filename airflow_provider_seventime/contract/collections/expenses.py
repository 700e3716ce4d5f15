"""Expenses, expense items, driver journals and vehicles."""

from __future__ import annotations

from airflow_provider_seventime.contract.collections.shared import (
    BY_EXACT_TEXT,
    BY_FLAG,
    BY_ID,
    BY_NUMBER,
    BY_TEXT,
    FROM_DATE,
    LAST_MODIFIED,
    TO_DATE,
    plain_fields,
)
from airflow_provider_seventime.contract.spec import CollectionSpec, ReferenceSearch, Window

EXPENSES = CollectionSpec(
    name="expenses",
    window=Window("timestamp", "fromDate", "toDate"),
    analysed=True,
    create="expenses:ExpenseCreate",
    update="expenses:ExpenseUpdate",
    delete="expenses:ExpenseDelete",
    compared_fields=(
        "user",
        "customer",
        "project",
        "workOrder",
        "expenseItem",
        "numberOfItems",
        "unitPrice",
        "unitCost",
    ),
    reference_field="description",
    restated_on_update=("user",),
    reference_search=ReferenceSearch(
        date_field="timestamp",
        from_filter="fromDate",
        to_filter="toDate",
        owner_field="user",
    ),
    filters={
        "name": BY_TEXT,
        "articleNumber": BY_EXACT_TEXT,
        "customer": BY_ID,
        "project": BY_ID,
        "distributor": BY_ID,
        "fromDate": FROM_DATE,
        "toDate": TO_DATE,
        "lastModified": LAST_MODIFIED,
    },
    chosen_numbers=frozenset({"workOrderNumber"}),
    fields=plain_fields(
        ids="customer expenseItem project user workOrder distributor salaryCompilation attestedBy createdByUser",
        texts="name description customerName projectName userName workOrderTitle unit verificationNumber "
        "distributorName articleNumber workOrderNumber",
        numbers="numberOfItems totalAmount totalAmountAfterDiscount totalAmountInclTax totalTaxAmount unitCost "
        "unitPrice "
        "unitPriceInclTax unitTax unitPriceAfterDiscount discountPercent unitTaxPercent totalCost",
        booleans="isAttested isInvoiceable isInvoiced supplementOrder doReimburse",
        instants="timestamp createDate modifiedDate",
    ),
)

# The vendor's description has the path expenses, its sample request has expenseItems.
EXPENSE_ITEMS = CollectionSpec(
    name="expenseItems",
    number_field="articleNumber",
    filters={
        "name": BY_TEXT,
        "articleNumber": BY_EXACT_TEXT,
        "distributorName": BY_TEXT,
        "description": BY_TEXT,
        "parentExpenseItemName": BY_TEXT,
        "isInvoiceable": BY_FLAG,
        "isActive": BY_FLAG,
        "favorite": BY_FLAG,
    },
    fields=plain_fields(
        ids="parentExpenseItem distributor",
        texts="name description articleNumber unit parentExpenseItemName categoryGroupNumber articleGroupNumber "
        "distributorName",
        numbers="tax unitPrice unitCost unitPriceInclTax",
        booleans="isInvoiceable isCategory alwaysReimburse isActive isInventoryItem",
        instants="createDate",
    ),
)

DRIVER_JOURNALS = CollectionSpec(
    name="driverJournals",
    window=Window("timestamp", "fromDate", "toDate"),
    analysed=True,
    create="driver_journals:DriverJournalCreate",
    update="driver_journals:DriverJournalUpdate",
    delete="driver_journals:DriverJournalDelete",
    name_field="travelPurpose",
    compared_fields=("user", "customer", "project", "workOrder", "startOdometer", "endOdometer", "price"),
    reference_field="description",
    restated_on_update=("user",),
    reference_search=ReferenceSearch(owner_field="user"),
    filters={
        "projectName": BY_TEXT,
        "customerName": BY_TEXT,
        "driverJournalItemTypeName": BY_TEXT,
        "isInvoiceable": BY_FLAG,
        "workOrderTitle": BY_TEXT,
        "workOrderNumber": BY_NUMBER,
        "carRegistrationNumber": BY_EXACT_TEXT,
        "startAddress": BY_TEXT,
        "endAddress": BY_TEXT,
        "fromDate": FROM_DATE,
        "toDate": TO_DATE,
    },
    chosen_numbers=frozenset({"workOrderNumber"}),
    fields=plain_fields(
        ids="driverJournalItemType car user customer project workOrder invoice createdByUser",
        texts="name driverJournalItemTypeName carRegistrationNumber description userName customerName projectName "
        "workOrderTitle startAddress endAddress travelPurpose workOrderNumber",
        numbers="startOdometer endOdometer totalDistance price totalAmount cost totalCost",
        booleans="isInvoiced isInvoiceable isSalaryCompensated",
        instants="timestamp createDate modifiedDate",
    ),
)

DRIVER_JOURNAL_TYPES = CollectionSpec(
    name="driverJournalTypes",
    paged=False,
    gettable=False,
    fields=plain_fields(
        ids="salaryType",
        texts="name articleNumber salaryTypeName salaryCode",
        numbers="cost price",
        integers="salaryCompensationType",
        booleans="isInvoiceable isDefault isActive",
        instants="createDate",
    ),
)

VEHICLES = CollectionSpec(
    name="vehicles",
    number_field="registrationNumber",
    fields=plain_fields(texts="name registrationNumber", booleans="isActive", instants="createDate"),
)
