#!/bin/sh
# Creates an environment with pip and, if possible, uv. A working environment is not changed.
#
# usage: bare_environment.sh DIR NEWEST_PYTHON PINS
set -eu
cd "$(dirname "$0")/.."
dir=$1 newest_python=$2 pins=$3

version_of() {
    "$1" -c 'import sys; print(*sys.version_info[:3], sep=".")' 2>/dev/null || true
}

# A copied or moved environment still refers to the folder where it was created.
moved() {
    [ -f "$dir/.location" ] && [ "$(cat "$dir/.location")" != "$(pwd -P)" ]
}

current=$(version_of "$dir/bin/python")
if [ -z "$current" ] || moved || { [ -n "${PYTHON:-}" ] && [ "$current" != "$(version_of "$PYTHON")" ]; }; then
    python=$(scripts/find_python.sh "$newest_python")
    echo "Creating $dir with Python $(version_of "$python")" >&2
    "$python" -m venv --clear "$dir"
fi
pwd -P > "$dir/.location"

"$dir/bin/python" -m pip --version > /dev/null 2>&1 || "$dir/bin/python" -m ensurepip > /dev/null
[ -x "$dir/bin/uv" ] || "$dir/bin/python" -m pip install --quiet --quiet --constraint "$pins" uv ||
    echo "uv could not be installed. pip is used instead, which takes longer." >&2
