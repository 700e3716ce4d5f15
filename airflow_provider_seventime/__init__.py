"""Apache Airflow provider for Seven Time."""

__version__ = "0.1.0"
