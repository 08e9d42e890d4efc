#!/bin/sh
# Types, lint (the one-way imports among its rules), format, leftovers. Says which one failed.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/setup.sh"
ensure_node
ensure_packages
cd "$root"
failed=
step() {
  name=$1
  shift
  if "$@"; then echo "ok    $name"; else echo "FAIL  $name"; failed="$failed $name"; fi
}
step types node_modules/.bin/tsc -p .
step lint node_modules/.bin/oxlint --type-aware --quiet src views test bench scripts
step format node_modules/.bin/biome format .
step leftovers node_modules/.bin/knip
[ -z "$failed" ]
