#!/bin/sh
# Prints the Python for a new environment: $PYTHON if it is set, else the newest usable one on the PATH.
#
# usage: find_python.sh NEWEST        NEWEST: the newest version allowed, for example 3.12
set -eu
newest=$1
oldest=3.11

# Debian's python3 has no ensurepip, a self-compiled one may lack sqlite3, and a pyenv shim may refer to nothing.
works() {
    "$1" - "$oldest" "$newest" 2>/dev/null <<'EOF'
import ensurepip, sqlite3, ssl, sys, venv
oldest, newest = (tuple(map(int, version.split("."))) for version in sys.argv[1:])
sys.exit(not oldest <= sys.version_info[:2] <= newest)
EOF
}

candidates=${PYTHON:-python3.13 python3.12 python3.11 python3 python}
for candidate in $candidates; do
    if works "$candidate"; then
        command -v "$candidate"
        exit 0
    fi
done
echo "No usable Python from $oldest to $newest (with venv, ensurepip, sqlite3 and ssl) among: $candidates." >&2
echo "Install one (Debian and Ubuntu: python3 and python3-venv), or choose one: make PYTHON=python$oldest ..." >&2
exit 1
