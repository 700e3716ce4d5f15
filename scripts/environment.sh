#!/bin/sh
# Creates an environment with this project (editable, with the sandbox) and its dependency groups, at the pinned versions.
# Does nothing if the environment already fits pyproject.toml and the pins.
#
# usage: environment.sh DIR AIRFLOW GROUP...        for example: environment.sh .venv newest test check
set -eu
cd "$(dirname "$0")/.."
. scripts/versions.sh
dir=$1 airflow=$2
shift 2
row=$(airflow_row "$airflow")
read -r _ release newest_python pins <<EOF
$row
EOF

groups=
for group in "$@"; do
    groups="$groups --group $group"
done

install_with_uv() {
    [ -x "$dir/bin/uv" ] || return 1
    # uv does not read pip's configuration: pass its package index on.
    index=$("$dir/bin/python" -m pip config list | sed -n "s/^[^=]*\.index.url='\(.*\)'$/\1/p" | head -n 1)
    if [ -n "$index" ]; then
        export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
    fi
    # shellcheck disable=SC2086  # the groups are words
    "$dir/bin/uv" pip install --quiet --python "$dir/bin/python" --constraints "$pins" --build-constraints "$pins" \
        --editable '.[sandbox]' $groups
}

install_with_pip() {
    # pip supports dependency groups since 25.1, and a new environment has the older pip of its Python.
    "$dir/bin/python" -m pip install --quiet --quiet --upgrade 'pip>=25.1'
    # shellcheck disable=SC2086
    "$dir/bin/python" -m pip install --quiet --quiet --constraint "$pins" --editable '.[sandbox]' $groups
}

scripts/bare_environment.sh "$dir" "$newest_python" "$pins"
fingerprint="$(cat pyproject.toml "$pins" | cksum) $groups"
if [ -f "$dir/.installed" ] && [ "$(cat "$dir/.installed")" = "$fingerprint" ]; then
    exit 0
fi
echo "Installing Airflow $release and the project into $dir" >&2
if ! install_with_uv; then
    echo "Installing with pip instead of uv: this takes some minutes." >&2
    install_with_pip
fi
echo "$fingerprint" > "$dir/.installed"
