#!/bin/sh
# Builds the wheel and the source archive and checks them, with the environment's own hatchling: nothing is downloaded.
#
# usage: package.sh [DIR]        DIR: where both are left; without it they are built in a temporary folder and removed
set -eu
cd "$(dirname "$0")/.."
bin=.venv/bin
if [ $# -gt 0 ]; then
    dir=$1
    rm -rf "$dir"
else
    dir=$(mktemp -d)
    trap 'rm -rf "$dir"' EXIT
fi

"$bin/validate-pyproject" pyproject.toml
"$bin/python" -m hatchling build --directory "$dir" > /dev/null
"$bin/twine" check --strict "$dir"/*
"$bin/check-wheel-contents" "$dir"/*.whl
