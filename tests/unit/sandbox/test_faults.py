import pytest

from airflow_provider_seventime.sandbox.faults import Fault, FaultPlan, fault_from, read_faults


def struck(plan, requests):
    return [(fault.kind if (fault := plan.strike(method, collection)) else None) for method, collection in requests]


def test_a_fault_strikes_as_often_as_ordered():
    plan = FaultPlan()
    plan.order([Fault(kind="html", times=2)])
    assert struck(plan, [("GET", "users")] * 4) == ["html", "html", None, None]
    assert plan.pending() == []


def test_a_fault_without_times_strikes_for_ever():
    plan = FaultPlan()
    plan.order([Fault(kind="html", times=None)])
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
    plan.order([Fault(kind="reset", **ordered)])
    assert (plan.strike(*request_) is not None) is strikes


def test_the_first_fault_that_applies_has_the_request_alone():
    plan = FaultPlan()
    plan.order([Fault(kind="html", collection="users"), Fault(kind="reset"), Fault(kind="delay")])
    assert struck(plan, [("GET", "invoices"), ("GET", "users"), ("GET", "users"), ("GET", "users")]) == [
        "reset",
        "html",
        "delay",
        None,
    ]


def test_probability_strikes_about_its_share_and_the_same_ones_by_seed():
    def run(seed):
        plan = FaultPlan()
        plan.order([Fault(kind="html", times=None, probability=0.3, seed=seed)])
        return struck(plan, [("GET", "users")] * 400)

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert 80 < run(1).count("html") < 160


@pytest.mark.parametrize(("probability", "count"), [(0, 0), (1, 20)], ids=["never", "always"])
def test_the_ends_of_probability(probability, count):
    plan = FaultPlan()
    plan.order([Fault(kind="html", times=None, probability=probability)])
    assert struck(plan, [("GET", "users")] * 20).count("html") == count


def test_a_new_order_takes_the_place_of_the_old_one():
    plan = FaultPlan()
    plan.order([Fault(kind="html")])
    plan.order([Fault(kind="reset")])
    assert struck(plan, [("GET", "users")] * 2) == ["reset", None]


def test_pending_shows_what_is_left():
    plan = FaultPlan()
    plan.order([Fault(kind="status", status=503, times=3)])
    plan.strike("GET", "users")
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
    ],
    ids=str,
)
def test_a_wrong_description_is_refused_with_the_name_of_the_field(description, named):
    with pytest.raises(ValueError, match=named):
        fault_from(description)


def test_faults_are_read_from_json():
    (fault,) = read_faults(b'[{"kind": "status", "status": 429, "retry_after": 2, "when": "after"}]')
    assert (fault.status, fault.retry_after, fault.when, fault.times) == (429, 2, "after", 1)
