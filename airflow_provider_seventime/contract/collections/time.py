"""Time categories, time logs, machines and their time logs, timers and work schedules."""

from __future__ import annotations

from airflow_provider_seventime.contract.collections.shared import (
    BY_EXACT_TEXT,
    BY_FLAG,
    BY_ID,
    BY_TEXT,
    FROM_DATE,
    LAST_MODIFIED,
    TO_DATE,
    plain_fields,
)
from airflow_provider_seventime.contract.spec import CollectionSpec, Filter, FilterKind, Match, ReferenceSearch, Window

TIME_CATEGORIES = CollectionSpec(
    name="timeCategories",
    paged=False,
    fields=plain_fields(
        texts="name description articleNumber color presenceCode",
        numbers="pricePerHour",
        booleans="isAbsenceType isUnsocialHour isInvoiceable isWorkTime isActive isVacation requirePreAttest "
        "isMachineTime",
    ),
)

TIME_LOGS = CollectionSpec(
    name="timeLogs",
    window=Window("timestamp", "timestamp", ends_filter="endTimestamp"),
    analysed=True,
    create="time_logs:TimeLogCreate",
    update="time_logs:TimeLogUpdate",
    delete="time_logs:TimeLogDelete",
    name_field="description",
    compared_fields=("user", "time", "customer", "project", "timeCategory", "workOrder"),
    reference_field="internalDescription",
    restated_on_update=("user",),
    reference_search=ReferenceSearch(
        date_field="timestamp", from_filter="timestamp", owner_field="user", owner_filter="user"
    ),
    filters={
        "user": BY_ID,
        "customer": BY_ID,
        "project": BY_ID,
        "task": BY_ID,
        "category": Filter(FilterKind.ID, field="timeCategory"),
        "workOrder": BY_ID,
        "workOrderNumber": Filter(FilterKind.NUMBER),
        "timestamp": Filter(FilterKind.TIME, match=Match.FROM),
        "endTimestamp": Filter(FilterKind.TIME, match=Match.TO),
        "invoicedDate": Filter(FilterKind.DATE),
        "isAbsence": BY_FLAG,
        "lastModified": LAST_MODIFIED,
    },
    chosen_numbers=frozenset({"workOrderNumber"}),
    fields=plain_fields(
        ids="user customer project timeCategory workOrder task createdByUser",
        texts="userName description internalDescription workOrderNumber",
        numbers="time invoiceableTime cost price pricePerHour",
        integers="status",
        booleans="allDay isWorkTime isInvoiceable isInvoiced isAbsence supplementOrder",
        instants="timestamp endTimestamp realTimestamp realEndTimestamp invoicedDate createDate modifiedDate",
    ),
)


MACHINES = CollectionSpec(
    name="machines",
    name_field="machineName",
    number_field="machineNumber",
    filters={
        "name": Filter(FilterKind.TEXT, field="machineName", match=Match.CONTAINS),
        "machineNumber": BY_EXACT_TEXT,
        "machineTypeName": BY_TEXT,
        "machineModel": BY_TEXT,
        "serialNumber": BY_EXACT_TEXT,
        "serviceable": BY_FLAG,
    },
    fields=plain_fields(
        ids="createdByUser machineType distributor",
        texts="machineName machineNumber machineModel serialNumber machineTypeName machineGroup articleNumber "
        "createdByUserName distributorName",
        numbers="hoursUsed mileage serviceIntervalInKm serviceIntervalInHours serviceIntervalInMonths "
        "mileageLastService "
        "hoursLastService unitPrice unitCost",
        booleans="isActive hoursCanBeRegistered canBePlanned isInvoiceable serviceable",
        instants="lastHoursUsedRegDate lastMileageRegDate purchaseDate lastServiceDate createDate modifiedDate",
    ),
)

MACHINE_TYPES = CollectionSpec(
    name="machineTypes",
    paged=False,
    gettable=False,
    fields=plain_fields(texts="name", booleans="isActive", instants="createDate"),
)

MACHINE_TIME_LOGS = CollectionSpec(
    name="machineTimeLogs",
    window=Window("timestamp", "fromDate", "toDate"),
    analysed=True,
    name_field="machineName",
    filters={"fromDate": FROM_DATE, "toDate": TO_DATE},
    chosen_numbers=frozenset({"workOrderNumber"}),
    fields=plain_fields(
        ids="machine user department customer project workOrder invoice attestedBy",
        texts="description internalDescription machineName userName departmentName customerName projectName "
        "workOrderTitle workOrderNumber",
        numbers="time invoiceableTime pricePerHour price cost",
        integers="status",
        booleans="isInvoiced isInvoiceable",
        instants="timestamp createDate",
    ),
)

# Timers and work schedules are only in the vendor's later documentation, with few of their fields.
TIMERS = CollectionSpec(name="timers", gettable=False, fields=plain_fields(ids="user", instants="timestamp"))

START_TIMER = CollectionSpec(
    name="startTimer", listed=False, gettable=False, create="tasks:TimerAction", created_resource="timers", fields={}
)

STOP_TIMER = CollectionSpec(
    name="stopTimer", listed=False, gettable=False, create="tasks:TimerAction", created_resource="timeLogs", fields={}
)

WORK_SCHEDULES = CollectionSpec(
    name="workSchedules", fields=plain_fields(ids="user", texts="name", booleans="isActive")
)
