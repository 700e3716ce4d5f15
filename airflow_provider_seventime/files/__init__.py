"""Records as JSON Lines and Parquet files. No network, no Airflow."""
