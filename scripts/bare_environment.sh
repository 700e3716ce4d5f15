#!/bin/sh
# Makes an environment that holds pip and, where it can be had, uv; leaves one that works as it is.
#
# usage: bare_environment.sh DIR NEWEST_PYTHON PINS
set -eu
cd "$(dirname "$0")/.."
dir=$1 newest_python=$2 pins=$3

version_of() {
    "$1" -c 'import sys; print(*sys.version_info[:3], sep=".")' 2>/dev/null || true
}

# A copied or moved environment still points at the place where it was made.
moved() {
    [ -f "$dir/.location" ] && [ "$(cat "$dir/.location")" != "$(pwd -P)" ]
}

current=$(version_of "$dir/bin/python")
if [ -z "$current" ] || moved || { [ -n "${PYTHON:-}" ] && [ "$current" != "$(version_of "$PYTHON")" ]; }; then
    python=$(scripts/find_python.sh "$newest_python")
    echo "Making $dir with Python $(version_of "$python")" >&2
    "$python" -m venv --clear "$dir"
fi
pwd -P > "$dir/.location"

"$dir/bin/python" -m pip --version > /dev/null 2>&1 || "$dir/bin/python" -m ensurepip > /dev/null
[ -x "$dir/bin/uv" ] || "$dir/bin/python" -m pip install --quiet --quiet --constraint "$pins" uv ||
    echo "uv cannot be had here: pip does its work, which takes longer." >&2
