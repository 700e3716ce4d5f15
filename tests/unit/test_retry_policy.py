"""Decisions of the retry policy, and its use by Airflow."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from airflow.providers.common.compat import version_compat
from airflow.providers.common.compat.sdk import DAG, AirflowException, BaseOperator, task

from airflow_provider_seventime.exceptions import (
    AmbiguousWriteError,
    AuthenticationError,
    BadRequestError,
    ConfigError,
    IncompleteReadError,
    InvalidRecordError,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    ServerError,
    TransportError,
)
from airflow_provider_seventime.hooks.seventime import SevenTimeHook
from airflow_provider_seventime.hooks.task_errors import PermanentTaskError

MODULE = "airflow_provider_seventime.retry_policy"

if version_compat.AIRFLOW_V_3_3_PLUS:
    from airflow.providers.common.compat.sdk import ChainRetryPolicy, ExceptionRetryPolicy, RetryDecision, RetryRule

    from airflow_provider_seventime.retry_policy import (
        MAX_WAIT_SECONDS,
        SevenTimeRetryPolicy,
        wait_seconds,
    )

needs_airflow_3_3 = pytest.mark.skipif(
    not version_compat.AIRFLOW_V_3_3_PLUS, reason="retry policies came with Airflow 3.3"
)

WHERE = ("GET", "/api/2/invoices")
PERMANENT = [
    ConfigError("page_size: 0"),
    InvalidRecordError("invoices: create", ["language: required"]),
    BadRequestError(400, *WHERE, "invoiceStatus"),
    AuthenticationError(401, *WHERE),
    NotFoundError(404, *WHERE),
    TransportError("tls", *WHERE, "the certificate is of another name", sent=False),
    PermanentTaskError("no such record"),
]
PASSING_WITHOUT_A_WAIT = [
    RateLimitedError(429, *WHERE),
    ServerError(500, *WHERE),
    TransportError("reset", *WHERE, "the connection was closed"),
    ProtocolError("an HTML page"),
    IncompleteReadError("the list kept changing"),
]
FOREIGN = [KeyError("invoice"), AirflowException("x"), KeyboardInterrupt()]


def raised_from(cause, error=None):
    """Return an error that was raised from another one."""
    error = error or AirflowException("the export failed")
    error.__cause__ = cause
    return error


def decide(error, context=None, **parameters):
    return SevenTimeRetryPolicy(**parameters).evaluate(error, try_number=1, max_tries=3, context=context)


def named(error):
    return type(error).__name__


def test_before_airflow_3_3_the_import_says_what_is_needed(monkeypatch):
    monkeypatch.setattr(version_compat, "AIRFLOW_V_3_3_PLUS", False)
    monkeypatch.delitem(sys.modules, MODULE, raising=False)

    with pytest.raises(ImportError, match=r"needs Airflow 3\.3 or later, and this is \d+\.\d+.*Leave retry_policy out"):
        import_module(MODULE)


@needs_airflow_3_3
class TestDecisions:
    @pytest.mark.parametrize("error", PERMANENT, ids=named)
    def test_a_permanent_error_ends_the_task(self, error):
        assert decide(error) == RetryDecision.fail(f"a retry cannot help: {error}")

    @pytest.mark.parametrize("wrap", [lambda error: error, raised_from], ids=["plain", "raised-from"])
    def test_an_ambiguous_write_ends_the_task_however_it_surfaces(self, wrap):
        error = wrap(AmbiguousWriteError("timeLogs: create: the answer was lost"))

        assert decide(error) == RetryDecision.fail(
            "a retry could send the same write twice: timeLogs: create: the answer was lost"
        )

    @pytest.mark.parametrize("error", [*PASSING_WITHOUT_A_WAIT, *FOREIGN], ids=named)
    def test_errors_without_retry_after_are_left_to_the_task(self, error):
        assert decide(error) == RetryDecision.default()

    @pytest.mark.parametrize("error", PERMANENT, ids=named)
    def test_a_foreign_error_raised_from_a_permanent_one_is_left_to_the_task(self, error):
        # "There is no such invoice yet": the user asks for another try by raising something else.
        assert decide(raised_from(error)) == RetryDecision.default()

    def test_a_permanent_error_ends_the_task_whatever_wait_it_carries(self):
        assert decide(NotFoundError(404, *WHERE, retry_after_seconds=5.0)).action.value == "fail"

    @pytest.mark.parametrize("kind", [RateLimitedError, ServerError])
    @pytest.mark.parametrize(
        "wrap",
        [lambda error: error, raised_from, lambda error: raised_from(raised_from(error), ProtocolError("in between"))],
        ids=["plain", "raised-from", "twice-over"],
    )
    def test_the_api_decides_the_wait(self, kind, wrap):
        decision = decide(wrap(kind(503, *WHERE, retry_after_seconds=600.0)))

        assert decision.action.value == "retry"
        assert timedelta(seconds=600) <= decision.retry_delay <= timedelta(seconds=660)
        assert decision.reason.startswith("Seven Time asked to wait 600 s; the next try follows in 6")

    def test_an_implicit_context_does_not_count(self):
        error = KeyError("invoice")
        error.__context__ = ServerError(503, *WHERE, retry_after_seconds=600.0)

        assert decide(error) == RetryDecision.default()

    def test_circular_causes(self):
        first = KeyError("first")
        raised_from(raised_from(first, KeyError("second")), first)

        assert decide(first) == RetryDecision.default()

    @pytest.mark.parametrize(
        ("longest_wait_seconds", "least", "most"),
        [(60.0, 60.0, 66.0), (None, 200_000.0, 220_000.0), (1e9, 200_000.0, 220_000.0)],
    )
    def test_the_longest_wait_limits_the_wait(self, longest_wait_seconds, least, most):
        error = ServerError(503, *WHERE, retry_after_seconds=200_000.0)
        decision = decide(error, longest_wait_seconds=longest_wait_seconds)

        assert least <= decision.retry_delay.total_seconds() <= most

    def test_the_longest_wait_is_a_day_by_default(self):
        decision = decide(ServerError(503, *WHERE, retry_after_seconds=1e6))

        assert timedelta(days=1) <= decision.retry_delay <= timedelta(days=1.1)

    @pytest.mark.parametrize("asked", [1e12, float("inf")])
    def test_airflow_can_add_the_longest_wait_to_a_date(self, asked):
        decision = decide(ServerError(503, *WHERE, retry_after_seconds=asked), longest_wait_seconds=None)

        assert decision.retry_delay.total_seconds() >= MAX_WAIT_SECONDS
        assert datetime.now(UTC) + decision.retry_delay

    @pytest.mark.parametrize("longest_wait_seconds", [0, -1.0, float("nan")])
    def test_a_longest_wait_of_zero_is_refused(self, longest_wait_seconds):
        with pytest.raises(ConfigError, match=r"longest_wait_seconds is .*. Give a number above zero, or None"):
            SevenTimeRetryPolicy(longest_wait_seconds=longest_wait_seconds)

    def test_every_wait_has_a_random_addition(self):
        assert wait_seconds(600.0, None, jitter=lambda: 0.0) == 600.0
        assert wait_seconds(600.0, None, jitter=lambda: 1.0) == 660.0
        assert wait_seconds(2.0, None, jitter=lambda: 0.0) == 2.0
        assert wait_seconds(2.0, None, jitter=lambda: 1.0) == 7.0
        assert len({wait_seconds(600.0, None) for _ in range(50)}) > 40

    @pytest.mark.parametrize(("delay", "overruled"), [(10, True), (599, True), (3600, False)])
    def test_the_longer_wait_counts(self, delay, overruled):
        operator = BaseOperator(task_id="export", retry_delay=timedelta(seconds=delay))
        error = ServerError(503, *WHERE, retry_after_seconds=600.0)
        decision = decide(error, context={"task": operator})

        assert decision.action.value == ("retry" if overruled else "default")


@needs_airflow_3_3
class TestInAirflow:
    def test_it_can_be_chained(self):
        chain = ChainRetryPolicy(
            [SevenTimeRetryPolicy(), ExceptionRetryPolicy([RetryRule(KeyError, retry_delay=timedelta(hours=2))])]
        )

        def decision(error):
            return chain.evaluate(error, try_number=1, max_tries=3)

        assert decision(ConfigError("page_size: 0")).action.value == "fail"
        assert decision(ServerError(503, *WHERE, retry_after_seconds=9.0)).retry_delay < timedelta(minutes=1)
        assert decision(KeyError("x")).retry_delay == timedelta(hours=2)

    def test_a_hook_in_a_function_ends_the_task(self, sandbox):
        with pytest.raises(NotFoundError) as caught:
            SevenTimeHook().get("invoices", "511e0a00c0ffee5eed00dead")

        assert decide(caught.value).action.value == "fail"

    def test_the_wait_comes_from_the_response(self, sandbox):
        sandbox.set_faults([{"kind": "status", "status": 503, "retry_after": 90, "times": None}])
        with pytest.raises(ServerError) as caught:
            SevenTimeHook().count("invoices")

        assert timedelta(seconds=90) <= decide(caught.value).retry_delay <= timedelta(seconds=99)

    def test_a_dag_with_it_survives_serialization(self):
        from airflow.serialization.serialized_objects import DagSerialization

        policy = SevenTimeRetryPolicy(longest_wait_seconds=60)
        with DAG("billing", schedule=None, default_args={"retry_policy": policy, "retries": 4}) as dag:

            @task
            def count(number):
                return number

            @task(retry_policy=None)
            def without():
                return 1

            count.expand(number=[1, 2])
            BaseOperator(task_id="plain")
            without()

        written = DagSerialization.to_json(dag)
        read: Any = DagSerialization.from_json(written)

        assert {name: each.has_retry_policy for name, each in read.task_dict.items()} == {
            "count": True,
            "plain": True,
            "without": False,
        }
        assert dag.get_task("count").retry_policy is policy
        assert "longest_wait_seconds" not in written
