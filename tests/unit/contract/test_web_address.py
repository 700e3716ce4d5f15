"""Addresses of records in the web application, and of the vendor's documentation."""

from __future__ import annotations

import pytest

from airflow_provider_seventime.contract.documentation import CHAPTERS, documentation_url
from airflow_provider_seventime.contract.registry import COLLECTIONS
from airflow_provider_seventime.contract.web_address import read_web_url

HOST = "https://app.seventime.se"


def test_addresses(subtests):
    for given, resource, address in (
        (f"{HOST}/#/{{resource}}/{{id}}", "workOrders", f"{HOST}/#/workOrders/a%2Fb"),
        (f" {HOST}/open?id={{id}}\n", "customers", f"{HOST}/open?id=a%2Fb"),
        (f"{HOST}/#/invoices/{{id}}", "invoices", f"{HOST}/#/invoices/a%2Fb"),
        # A link must not open the invoice with the id of a customer.
        (f"{HOST}/#/invoices/{{id}}", "customers", None),
        ({"invoices": "http://intranet/i/{id}"}, "invoices", "http://intranet/i/a%2Fb"),
        ('{"invoices": "http://intranet/i/{id}"}', "invoices", "http://intranet/i/a%2Fb"),
        ({"invoices": "http://intranet/i/{id}"}, "customers", None),
    ):
        with subtests.test(given=given, resource=resource):
            assert read_web_url(given).of(resource, "a/b") == address


def test_refused_templates(subtests):
    for given, said in (
        (f"{HOST}/#/invoices/", "has no {id}"),
        (7, "has no {id}"),
        ("", "has no {id}"),
        (f"{HOST}/{{id}}/{{name}}", "other placeholders than {id} and {resource}"),
        (f"{HOST}/{{id}}/{{", "other placeholders"),
        ("ftp://app.seventime.se/{id}", "http or https"),
        ("javascript:alert({id})", "http or https"),
        ("app.seventime.se/{id}", "http or https"),
        ("https://{id}/", "http or https and a host"),
        (f"{HOST}/a b/{{id}}", "http or https"),
        ("https://[::1/{id}", "is not an address"),
        ("https://user:word@app.seventime.se/{id}", "has a user name or password"),
        ({"invoicess": f"{HOST}/{{id}}"}, "did you mean 'invoices'?"),
        ("{not json", "is not a JSON object"),
    ):
        with subtests.test(given=given):
            with pytest.raises(ValueError, match=r".") as caught:
                read_web_url(given)
            assert said in str(caught.value)
            assert "word@" not in str(caught.value)


def test_every_collection_has_an_address_in_the_documentation():
    assert set(CHAPTERS) <= set(COLLECTIONS)
    assert documentation_url("timeLogs") == "https://docs.seventime.se/#time-logs"
    assert documentation_url("webhookSubscriptions") == "https://docs.seventime.se/"
