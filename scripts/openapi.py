"""Write the OpenAPI document and the page of the operations into docs, from the contract."""

from __future__ import annotations

from pathlib import Path

from airflow_provider_seventime.contract.openapi import build_openapi, openapi_text
from airflow_provider_seventime.contract.operations_table import operations_page
from airflow_provider_seventime.contract.registry import COLLECTIONS

DOCS = Path(__file__).resolve().parents[1] / "docs"


def main() -> None:
    """Write both files and print their paths."""
    files = {"openapi.json": openapi_text(build_openapi(COLLECTIONS)), "operations.md": operations_page(COLLECTIONS)}
    for name, text in files.items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"docs/{name}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main()
