# shellcheck shell=sh
# Reads airflow_versions.txt. The other scripts source this file from the folder of the project.

# Prints every row, without comments.
airflow_rows() {
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' scripts/airflow_versions.txt
}

# Prints "MINOR RELEASE NEWEST_PYTHON PINS" for a minor version of Airflow, or for the words oldest and newest.
airflow_row() {
    case $1 in
        oldest) row=$(airflow_rows | head -n 1) ;;
        newest) row=$(airflow_rows | tail -n 1) ;;
        *) row=$(airflow_rows | awk -v minor="$1" '$1 == minor') ;;
    esac
    if [ -z "$row" ]; then
        echo "Airflow $1 is not among the supported versions: $(airflow_rows | awk '{ printf "%s ", $1 }')(scripts/airflow_versions.txt)." >&2
        return 1
    fi
    echo "$row"
}
