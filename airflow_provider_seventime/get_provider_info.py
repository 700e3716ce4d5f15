"""Description of this provider for Airflow: data only, because Airflow calls it on every import."""

from __future__ import annotations

from typing import Any

PACKAGE = "airflow_provider_seventime"


def get_provider_info() -> dict[str, Any]:
    """Return the description of the provider, by Airflow's ``provider_info`` schema."""
    return {
        "package-name": "airflow-provider-seventime",
        "name": "Seven Time",
        "description": "Seven Time: time reporting, work orders and invoicing (Sweden).",
        "integrations": [
            {"integration-name": "Seven Time", "external-doc-url": "https://seventime.se", "tags": ["service"]},
        ],
        "hooks": [{"integration-name": "Seven Time", "python-modules": [f"{PACKAGE}.hooks.seventime"]}],
        "operators": [
            {
                "integration-name": "Seven Time",
                "python-modules": [
                    f"{PACKAGE}.operators.create_records",
                    f"{PACKAGE}.operators.documents",
                    f"{PACKAGE}.operators.invoices",
                    f"{PACKAGE}.operators.records",
                    f"{PACKAGE}.operators.time_logs",
                ],
            },
        ],
        "sensors": [
            {
                "integration-name": "Seven Time",
                "python-modules": [f"{PACKAGE}.sensors.invoices", f"{PACKAGE}.sensors.records"],
            },
        ],
        "triggers": [{"integration-name": "Seven Time", "python-modules": [f"{PACKAGE}.triggers.record_status"]}],
        "transfers": [
            {
                "source-integration-name": "Seven Time",
                "target-integration-name": "Common IO",
                "python-module": f"{PACKAGE}.transfers.invoices_to_sie",
            },
            {
                "source-integration-name": "Seven Time",
                "target-integration-name": "Common IO",
                "python-module": f"{PACKAGE}.transfers.seventime_to_object_storage",
            },
            {
                "source-integration-name": "Seven Time",
                "target-integration-name": "Common SQL",
                "python-module": f"{PACKAGE}.transfers.seventime_to_sql",
            },
        ],
        "cli": [f"{PACKAGE}.cli.definition.get_seventime_commands"],
        "extra-links": [
            f"{PACKAGE}.hooks.extra_links.RecordLink",
            f"{PACKAGE}.hooks.extra_links.ApiDocumentationLink",
        ],
        "connection-types": [
            {
                "connection-type": "seventime",
                "hook-class-name": f"{PACKAGE}.hooks.seventime.SevenTimeHook",
                "hook-name": "Seven Time",
                "ui-field-behaviour": UI_FIELD_BEHAVIOUR,
                "conn-fields": CONN_FIELDS,
            },
        ],
    }


UI_FIELD_BEHAVIOUR: dict[str, Any] = {
    "hidden-fields": ["schema"],
    "relabeling": {"password": "API key", "login": "Acting user id", "host": "Base URL"},
    "placeholders": {
        "host": "https://app.seventime.se",
        "port": "443",
        "login": "id of the user who creates and changes records",
        "password": "Seven Time: Settings -> Integrations -> API",
    },
}

CONN_FIELDS: dict[str, Any] = {
    "api_version": {
        "label": "API version",
        "description": "Version of the API: 2 (default) or 1.",
        "schema": {"type": ["integer", "null"], "enum": [2, 1, None], "default": 2},
    },
    "timezone": {
        "label": "Time zone",
        "description": "The account's time zone (IANA name); empty: Europe/Stockholm.",
        "schema": {"type": ["string", "null"], "default": "Europe/Stockholm"},
    },
    "requests_per_second": {
        "label": "Requests per second",
        "description": "Rate limit of the key; empty: 4, which Seven Time allows.",
        "schema": {"type": ["number", "null"], "exclusiveMinimum": 0, "default": 4},
    },
    "pacing": {
        "label": "Pacing",
        "description": "Shares the rate limit: machine (default), process, a redis:// URL or a Redis connection id.",
        "schema": {"type": ["string", "null"], "default": "machine"},
    },
    "page_size": {
        "label": "Page size",
        "description": "Records per request, 1 to 500; empty: 500.",
        "schema": {"type": ["integer", "null"], "minimum": 1, "maximum": 500, "default": 500},
    },
    "connect_timeout_seconds": {
        "label": "Connect timeout (seconds)",
        "description": "Seconds until a connection must be open; empty: 10.",
        "schema": {"type": ["number", "null"], "exclusiveMinimum": 0, "default": 10},
    },
    "read_timeout_seconds": {
        "label": "Read timeout (seconds)",
        "description": "Longest pause of the API within a response; empty: 60.",
        "schema": {"type": ["number", "null"], "exclusiveMinimum": 0, "default": 60},
    },
    "request_timeout_seconds": {
        "label": "Request timeout (seconds)",
        "description": "Longest duration of a whole request, also of one with a slow response; empty: 300.",
        "schema": {"type": ["number", "null"], "exclusiveMinimum": 0, "default": 300},
    },
    "proxies": {
        "label": "Proxies",
        "description": 'JSON, for example {"https": "http://proxy.example:3128"}; empty: those of the environment.',
        "schema": {"type": ["string", "object", "null"]},
    },
    "ca_bundle": {
        "label": "CA bundle",
        "description": "Path of a file with trusted certificate authorities; empty: those of the worker.",
        "schema": {"type": ["string", "null"]},
    },
    "strict": {
        "label": "Strict",
        "description": "Refuse undocumented fields and filters (default: true); false: send them with a warning.",
        "schema": {"type": ["boolean", "null"], "default": True},
    },
    "hash_secret": {
        "label": "Hash secret",
        "description": "Key for hashes of personal data, at least 16 characters; a new key changes every hash.",
        "schema": {"type": ["string", "null"], "format": "password"},
    },
    "web_url": {
        "label": "Web address of a record",
        "description": "Address with {id}, for links from tasks: https://app.seventime.se/#/invoices/{id}.",
        "schema": {"type": ["string", "object", "null"]},
    },
}
