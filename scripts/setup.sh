# Sourced by bin/quarterdeck and scripts/*.sh with $root set. Makes a clone runnable: a Node new enough, the locked
# packages, and (build_console) a fresh bundle. Prints nothing on standard output; what it does is said on standard error.

say() { printf 'quarterdeck: %s\n' "$1" >&2; }

# One set-up at a time: two first starts in the same clone must not install over each other.
with_lock() {
  lock=$root/.setup-lock
  tries=0
  until mkdir "$lock" 2>/dev/null; do
    owner=$(cat "$lock/pid" 2>/dev/null || echo '')
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then rm -rf "$lock"; continue; fi
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ]; then say "another set-up has held $lock for 10 minutes; remove that folder if none is running"; exit 1; fi
    sleep 1
  done
  echo $$ >"$lock/pid"
  trap 'rm -rf "$lock"' EXIT
  trap 'rm -rf "$lock"; exit 130' INT
  trap 'rm -rf "$lock"; exit 143' TERM
  "$@"
  rm -rf "$lock"
  trap - EXIT INT TERM
}

run_quietly() {
  log=$root/.setup.log
  if ! "$@" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    say "set-up failed at: $*"
    exit 1
  fi
  rm -f "$log"
}

# True for Node 22.13 and newer: node:sqlite without a flag came with it.
new_enough() {
  version=$("$1" -p 'process.versions.node' 2>/dev/null) || return 1
  major=${version%%.*}
  rest=${version#*.}
  minor=${rest%%.*}
  [ "$major" -gt 22 ] || { [ "$major" -eq 22 ] && [ "$minor" -ge 13 ]; }
}

pinned_node() {
  for found in "$root"/runtime/node_modules/node-*/bin/node; do
    if [ -x "$found" ]; then printf '%s' "$found"; return 0; fi
  done
  return 1
}

fetch_runtime() {
  pinned_node >/dev/null && return 0
  say "this machine's Node is older than 22.13; fetching the pinned one (once, about 45 MB)"
  (cd "$root/runtime" && run_quietly npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier)
}

ensure_node() {
  if node=$(command -v node) && new_enough "$node"; then return 0; fi
  pinned_node >/dev/null || with_lock fetch_runtime
  if ! node=$(pinned_node); then
    say "no pinned Node for this kind of machine; install Node 22.13 or newer and start again"
    exit 1
  fi
  PATH=$(dirname "$node"):$PATH
  export PATH
}

lock_sum() { cksum <"$root/package-lock.json"; }

install_packages() {
  [ "$(cat "$root/node_modules/.installed" 2>/dev/null)" = "$(lock_sum)" ] && return 0
  say "installing the locked packages (once)"
  (cd "$root" && run_quietly npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier)
  lock_sum >"$root/node_modules/.installed"
}

ensure_packages() {
  # A linked folder belongs to another checkout, where `npm ci` would empty it under whoever works there.
  if [ -L "$root/node_modules" ]; then return 0; fi
  [ "$(cat "$root/node_modules/.installed" 2>/dev/null)" = "$(lock_sum)" ] || with_lock install_packages
}

stale_bundle() {
  [ ! -f "$root/dist/main.js" ] ||
    [ -n "$(find "$root/src" "$root/views" "$root/scripts/build.mjs" "$root/package-lock.json" -newer "$root/dist/main.js" -print 2>/dev/null | head -n 1)" ]
}

build_bundle() {
  stale_bundle || return 0
  (cd "$root" && run_quietly node scripts/build.mjs)
}

ensure_bundle() {
  if stale_bundle; then with_lock build_bundle; fi
}
