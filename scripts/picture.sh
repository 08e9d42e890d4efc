#!/bin/sh
# Draws docs/fleet.svg from the real screen; takes a bit more than a minute, so that the sparklines have something to show.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/setup.sh"
ensure_node
ensure_packages
ensure_bundle
cd "$root"
exec "$node" scripts/picture.ts
