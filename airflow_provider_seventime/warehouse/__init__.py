"""Copies of Seven Time's collections in SQL databases: the tables, their columns, their rows.

The package uses neither the API's client nor Airflow. It takes records as the API returned them.
"""
