"""Timers: one runs for a user from startTimer to stopTimer, which makes the time log of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime.contract.checking import check_record, record_model
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import InvalidRecordError
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules import records
from airflow_provider_seventime.sandbox.rules.context import Context
from airflow_provider_seventime.sandbox.rules.references import check_references
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import plain_value


def start(context: Context, resource: CollectionSpec, values: Mapping[str, Any]) -> Record:
    """Start a user's timer; what else is given is kept for the time log.

    :raises RequestRefusedError: there is no such user, or their timer runs already.
    """
    check_references(context.store, resource, values)
    user = _user(values)
    running = _running(context, user)
    if running is not None:
        raise bad_request(f"user: has a timer that runs since {running['timestamp']}; stop it first")
    timers = COLLECTIONS["timers"]
    timer = records.new_record(timers, context.store.new_id(timers.name, context.now))
    timer |= {**values, "user": user, "timestamp": context.stamp}
    context.store.collection(timers.name).put(timer)
    return timer


def stop(context: Context, resource: CollectionSpec, values: Mapping[str, Any]) -> Record:
    """Stop a user's timer and make the time log of it, with what was given at the start and is given now.

    :raises RequestRefusedError: there is no such user, no timer of theirs runs, or the time log cannot be made.
    """
    check_references(context.store, resource, values)
    user = _user(values)
    timer = _running(context, user)
    if timer is None:
        raise bad_request("user: has no timer that runs; startTimer starts one")
    time_logs = COLLECTIONS["timeLogs"]
    known = record_model(time_logs, "create").field_names()
    given = {name: value for name, value in {**timer, **values}.items() if name in known}
    span = {"user": user, "timestamp": timer["timestamp"], "endTimestamp": context.stamp}
    try:
        checked = check_record(time_logs, "create", {"createdByUser": user, **given, **span}, context.zone)
    except InvalidRecordError as error:
        raise bad_request("; ".join(error.problems)) from error
    made = records.create(context, time_logs, plain_value(checked))
    context.store.collection("timers").remove(timer["_id"])
    return made


def _user(values: Mapping[str, Any]) -> str:
    user = values.get("user") or values.get("createdByUser")
    if not user:
        raise bad_request("user: required, or createdByUser for one's own timer")
    return str(user)


def _running(context: Context, user: str) -> Record | None:
    return next((timer for timer in context.store.collection("timers") if timer["user"] == user), None)
