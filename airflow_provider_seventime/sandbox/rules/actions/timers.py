"""Timers. ``startTimer`` starts the timer of a user, ``stopTimer`` stops it and creates a time log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_seventime.contract.checking import check_record, record_model
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.spec import CollectionSpec
from airflow_provider_seventime.exceptions import InvalidRecordError
from airflow_provider_seventime.sandbox.refusal import bad_request
from airflow_provider_seventime.sandbox.rules import records
from airflow_provider_seventime.sandbox.rules.context import WriteContext
from airflow_provider_seventime.sandbox.rules.references import check_references
from airflow_provider_seventime.sandbox.state.store import Record
from airflow_provider_seventime.sandbox.state.values import plain_value


def start(context: WriteContext, collection: CollectionSpec, values: Mapping[str, Any]) -> Record:
    """Start a user's timer.

    :param values: body of the POST. Fields other than the user are stored for the time log.
    :raises RequestRefusedError: the user does not exist, or has a running timer (400).
    """
    check_references(context.store, collection, values)
    user = _user(values)
    running = _running_timer(context, user)
    if running is not None:
        raise bad_request(f"user: has a timer that runs since {running['timestamp']}; stop it first")
    timers = COLLECTIONS["timers"]
    timer = records.new_record(timers, context.store.new_id(timers.name, context.now))
    timer |= {**values, "user": user, "timestamp": context.timestamp}
    context.store.collection(timers.name).put(timer)
    return timer


def stop(context: WriteContext, collection: CollectionSpec, values: Mapping[str, Any]) -> Record:
    """Stop a user's timer and create its time log.

    :param values: body of the POST. Its fields replace those of the start.
    :raises RequestRefusedError: the user does not exist, has no running timer, or the time log is invalid (400).
    """
    check_references(context.store, collection, values)
    user = _user(values)
    timer = _running_timer(context, user)
    if timer is None:
        raise bad_request("user: has no timer that runs; startTimer starts one")
    time_logs = COLLECTIONS["timeLogs"]
    known = record_model(time_logs, "create").field_names()
    given = {name: value for name, value in {**timer, **values}.items() if name in known}
    start_and_end = {"user": user, "timestamp": timer["timestamp"], "endTimestamp": context.timestamp}
    try:
        checked = check_record(time_logs, "create", {"createdByUser": user, **given, **start_and_end}, context.zone)
    except InvalidRecordError as error:
        raise bad_request("; ".join(error.problems)) from error
    time_log = records.create(context, time_logs, plain_value(checked))
    context.store.collection("timers").remove(timer["_id"])
    return time_log


def _user(values: Mapping[str, Any]) -> str:
    user = values.get("user") or values.get("createdByUser")
    if not user:
        raise bad_request("user: required, or createdByUser for one's own timer")
    return str(user)


def _running_timer(context: WriteContext, user: str) -> Record | None:
    return next((timer for timer in context.store.collection("timers") if timer.get("user") == user), None)
