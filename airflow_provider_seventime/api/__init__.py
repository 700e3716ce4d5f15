"""Seven Time over HTTP, in plain Python: works without Airflow."""
