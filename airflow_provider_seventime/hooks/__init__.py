"""From an Airflow connection to the client."""
