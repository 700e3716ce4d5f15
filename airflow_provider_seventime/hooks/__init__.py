"""Airflow connection of type ``seventime`` as a client of the API."""
