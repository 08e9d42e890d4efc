import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the stand-in's `show` tells of a unit; the rest is that of a healthy service. */
export interface UnitState {
  readonly active?: string;
  readonly sub?: string;
  readonly result?: string;
  readonly pid?: number;
  readonly status?: number;
  readonly restarts?: number;
}

/** A `systemctl` that answers from files, a state for every address that a host is reached at. */
export interface FakeSystemd {
  /** For sshd's SetEnv: a home of its own and this systemctl before the real one. */
  readonly setEnv: string;
  /** Home folder of the login; a test may put a .bashrc there. */
  readonly home: string;
  /** State of `unit` on every host, or on that at `address` alone. */
  set(unit: string, state: UnitState, address?: string): void;
  /** The raw text that `show` prints for `unit` on that host. */
  setText(unit: string, text: string, address?: string): void;
}

/** SSH_CONNECTION ends with the address and port that were dialled, by which one machine can play many hosts. */
const systemctl = `#!/bin/sh
set -- "$(echo "$SSH_CONNECTION" | cut -d ' ' -f 3)" "$@"
address=$1 verb=$2
[ "$verb" = show ] || exit 1
while [ $# -gt 0 ] && [ "$1" != -- ]; do shift; done
shift
for unit; do
  if [ -f "$QD_UNITS/$address/$unit" ]; then cat "$QD_UNITS/$address/$unit"; else cat "$QD_UNITS/every/$unit"; fi
  echo
done
`;

/** Makes the stand-in under `directory`. */
export function fakeSystemd(directory: string): FakeSystemd {
  const bin = join(directory, 'bin');
  const home = join(directory, 'home');
  const units = join(directory, 'units');
  mkdirSync(bin, { recursive: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(join(bin, 'systemctl'), systemctl);
  chmodSync(join(bin, 'systemctl'), 0o755);
  const setText = (unit: string, text: string, address = 'every'): void => {
    mkdirSync(join(units, address), { recursive: true });
    // Renamed into place, so that no poll reads half a state.
    writeFileSync(join(units, `${unit}.new`), text);
    renameSync(join(units, `${unit}.new`), join(units, address, unit));
  };
  return {
    setEnv: `HOME=${home} PATH=${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin QD_UNITS=${units}`,
    home,
    set: (unit, state, address) => setText(unit, unitText(unit, state), address),
    setText,
  };
}

function unitText(unit: string, state: UnitState): string {
  const active = state.active ?? 'active';
  const lines = [
    `Id=${unit}.service`,
    `Names=${unit}.service`,
    'LoadState=loaded',
    `ActiveState=${active}`,
    `SubState=${state.sub ?? 'running'}`,
    `Result=${state.result ?? 'success'}`,
    `NRestarts=${state.restarts ?? 0}`,
    `MainPID=${state.pid ?? (active === 'active' ? 812 : 0)}`,
    `ExecMainStatus=${state.status ?? 0}`,
    'InvocationID=0123456789abcdef0123456789abcdef',
    'StateChangeTimestampMonotonic=1000000',
    'Type=simple',
    'RemainAfterExit=no',
  ];
  return `${lines.join('\n')}\n`;
}
