"""What version 1 of the API may be sent, where it differs from version 2."""

from __future__ import annotations

from airflow_provider_seventime.contract.records.customers import CustomerFields
from airflow_provider_seventime.contract.records.fields import Id, RequiredText, Text
from airflow_provider_seventime.contract.records.work_orders import WorkOrderCreate


class FirstCustomerCreate(CustomerFields):
    """POST /api/1/customers: nobody is named as its creator."""

    name: RequiredText
    createdByUser: Id | None = None


class FirstWorkOrderCreate(WorkOrderCreate):
    """POST /api/1/workOrders: the caller may choose the number."""

    workOrderNumber: Text | None = None
