"""A sensor refuses every parameter that is not in its own signature, in each way that Airflow passes parameters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import DAG

from airflow_provider_seventime.sensors.invoices import InvoiceStatusSensor

# Parameters of RecordStatusSensor that InvoiceStatusSensor does not have.
FOREIGN = {
    "resource": "quotes",
    "record_id": "511e0a00c0ffee5eed00dead",
    "target_field": "paymentDate",
    "target_values": ["x"],
    "failed_field": "archived",
    "failed_values": [True],
}
OWN: dict[str, Any] = {"task_id": "wait", "invoice_id": "511e0a00c0ffee5eed00beef"}
foreign_parameters = pytest.mark.parametrize(("name", "value"), FOREIGN.items(), ids=FOREIGN)


# Airflow 2 raises AirflowException, Airflow 3 TypeError.
def refused(name):
    return pytest.raises(Exception, match=rf"Invalid arguments[\s\S]*{name}|unexpected keyword argument.*{name}")


@pytest.fixture
def dag():
    return DAG("waiting", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC))


@foreign_parameters
def test_in_the_constructor(name, value):
    with refused(name):
        InvoiceStatusSensor(**OWN, **{name: value})


@foreign_parameters
def test_in_partial(dag, name, value):
    with dag, refused(name):
        InvoiceStatusSensor.partial(task_id="wait", **{name: value}).expand(invoice_id=["511e0a00c0ffee5eed00beef"])


# Airflow warns when it deletes a task whose expand was refused.
@pytest.mark.filterwarnings("ignore:Task 'wait' was never mapped:UserWarning")
@foreign_parameters
def test_in_expand(dag, name, value):
    with dag, refused(name):
        InvoiceStatusSensor.partial(**OWN).expand(**{name: [value]})


def test_default_args_for_other_tasks_do_not_reach_the_sensor():
    with DAG("waiting", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC), default_args=FOREIGN):
        sensor = InvoiceStatusSensor(**OWN)

    assert (sensor.resource, sensor.record_id) == ("invoices", "511e0a00c0ffee5eed00beef")
    assert (sensor.target_field, sensor.target_values, sensor.failed_field, sensor.failed_values) == (None,) * 4
