import re
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_seventime.sandbox.faults.faults import Fault, FaultPlan, fault_from, read_faults


def triggered(plan, requests):
    return [(fault.kind if (fault := plan.trigger(method, collection)) else None) for method, collection in requests]


def test_times_limits_the_requests_that_trigger_a_fault():
    plan = FaultPlan()
    plan.set([Fault(kind="html", times=2)])
    assert triggered(plan, [("GET", "users")] * 4) == ["html", "html", None, None]
    assert plan.pending() == []


def test_without_times_every_request_triggers_the_fault():
    plan = FaultPlan()
    plan.set([Fault(kind="html", times=None)])
    assert triggered(plan, [("GET", "users")] * 50) == ["html"] * 50


@pytest.mark.parametrize(
    ("fields", "request_", "triggers"),
    [
        ({"method": "POST"}, ("POST", "invoices"), True),
        ({"method": "POST"}, ("GET", "invoices"), False),
        ({"collection": "invoices"}, ("GET", "invoices"), True),
        ({"collection": "invoices"}, ("GET", "users"), False),
        ({"method": "PUT", "collection": "users"}, ("PUT", "users"), True),
        ({}, ("DELETE", "anything"), True),
    ],
    ids=["method", "other method", "collection", "other collection", "both", "any"],
)
def test_a_fault_applies_to_its_method_and_collection(fields, request_, triggers):
    plan = FaultPlan()
    plan.set([Fault(kind="reset", **fields)])
    assert (plan.trigger(*request_) is not None) is triggers


def test_a_request_triggers_the_first_fault_that_applies():
    plan = FaultPlan()
    plan.set([Fault(kind="html", collection="users"), Fault(kind="reset"), Fault(kind="delay")])
    assert triggered(plan, [("GET", "invoices"), ("GET", "users"), ("GET", "users"), ("GET", "users")]) == [
        "reset",
        "html",
        "delay",
        None,
    ]


def test_probability_and_seed():
    def run(seed):
        plan = FaultPlan()
        plan.set([Fault(kind="html", times=None, probability=0.3, seed=seed)])
        return triggered(plan, [("GET", "users")] * 400)

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert 80 < run(1).count("html") < 160


def kinds_of(faults, requests=3000):
    plan = FaultPlan()
    plan.set(faults)
    return triggered(plan, [("GET", "users")] * requests)


def test_small_probabilities_add_up_to_a_third_of_the_requests():
    kinds: Any = ("status", "reset", "refuse", "delay", "trickle", "cut_json", "html", "redirect")
    faults = [Fault(kind=kind, times=None, probability=0.05, seed=1) for kind in kinds]
    kinds_drawn = kinds_of(faults)
    bad = [kind for kind in kinds_drawn if kind]
    assert len(bad) / len(kinds_drawn) == pytest.approx(1 - 0.95**8, abs=0.03)
    assert all(60 < bad.count(kind) < 200 for kind in kinds)
    assert kinds_drawn == kinds_of(faults)


