"""The connection page: what Airflow reads of the metadata, and what it asks the hook for before 3.2."""

from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest

from airflow_provider_seventime.api.settings import READERS
from airflow_provider_seventime.get_provider_info import CONN_FIELDS, UI_FIELD_BEHAVIOUR, get_provider_info
from airflow_provider_seventime.hooks.seventime import SevenTimeHook

STANDARD_FIELDS = {"description", "host", "schema", "login", "password", "port", "extra"}


def described_type():
    (described,) = get_provider_info()["connection-types"]
    return described


def test_the_metadata_names_this_hook():
    described = described_type()

    assert described["hook-class-name"] == f"{SevenTimeHook.__module__}.{SevenTimeHook.__qualname__}"
    assert described["connection-type"] == SevenTimeHook.conn_type
    assert described["hook-name"] == SevenTimeHook.hook_name
    assert (SevenTimeHook.conn_name_attr, SevenTimeHook.default_conn_name) == ("seventime_conn_id", "seventime_default")


def test_every_extra_has_a_field_and_every_field_is_an_extra():
    assert set(CONN_FIELDS) == set(READERS)


@pytest.mark.parametrize("name", CONN_FIELDS)
def test_a_field_may_be_left_empty(name):
    jsonschema.validate(None, CONN_FIELDS[name]["schema"])


@pytest.mark.parametrize("name", [name for name in CONN_FIELDS if "default" in CONN_FIELDS[name]["schema"]])
def test_the_default_that_a_field_shows_is_one_that_the_hook_takes(name, connect):
    default = CONN_FIELDS[name]["schema"]["default"]
    jsonschema.validate(default, CONN_FIELDS[name]["schema"])
    connect(extra={})
    without = SevenTimeHook().get_conn().settings

    connect(extra={name: default})

    assert SevenTimeHook().get_conn().settings == without


def test_the_older_form_has_the_same_fields():
    pytest.importorskip("flask_appbuilder", reason="only Airflow before 3.2 asks the hook, with these packages")

    widgets = SevenTimeHook.get_connection_form_widgets()

    assert list(widgets) == list(CONN_FIELDS)
    for name, widget in widgets.items():
        label, optional = str(widget.args[0]), widget.kwargs["validators"]
        assert label == CONN_FIELDS[name]["label"]
        assert [type(validator).__name__ for validator in optional] == ["Optional"]


def test_the_hash_secret_is_a_password_field():
    assert [name for name, one in CONN_FIELDS.items() if one["schema"].get("format") == "password"] == ["hash_secret"]


def test_the_older_form_hides_what_the_newer_one_hides():
    pytest.importorskip("flask_appbuilder", reason="only Airflow before 3.2 asks the hook, with these packages")
    from wtforms import PasswordField

    widgets = SevenTimeHook.get_connection_form_widgets()

    hidden = [name for name, widget in widgets.items() if widget.field_class is PasswordField]
    assert hidden == ["hash_secret"]
    assert type(widgets["hash_secret"].kwargs["widget"]).__name__ == "BS3PasswordFieldWidget"


def test_behaviour_names_standard_fields_only():
    hidden, labels, hints = (UI_FIELD_BEHAVIOUR[key] for key in ("hidden-fields", "relabeling", "placeholders"))

    assert set(hidden) | set(labels) | set(hints) <= STANDARD_FIELDS
    assert not set(hidden) & (set(labels) | set(hints))
    assert labels["password"] == "API key"


def test_the_older_behaviour_is_the_same_under_airflows_older_names():
    schema = json.loads(files("airflow").joinpath("customized_form_field_behaviours.schema.json").read_text())

    behaviour = SevenTimeHook.get_ui_field_behaviour()

    jsonschema.validate(behaviour, schema)
    assert behaviour == {
        "hidden_fields": UI_FIELD_BEHAVIOUR["hidden-fields"],
        "relabeling": UI_FIELD_BEHAVIOUR["relabeling"],
        "placeholders": UI_FIELD_BEHAVIOUR["placeholders"],
    }
