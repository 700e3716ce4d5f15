"""Operators for one collection refuse the parameters that the operators for any collection take."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import DAG, AirflowException

from airflow_provider_seventime.operators.invoices import CreateInvoiceOperator, UpdateInvoiceOperator
from airflow_provider_seventime.operators.records import SevenTimeCreateOperator, SevenTimeUpdateOperator

A, B, C = ({"customer": name} for name in "ABC")
OPERATORS = [
    pytest.param(CreateInvoiceOperator, {"invoice": A}, {"records": [B, C]}, id="create-records"),
    pytest.param(CreateInvoiceOperator, {"invoice": A}, {"record": B}, id="create-record"),
    pytest.param(CreateInvoiceOperator, {"invoice": A}, {"resource": "users"}, id="create-resource"),
    pytest.param(UpdateInvoiceOperator, {"invoice_id": "i", "changes": A}, {"record_id": "j"}, id="update-record"),
    pytest.param(UpdateInvoiceOperator, {"invoice_id": "i", "changes": A}, {"resource": "users"}, id="update-resource"),
]


@pytest.mark.parametrize(("operator", "own", "foreign"), OPERATORS)
def test_another_parameter_is_refused_at_construction(operator, own, foreign):
    (name,) = foreign
    # Airflow 2.11 raises an AirflowException, later ones a TypeError.
    with pytest.raises(
        (TypeError, AirflowException), match=rf"Invalid arguments were passed to {operator.__name__}(.|\n)*{name}"
    ):
        operator(task_id="task", **own, **foreign)


@pytest.mark.parametrize(("operator", "own", "foreign"), OPERATORS)
def test_another_parameter_is_refused_when_a_task_is_mapped(operator, own, foreign):
    (name,) = foreign
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
        operator.partial(task_id="task", **own, **foreign)

    mapped_name, *_ = own
    fixed = {other: value for other, value in own.items() if other != mapped_name}
    partial = operator.partial(task_id="task", **fixed)
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
        partial.expand(**{mapped_name: [own[mapped_name]], name: [foreign[name]]})
    with DAG("mapped", schedule=None):
        partial.expand(**{mapped_name: [own[mapped_name]]})  # Airflow warns of a task that is never mapped


@pytest.mark.parametrize("source", ["dag", "task"])
@pytest.mark.parametrize(("operator", "own", "foreign"), OPERATORS)
def test_default_args_for_other_operators_have_no_effect(operator, own, foreign, source):
    (name,) = foreign
    with DAG("defaults", schedule=None, default_args=foreign if source == "dag" else {}):
        task = operator(task_id="task", **own, **({"default_args": foreign} if source == "task" else {}))

    assert not hasattr(task, name)
    assert {given: getattr(task, given) for given in own} == own


def test_default_args_that_fit_are_applied():
    with DAG("defaults", schedule=None, default_args={"seventime_conn_id": "norrby", "if_exists": "fail"}):
        create = CreateInvoiceOperator(task_id="create", invoice=A)
        update = UpdateInvoiceOperator(task_id="update", invoice_id="i", changes=A)

    assert (create.seventime_conn_id, create.if_exists, update.seventime_conn_id) == ("norrby", "fail", "norrby")


def test_the_operators_for_any_collection_are_no_parents():
    assert not issubclass(CreateInvoiceOperator, SevenTimeCreateOperator)
    assert not issubclass(UpdateInvoiceOperator, SevenTimeUpdateOperator)