def test_the_faults_of_the_documentation_have_the_documented_share():
    text = (Path(__file__).parents[4] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    (faults,) = re.findall(r"faults -d '(\[\n.*?\])'", text, re.DOTALL)
    kinds_drawn = kinds_of(read_faults(faults.encode()))
    assert kinds_drawn.count(None) / len(kinds_drawn) == pytest.approx(0.95**8, abs=0.03)


def test_faults_of_one_seed_have_different_random_numbers():
    """With equal random numbers the second fault would follow directly after each first one."""
    next_kinds = []
    for seed in range(200):
        kinds_drawn = kinds_of(
            [Fault(kind=kind, times=None, probability=0.1, seed=seed) for kind in ("html", "reset")], 200
        )
        next_kinds.append(kinds_drawn[kinds_drawn.index("html") + 1])
    assert 5 < next_kinds.count("reset") < 40


def test_a_request_draws_up_to_the_first_triggered_fault():
    """The second fault triggers on the same requests, among all or among those that do not trigger the first."""
    second = Fault(kind="reset", times=None, probability=0.2)
    never, always = (Fault(kind="html", times=None, probability=one) for one in (0, 1))
    assert "reset" not in kinds_of([always, second])
    alone = kinds_of([never, second])
    assert alone == kinds_of([Fault(kind="html", times=None, method="POST"), second])
    among_others = [
        kind for kind in kinds_of([Fault(kind="html", times=None, probability=0.5), second]) if kind != "html"
    ]
    assert among_others == alone[: len(among_others)]


@pytest.mark.parametrize(
    ("kind", "request_", "paged", "triggers"),
    [
        ("stale", "GET", False, True),
        ("stale", "GET", True, True),
        ("stale", "POST", False, False),
        ("stale", "PUT", False, False),
        ("moved", "GET", True, True),
        ("moved", "GET", False, False),
        ("moved", "POST", False, False),
    ],
)
def test_faults_of_reads_apply_to_reads_only(kind, request_, paged, triggers):
    plan = FaultPlan()
    plan.set([Fault(kind=kind, seconds=30 if kind == "stale" else 0)])
    assert (plan.trigger(request_, "users", paged=paged) is not None) is triggers
    assert len(plan.pending()) == (0 if triggers else 1)


@pytest.mark.parametrize(("probability", "count"), [(0, 0), (1, 20)], ids=["never", "always"])
def test_probability_zero_and_one(probability, count):
    plan = FaultPlan()
    plan.set([Fault(kind="html", times=None, probability=probability)])
    assert triggered(plan, [("GET", "users")] * 20).count("html") == count


def test_set_replaces_the_faults():
    plan = FaultPlan()
    plan.set([Fault(kind="html")])
    plan.set([Fault(kind="reset")])
    assert triggered(plan, [("GET", "users")] * 2) == ["reset", None]


def test_pending_returns_the_times_that_are_left():
    plan = FaultPlan()
    plan.set([Fault(kind="status", status=503, times=3)])
    plan.trigger("GET", "users")
    (pending,) = plan.pending()
    assert (pending["kind"], pending["status"], pending["times"]) == ("status", 503, 2)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "kind"),
        ({"kind": "explode"}, "kind"),
        ({"kind": "status", "statsu": 503}, "statsu"),
        ({"kind": "status", "status": 200}, "status"),
        ({"kind": "html", "probability": 1.5}, "probability"),
        ({"kind": "html", "times": 0}, "times"),
        ({"kind": "delay", "seconds": -1}, "seconds"),
        ({"kind": "html", "method": "FETCH"}, "method"),
        ({"kind": "html", "by": 2}, "by: has no effect on html; it belongs to moved"),
        (
            {"kind": "reset", "seconds": 1},
            "seconds: has no effect on reset; it belongs to refuse, delay, trickle, stale",
        ),
        ({"kind": "delay", "status": 503}, "status: has no effect on delay"),
        ({"kind": "html", "retry_after": 2}, "retry_after"),
        ({"kind": "html", "message": "x"}, "message"),
        ({"kind": "delay", "header": True}, "header"),
        ({"kind": "html", "location": "https://x.example"}, "location"),
        ({"kind": "refuse", "when": "after"}, "when"),
        ({"kind": "stale", "seconds": 5, "when": "after"}, "when"),
        ({"kind": "moved", "when": "after"}, "when"),
        ({"kind": "moved", "by": 0}, "by"),
        ({"kind": "moved", "by": 501}, "by"),
        ({"kind": "moved", "by": 1.5}, "by"),
        ({"kind": "moved", "method": "POST"}, "method: moved affects GET only, not POST"),
        ({"kind": "stale", "seconds": 5, "method": "PUT"}, "method: stale affects GET only, not PUT"),
        ({"kind": "stale"}, "seconds: required for stale"),
        ({"kind": "refuse", "seconds": 601}, "seconds: at most 600 for refuse"),
        ({"kind": "stale", "seconds": 1e9}, "seconds"),
    ],
    ids=str,
)
def test_the_message_names_an_invalid_field(fields, message):
    with pytest.raises(ValueError, match=message):
        fault_from(fields)


def test_faults_are_read_from_json():
    (fault,) = read_faults(b'[{"kind": "status", "status": 429, "retry_after": 2, "when": "after"}]')
    assert (fault.status, fault.retry_after, fault.when, fault.times) == (429, 2, "after", 1)


def test_fields_that_do_not_fit_together_are_refused_in_json():
    with pytest.raises(ValueError, match=r"by: has no effect on html.*\$\[1\]"):
        read_faults(b'[{"kind": "moved", "by": -2}, {"kind": "html", "by": 2}]')
