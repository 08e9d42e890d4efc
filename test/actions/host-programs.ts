/**
 * Programs that stand on a bench host's PATH. `$PLACE` is the host's directory. What they do is written into `$PLACE/log`, a line when
 * they begin and one when they end, so that every real execution can be counted. Knobs are files: `seconds` (how long a change takes),
 * `fail` (its text is the complaint of a change that fails), `quiet`
 * (a restart that does nothing), `late` (a restart that is cut off, and in which states it leaves its unit), `shut` (holds up a precheck), `say` and `complain` (what a change
 * prints on its outputs, in two parts).
 */
const doing = `
begun() { printf 'begin %s %s\\n' "$1" "$(date +%s%N)" >>"$PLACE/log"; }
ended() { printf 'end %s %s\\n' "$1" "$(date +%s%N)" >>"$PLACE/log"; }
work() { if [ -f "$PLACE/seconds" ]; then sleep "$(cat "$PLACE/seconds")"; fi; if [ -f "$PLACE/fail" ]; then cat "$PLACE/fail" >&2; exit 1; fi; }
`;

/** A change that does nothing but take its time and be counted. */
export const changeProgram = `#!/bin/sh
${doing}
begun "$1"
spill() { if [ -f "$1" ]; then half=$(($(wc -c <"$1") / 2)); head -c "$half" "$1"; sleep 0.1; tail -c "+$((half + 1))" "$1"; fi; }
spill "$PLACE/say"
spill "$PLACE/complain" >&2
work
ended "$1"
`;

/** A precheck that waits while `$PLACE/shut` is there. */
export const gateProgram = `#!/bin/sh
while [ -f "$PLACE/shut" ]; do sleep 0.1; done
`;

/** A service manager whose units are files; a restart gives a unit a new invocation. */
export const systemctlProgram = `#!/bin/sh
${doing}
verb=$1
case $verb in
show)
  while [ $# -gt 0 ] && [ "$1" != -- ]; do shift; done
  shift
  for unit; do
    [ -f "$PLACE/units/$unit" ] || printf '%032d active running' 1 >"$PLACE/units/$unit"
    read -r invocation active sub <"$PLACE/units/$unit"
    printf 'Id=%s.service\\nNames=%s.service\\nLoadState=loaded\\nActiveState=%s\\nSubState=%s\\n' "$unit" "$unit" "$active" "$sub"
    printf 'Result=success\\nNRestarts=0\\nMainPID=812\\nExecMainStatus=0\\nInvocationID=%s\\n' "$invocation"
    printf 'StateChangeTimestampMonotonic=1000000\\nType=simple\\nRemainAfterExit=no\\n\\n'
  done
  ;;
restart | start)
  begun "$2"
  if [ -f "$PLACE/late" ]; then
    read -r invocation active sub <"$PLACE/units/$2"
    printf '%s %s\n' "$invocation" "$(cat "$PLACE/late")" >"$PLACE/units/$2"
    exit 124
  fi
  work
  if [ ! -f "$PLACE/quiet" ]; then
    printf '%s active running\\n' "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')" >"$PLACE/units/$2.new"
    mv "$PLACE/units/$2.new" "$PLACE/units/$2"
  fi
  ended "$2"
  ;;
*) exit 1 ;;
esac
`;
