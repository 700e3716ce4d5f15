"""What Airflow reads of this provider at start-up: pure data, because Airflow calls it on every import."""

from __future__ import annotations

from typing import Any

PACKAGE = "airflow_provider_seventime"


def get_provider_info() -> dict[str, Any]:
    """Return the provider's description in the form of Airflow's ``provider_info`` schema."""
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
    "hidden-fields": ["schema", "port"],
    "relabeling": {"password": "API key", "login": "Acting user id", "host": "Base URL"},
    "placeholders": {
        "host": "https://app.seventime.se",
        "login": "id of the user that writes are made by",
        "password": "Seven Time: Settings -> Integrations -> API",
    },
}

CONN_FIELDS: dict[str, Any] = {
    "api_version": {
        "label": "API version",
        "description": "2, or 1 for the older dialect.",
        "schema": {"type": ["integer", "null"], "enum": [2, 1, None], "default": 2},
    },
    "timezone": {
        "label": "Time zone",
        "description": "The account's time zone (IANA name).",
        "schema": {"type": ["string", "null"], "default": "Europe/Stockholm"},
    },
    "requests_per_second": {
        "label": "Requests per second",
        "description": "The key's budget; Seven Time allows 4.",
        "schema": {"type": ["number", "null"], "exclusiveMinimum": 0, "default": 4},
    },
    "pacing": {
        "label": "Pacing",
        "description": "Who shares the budget: machine, process, or a redis:// URL.",
        "schema": {"type": ["string", "null"], "default": "machine"},
    },
    "page_size": {
        "label": "Page size",
        "description": "Records per request, 1 to 500.",
        "schema": {"type": ["integer", "null"], "minimum": 1, "maximum": 500, "default": 500},
    },
    "connect_timeout_seconds": {
        "label": "Connect timeout (seconds)",
        "schema": {"type": ["number", "null"], "exclusiveMinimum": 0, "default": 10},
    },
    "read_timeout_seconds": {
        "label": "Read timeout (seconds)",
        "description": "How long the API may be silent.",
        "schema": {"type": ["number", "null"], "exclusiveMinimum": 0, "default": 60},
    },
    "request_timeout_seconds": {
        "label": "Request timeout (seconds)",
        "description": "How long a whole request may take, however steadily its answer trickles.",
        "schema": {"type": ["number", "null"], "exclusiveMinimum": 0, "default": 300},
    },
    "proxies": {
        "label": "Proxies",
        "description": 'JSON, for example {"https": "http://proxy.example:3128"}; empty: the environment\'s.',
        "schema": {"type": ["string", "object", "null"]},
    },
    "ca_bundle": {
        "label": "CA bundle",
        "description": "Path of a file with the certificate authorities to trust.",
        "schema": {"type": ["string", "null"]},
    },
    "strict": {
        "label": "Strict",
        "description": "Refuse fields and filters that are not documented; false: send them with a warning.",
        "schema": {"type": ["boolean", "null"], "default": True},
    },
    "hash_secret": {
        "label": "Hash secret",
        "description": "Key of the hashes of personal data, 16 characters or more; changing it changes every hash.",
        "schema": {"type": ["string", "null"], "format": "password"},
    },
}
