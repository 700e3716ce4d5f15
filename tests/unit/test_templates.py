"""Guard against templates that render to nothing."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.templates import is_empty, require_rendered


@pytest.mark.parametrize("value", [None, "", "  \n", "None", " None ", [], (), [None], ["a", ""]], ids=repr)
def test_an_empty_value_is_refused_by_the_name_of_its_parameter(value):
    assert is_empty(value)
    with pytest.raises(
        ConfigError, match=r"^path is empty, perhaps because a template rendered to nothing: check what"
    ):
        require_rendered("path", value)


@pytest.mark.parametrize("value", ["a", "none", "None of them", 0, False, ["a", 0], {}], ids=repr)
def test_any_other_value_passes(value):
    assert not is_empty(value)
    require_rendered("path", value)
