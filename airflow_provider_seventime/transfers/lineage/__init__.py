"""Lineage of a transfer for Airflow and OpenLineage."""
