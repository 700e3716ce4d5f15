# Every command creates the environment that it needs. Requirements: Python 3.11 or later, git and make.
# PYTHON=python3.12 chooses the interpreter.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# Each test that starts Airflow would compile all of its modules again: twice the time of a start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: environment
environment: ## create .venv, or update it to pyproject.toml and constraints.txt
	@scripts/environment.sh .venv newest test check

.PHONY: demo
demo: environment ## run the example DAGs in Airflow against the sandbox: time logs in, invoices out and paid, SIE file
	@.venv/bin/python scripts/demo.py

.PHONY: ui
ui: ## start Airflow's web page with the sandbox connection and the example DAGs; AIRFLOW="2.11" chooses
	@dir=$(if $(AIRFLOW),.matrix/$(AIRFLOW),.venv) && \
	scripts/environment.sh $$dir $(or $(AIRFLOW),newest) $(if $(AIRFLOW),test,test check) && \
	exec $$dir/bin/python scripts/ui.py $(ARGS)

.PHONY: sandbox
sandbox: environment ## start the sandbox on port 8077; customers pay after 10 seconds
	@.venv/bin/python -m airflow_provider_seventime.sandbox --port 8077 --pay-after-seconds 10 --irregular

.PHONY: test
test: environment ## run the tests; ARGS="-k invoices" is passed to pytest
	@.venv/bin/python -m pytest -n auto --durations 10 $(ARGS)

.PHONY: thorough
thorough: environment ## run the tests with large numbers of kills, faults and examples (tests/sizes.py)
	@SEVENTIME_EXAMPLES=10 SEVENTIME_FUZZ_EXAMPLES=20000 SEVENTIME_KILLS=100 SEVENTIME_STORM_INVOICES=2000 \
	SEVENTIME_TOGETHER_CLEARS=20 SEVENTIME_TOGETHER_ROUNDS=20 SEVENTIME_TOGETHER_STORM=300 \
	SEVENTIME_WAREHOUSE_DAYS=30 SEVENTIME_WAREHOUSE_TIME_LOGS=100000 \
	.venv/bin/python -m pytest -n auto --durations 10 $(ARGS)

.PHONY: check
check: environment ## check format, lint, types, import rules, language, links, files for GitHub, and the package
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	.venv/bin/python scripts/check_language.py
	.venv/bin/python scripts/check_docs.py
	scripts/check_github.sh
	scripts/package.sh

.PHONY: dist
dist: environment ## build the wheel and the source archive into dist/, and check them
	@scripts/package.sh dist

.PHONY: trace
trace: environment ## count the modules and functions that a record or an invoice passes; ARGS="invoice --edges" chooses
	@.venv/bin/python scripts/trace_record.py $(ARGS)

.PHONY: openapi
openapi: environment ## write docs/openapi.json and docs/operations.md from the contract
	@.venv/bin/python scripts/openapi.py

.PHONY: matrix
matrix: ## run the tests on every supported Airflow; AIRFLOW="2.11 3.3" chooses, ARGS is passed to pytest
	@scripts/matrix.sh $(AIRFLOW) -- $(ARGS)

.PHONY: bench
bench: ## run the benchmarks next to the alternatives (17 minutes); ARGS="limit --turns 1" chooses
	@scripts/environment.sh .bench/venv newest bench
	@.bench/venv/bin/python -m benchmarks $(ARGS)

.PHONY: backfill
backfill: ## run a backfill of years on CeleryExecutor with two workers (4 minutes; needs PostgreSQL and Redis)
	@scripts/environment.sh .cluster/venv newest test cluster
	@.cluster/venv/bin/python -m tests.integration.celery $(ARGS)

.PHONY: constraints
constraints: ## resolve the pinned versions anew
	@scripts/constraints.sh

.PHONY: clean
clean: ## remove everything that these commands created
	rm -rf .venv .demo .ui .matrix .bench .cluster build dist .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
