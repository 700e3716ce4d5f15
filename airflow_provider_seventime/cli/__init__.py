"""Command line: ``airflow seventime`` and ``python -m airflow_provider_seventime``."""
