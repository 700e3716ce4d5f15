"""A copy of Seven Time's records in any database that SQLAlchemy reaches: the table, its columns, its rows.

Nothing here knows the API's client or Airflow: records come in as the API answered them.
"""
