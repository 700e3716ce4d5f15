import re
from pathlib import Path

import pytest

from airflow_provider_seventime.sandbox.faults.faults import Fault, FaultPlan, fault_from, read_faults


def struck(plan, requests):
    return [(fault.kind if (fault := plan.trigger(method, collection)) else None) for method, collection in requests]


def test_a_fault_strikes_as_often_as_ordered():
    plan = FaultPlan()
    plan.set([Fault(kind="html", times=2)])
    assert struck(plan, [("GET", "users")] * 4) == ["html", "html", None, None]
    assert plan.pending() == []


def test_a_fault_without_times_strikes_for_ever():
    plan = FaultPlan()
    plan.set([Fault(kind="html", times=None)])
    assert struck(plan, [("GET", "users")] * 50) == ["html"] * 50


@pytest.mark.parametrize(
    ("ordered", "request_", "strikes"),
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
def test_a_fault_strikes_what_it_is_for(ordered, request_, strikes):
    plan = FaultPlan()
    plan.set([Fault(kind="reset", **ordered)])
    assert (plan.trigger(*request_) is not None) is strikes


def test_the_first_fault_that_applies_has_the_request_alone():
    plan = FaultPlan()
    plan.set([Fault(kind="html", collection="users"), Fault(kind="reset"), Fault(kind="delay")])
    assert struck(plan, [("GET", "invoices"), ("GET", "users"), ("GET", "users"), ("GET", "users")]) == [
        "reset",
        "html",
        "delay",
        None,
    ]


def test_probability_strikes_about_its_share_and_the_same_ones_by_seed():
    def run(seed):
        plan = FaultPlan()
        plan.set([Fault(kind="html", times=None, probability=0.3, seed=seed)])
        return struck(plan, [("GET", "users")] * 400)

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert 80 < run(1).count("html") < 160


def bad_of(faults, requests=3000):
    plan = FaultPlan()
    plan.set(faults)
    return struck(plan, [("GET", "users")] * requests)


def test_small_probabilities_make_a_third_of_all_answers_bad():
    kinds = ("status", "reset", "refuse", "delay", "trickle", "cut_json", "html", "redirect")
    storm = [Fault(kind=kind, times=None, probability=0.05, seed=1) for kind in kinds]
    strikes = bad_of(storm)
    bad = [kind for kind in strikes if kind]
    assert len(bad) / len(strikes) == pytest.approx(1 - 0.95**8, abs=0.03)
    assert all(60 < bad.count(kind) < 200 for kind in kinds)
    assert strikes == bad_of(storm)


def test_the_storm_of_the_documents_is_what_they_say():
    text = (Path(__file__).parents[4] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    (storm,) = re.findall(r"faults -d '(\[\n.*?\])'", text, re.DOTALL)
    strikes = bad_of(read_faults(storm.encode()))
    assert strikes.count(None) / len(strikes) == pytest.approx(0.95**8, abs=0.03)


def test_faults_of_one_seed_do_not_strike_one_behind_the_other():
    """Dice that are alike would make the second fault strike right behind the first strike of the first."""
    behind = []
    for seed in range(200):
        strikes = bad_of([Fault(kind=kind, times=None, probability=0.1, seed=seed) for kind in ("html", "reset")], 200)
        behind.append(strikes[strikes.index("html") + 1])
    assert 5 < behind.count("reset") < 40


def test_a_spared_request_rolls_every_dice_and_a_struck_one_no_further():
    """So the second fault strikes the same requests, whether counted among all or among those the first spared."""
    second = Fault(kind="reset", times=None, probability=0.2)
    never, always = (Fault(kind="html", times=None, probability=one) for one in (0, 1))
    assert "reset" not in bad_of([always, second])
    alone = bad_of([never, second])
    assert alone == bad_of([Fault(kind="html", times=None, method="POST"), second])
    among_spared = [
        kind for kind in bad_of([Fault(kind="html", times=None, probability=0.5), second]) if kind != "html"
    ]
    assert among_spared == alone[: len(among_spared)]


@pytest.mark.parametrize(
    ("kind", "request_", "paged", "strikes"),
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
def test_a_fault_of_reads_strikes_only_what_it_can_strike(kind, request_, paged, strikes):
    plan = FaultPlan()
    plan.set([Fault(kind=kind, seconds=30 if kind == "stale" else 0)])
    assert (plan.trigger(request_, "users", paged=paged) is not None) is strikes
    assert len(plan.pending()) == (0 if strikes else 1)


@pytest.mark.parametrize(("probability", "count"), [(0, 0), (1, 20)], ids=["never", "always"])
def test_the_ends_of_probability(probability, count):
    plan = FaultPlan()
    plan.set([Fault(kind="html", times=None, probability=probability)])
    assert struck(plan, [("GET", "users")] * 20).count("html") == count


def test_a_new_order_takes_the_place_of_the_old_one():
    plan = FaultPlan()
    plan.set([Fault(kind="html")])
    plan.set([Fault(kind="reset")])
    assert struck(plan, [("GET", "users")] * 2) == ["reset", None]


def test_pending_shows_what_is_left():
    plan = FaultPlan()
    plan.set([Fault(kind="status", status=503, times=3)])
    plan.trigger("GET", "users")
    (pending,) = plan.pending()
    assert (pending["kind"], pending["status"], pending["times"]) == ("status", 503, 2)


@pytest.mark.parametrize(
    ("description", "named"),
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
def test_a_wrong_description_is_refused_with_the_name_of_the_field(description, named):
    with pytest.raises(ValueError, match=named):
        fault_from(description)


def test_faults_are_read_from_json():
    (fault,) = read_faults(b'[{"kind": "status", "status": 429, "retry_after": 2, "when": "after"}]')
    assert (fault.status, fault.retry_after, fault.when, fault.times) == (429, 2, "after", 1)


def test_fields_that_do_not_go_together_are_refused_in_json_too():
    with pytest.raises(ValueError, match=r"by: has no effect on html.*\$\[1\]"):
        read_faults(b'[{"kind": "moved", "by": -2}, {"kind": "html", "by": 2}]')
