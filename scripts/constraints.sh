#!/bin/sh
# Resolves the pins of every supported Airflow version anew: constraints.txt and constraints/*.txt.
set -eu
cd "$(dirname "$0")/.."
. scripts/versions.sh
row=$(airflow_row newest)
newest_python=$(echo "$row" | awk '{ print $3 }')

# Needs only uv, not the whole environment: pins that fit no longer are what this is run for.
scripts/bare_environment.sh .venv "$newest_python" constraints.txt
if [ ! -x .venv/bin/uv ]; then
    echo "The pins are resolved by uv, and it could not be installed: see above." >&2
    exit 1
fi
airflow_rows | while read -r minor release _ pins; do
    groups='--group test --group environment'
    [ "$pins" != constraints.txt ] || groups="$groups --group check --group bench --group cluster"
    caps=constraints/airflow-$minor.in # where that Airflow allows what it does not work with
    [ -f "$caps" ] || caps=/dev/null
    # shellcheck disable=SC2086  # the groups are words
    resolved=$(echo "apache-airflow==$release" | .venv/bin/uv pip compile --quiet --universal --python-version 3.11 \
        --no-header --no-annotate --extra sandbox $groups --constraint - --constraint "$caps" pyproject.toml)
    {
        echo "# What is tested with Airflow $minor, for every Python that it and this project run on."
        echo "# Made by \`make constraints\`; change pyproject.toml, scripts/airflow_versions.txt or constraints/*.in instead."
        echo "$resolved"
    } > "$pins"
    echo "$pins: $(echo "$resolved" | wc -l | tr -d ' ') packages" >&2
done
