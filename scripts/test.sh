#!/bin/sh
# Runs the tests after doing its own set-up. Arguments go to vitest.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/setup.sh"
ensure_node
ensure_packages
ensure_bundle
cd "$root"
exec "$node" node_modules/vitest/vitest.mjs run "$@"
