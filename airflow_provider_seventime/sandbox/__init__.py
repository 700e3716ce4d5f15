"""Seven Time for a developer's machine and for CI: state, rules, rate limit, faults and a seeded company.

``python -m airflow_provider_seventime.sandbox`` starts it; ``SandboxServer`` in ``server`` runs it inside a test.
It knows the contract and nothing of the client.
"""
