# Every command makes the environment it needs: Python 3.11 or later, git and make are enough to begin with.
# PYTHON=python3.12 chooses the interpreter.

SHELL := /bin/sh
.DEFAULT_GOAL := help

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: environment
environment: ## make .venv, or bring it up to date with pyproject.toml and constraints.txt
	@scripts/environment.sh .venv newest test check

.PHONY: demo
demo: environment ## time logs in, invoices out, paid, and into the books: Airflow and the sandbox on this machine
	@.venv/bin/python scripts/demo.py

.PHONY: ui
ui: environment ## Airflow's web page with the sandbox connection and the example DAGs, ready to click
	@.venv/bin/python scripts/ui.py

.PHONY: sandbox
sandbox: environment ## Seven Time for this machine, on port 8077
	@.venv/bin/python -m airflow_provider_seventime.sandbox --port 8077

.PHONY: test
test: environment ## the tests; ARGS="-k invoices" goes to pytest
	@.venv/bin/python -m pytest -n auto --durations 10 $(ARGS)

.PHONY: thorough
thorough: environment ## the tests with large numbers of kills, faults and examples: see tests/sizes.py
	@SEVENTIME_EXAMPLES=10 SEVENTIME_FUZZ_EXAMPLES=20000 SEVENTIME_KILLS=100 SEVENTIME_STORM_INVOICES=2000 \
	SEVENTIME_WAREHOUSE_DAYS=30 SEVENTIME_WAREHOUSE_TIME_LOGS=100000 \
	.venv/bin/python -m pytest -n auto --durations 10 $(ARGS)

.PHONY: check
check: environment ## format, lint, types, import rules, links, files for GitHub, package
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	.venv/bin/python scripts/check_docs.py
	scripts/check_github.sh
	scripts/package.sh

.PHONY: dist
dist: environment ## build the wheel and the source archive into dist/, and check them
	@scripts/package.sh dist

.PHONY: trace
trace: environment ## the modules and functions that a record, an invoice and a connection pass; ARGS="invoice --edges" chooses
	@.venv/bin/python scripts/trace_record.py $(ARGS)

.PHONY: openapi
openapi: environment ## write docs/openapi.json and docs/operations.md from the contract
	@.venv/bin/python scripts/openapi.py

.PHONY: matrix
matrix: ## the tests on every supported Airflow; AIRFLOW="2.11 3.3" chooses, ARGS goes to pytest
	@scripts/matrix.sh $(AIRFLOW) -- $(ARGS)

.PHONY: bench
bench: ## the benchmarks, side by side with the alternatives (17 minutes); ARGS="limit --turns 1" chooses
	@scripts/environment.sh .bench/venv newest bench
	@.bench/venv/bin/python -m benchmarks $(ARGS)

.PHONY: backfill
backfill: ## years of time logs on CeleryExecutor: two workers, one budget (PostgreSQL and Redis on this machine; 4 minutes)
	@scripts/environment.sh .cluster/venv newest test cluster
	@.cluster/venv/bin/python -m tests.integration.celery $(ARGS)

.PHONY: constraints
constraints: ## resolve the pinned versions anew
	@scripts/constraints.sh

.PHONY: clean
clean: ## remove everything that these commands made
	rm -rf .venv .demo .ui .matrix .bench .cluster build dist .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
