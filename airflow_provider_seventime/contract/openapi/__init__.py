"""OpenAPI 3.1 document of the contract, for users of other languages and for contract tests."""

from __future__ import annotations

from airflow_provider_seventime.contract.openapi.document import build_openapi, openapi_text

__all__ = ["build_openapi", "openapi_text"]
