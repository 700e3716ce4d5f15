#!/bin/sh
# Validates the files under .github/ against GitHub's schemas, which check-jsonschema brings, and .pre-commit-config.yaml.
set -eu
cd "$(dirname "$0")/.."
bin=.venv/bin

"$bin/check-jsonschema" --builtin-schema vendor.github-workflows .github/workflows/*.yml
"$bin/check-jsonschema" --builtin-schema vendor.dependabot .github/dependabot.yml
"$bin/check-jsonschema" --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
"$bin/check-jsonschema" --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/feature.yml
"$bin/pre-commit" validate-config .pre-commit-config.yaml
