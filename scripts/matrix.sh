#!/usr/bin/env bash
# Runs the tests on several versions of Airflow, each in its own environment under .matrix/, and prints a table.
#
# usage: matrix.sh [AIRFLOW...] [-- PYTEST_ARGUMENT...]        for example: matrix.sh 2.11 3.3 -- -k invoices
#        AIRFLOW: minor versions, oldest or newest; default: all of scripts/airflow_versions.txt
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/versions.sh

chosen=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    row=$(airflow_row "$1")
    chosen+=("${row%% *}")
    shift
done
[ $# -eq 0 ] || shift
if [ ${#chosen[@]} -eq 0 ]; then
    while read -r minor _; do chosen+=("$minor"); done < <(airflow_rows)
fi

failed=0
table=""
for minor in "${chosen[@]}"; do
    dir=.matrix/$minor
    python=-
    echo "== Airflow $minor =="
    if ! scripts/environment.sh "$dir" "$minor" test; then
        result="no environment, see above"
        failed=1
    else
        python=$("$dir/bin/python" -c 'import platform; print(platform.python_version())')
        if "$dir/bin/python" -m pytest -n auto --durations 10 "$@" 2>&1 | tee "$dir/pytest.log"; then
            result=passed
        else
            result=FAILED
            failed=1
        fi
        result="$result: $(tail -n 1 "$dir/pytest.log" | tr -d '=' | xargs)"
    fi
    table+=$(printf '%-9s %-9s %s' "$minor" "$python" "$result")$'\n'
done

printf '\n%-9s %-9s %s\n%s' Airflow Python result "$table"
exit $failed
