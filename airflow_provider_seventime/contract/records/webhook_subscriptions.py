"""Webhook subscriptions."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator

from airflow_provider_seventime.contract.codes import WEBHOOK_EVENTS
from airflow_provider_seventime.contract.names import suggestion
from airflow_provider_seventime.contract.records.base import Record
from airflow_provider_seventime.contract.records.fields import Id, RequiredText
from airflow_provider_seventime.contract.records.shared import Delete


def _event(name: str) -> str:
    if name not in WEBHOOK_EVENTS:
        raise ValueError(f"{name!r} is not an event; {suggestion(name, WEBHOOK_EVENTS)}")
    return name


class WebhookSubscriptionCreate(Record):
    """POST webhookSubscriptions. Only its response contains the secret that signs the deliveries."""

    documented_loosely: ClassVar[bool] = True

    createdByUser: Id | None = None
    url: RequiredText
    events: list[Annotated[str, AfterValidator(_event)]]


class WebhookSubscriptionDelete(Delete):
    """DELETE webhookSubscriptions/<_id>. The id is in the path."""
