"""Sandbox of Seven Time for development and CI: state, rules, rate limit, faults and a seeded company.

``python -m airflow_provider_seventime.sandbox`` starts it, ``SandboxServer`` in ``server`` runs it inside a test.
It uses the contract and never the client.
"""
