#!/bin/sh
# Runs a script of the project (TypeScript or JavaScript) under a new enough Node after the set-up: scripts/node.sh FILE [ARG…]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/setup.sh"
ensure_node
ensure_packages
cd "$root"
exec "$node" "$@"
