"""Lineage of a transfer: Airflow's asset events and hook lineage, and OpenLineage's facets."""
