import type { Machine } from '../machine/machine.ts';
import type { Unit } from '../machine/unit.ts';
import { propertyDefaults } from './systemd-properties.ts';
import { systemdTime } from './timestamps.ts';

export interface ShowOptions {
  /** Property names of `-p`, `null` for all. */
  readonly properties: readonly string[] | null;
  readonly times: 'pretty' | 'us' | 'unix';
}

/** Properties that exist for a name systemd knows nothing of (captured: `systemctl show nosuch.service`). */
const unknownUnit: Readonly<Record<string, string>> = {
  MainPID: '0',
  Result: 'success',
  NRestarts: '0',
  ExecMainStatus: '0',
  ExecMainCode: '0',
  ControlPID: '0',
  MemoryCurrent: '[not set]',
  CPUUsageNSec: '[not set]',
  TasksCurrent: '[not set]',
  LoadState: 'not-found',
  ActiveState: 'inactive',
  SubState: 'dead',
  NeedDaemonReload: 'no',
  StateChangeTimestampMonotonic: '0',
  ActiveEnterTimestampMonotonic: '0',
  InactiveExitTimestampMonotonic: '0',
  ActiveExitTimestampMonotonic: '0',
  InactiveEnterTimestampMonotonic: '0',
};

/** `systemctl show --no-pager` of these units: blocks between empty lines; an unknown one is `LoadState=not-found`, never an error. */
export function systemctlShow(machine: Machine, names: readonly string[], options: ShowOptions): string {
  return names
    .map((name) => {
      const unit = machine.unit(name);
      const id = name.includes('.') ? name : `${name}.service`;
      const values =
        unit === null
          ? new Map(Object.entries({ ...unknownUnit, Id: id, Names: id, Description: id }))
          : unitProperties(machine, unit, options.times);
      return block(values, options.properties);
    })
    .join('\n');
}

/** Asked by name, an empty property is printed; otherwise it is left out. */
function block(values: ReadonlyMap<string, string>, asked: readonly string[] | null): string {
  let out = '';
  for (const name of propertyDefaults.keys()) {
    if (asked !== null && !asked.includes(name)) continue;
    const value = values.get(name) ?? '';
    if (value === '' && asked === null) continue;
    out += `${name}=${value}\n`;
  }
  return out;
}

function unitProperties(machine: Machine, unit: Unit, times: ShowOptions['times']): ReadonlyMap<string, string> {
  const { spec } = unit;
  const time = (at: number): string => (at === 0 ? '' : systemdTime(at, times));
  const monotonic = (at: number): string => (at === 0 ? '0' : String(Math.max(0, Math.round((at - machine.spec.bootedAt) * 1000))));
  const live = unit.activeState === 'active';
  const tracked = live && unit.subState === 'running';
  const oneshot = spec.kind === 'oneshot';
  const values = new Map(propertyDefaults);
  const set = (entries: Readonly<Record<string, string>>): void => {
    for (const [name, value] of Object.entries(entries)) values.set(name, value);
  };
  set({
    Type: spec.kind === 'sysv' ? 'forking' : spec.kind,
    TimeoutStopUSec: '1min 30s',
    TimeoutAbortUSec: '1min 30s',
    KillMode: 'control-group',
    Requires: 'sysinit.target system.slice',
    Conflicts: 'shutdown.target',
    Before: 'multi-user.target shutdown.target',
    After: 'system.slice basic.target systemd-journald.socket sysinit.target network-online.target',
    Wants: spec.kind === 'simple' ? '' : 'network-online.target',
    WantedBy: 'multi-user.target',
    ...spec.properties,
    MainPID: String(unit.mainPid),
    Result: unit.result,
    NRestarts: String(unit.restarts),
    ExecMainStartTimestamp: spec.kind === 'sysv' ? '' : time(unit.execStartAt),
    ExecMainStartTimestampMonotonic: spec.kind === 'sysv' ? '0' : monotonic(unit.execStartAt),
    ExecMainExitTimestamp: oneshot && live ? time(unit.activeEnterAt) : '',
    ExecMainExitTimestampMonotonic: oneshot && live ? monotonic(unit.activeEnterAt) : '0',
    ExecMainPID: spec.kind === 'sysv' ? '0' : String(unit.execPid),
    ExecMainCode: oneshot && live ? '1' : String(unit.execCode),
    ExecMainStatus: String(unit.execStatus),
    ...startCommand(unit, time),
    ControlGroup: tracked ? `/system.slice/${spec.id}` : '',
    ControlGroupId: tracked ? String(1000 + (unit.execPid % 900)) : '0',
    MemoryCurrent: spec.memoryBytes === null || !tracked ? '[not set]' : String(spec.memoryBytes),
    CPUUsageNSec: live ? String(Math.floor(unit.cpuNs)) : '[not set]',
    TasksCurrent: spec.tasks === null || !tracked ? '[not set]' : String(spec.tasks),
    Id: spec.id,
    Names: [spec.id, ...spec.aliases].join(' '),
    Description: spec.description,
    LoadState: 'loaded',
    ActiveState: unit.activeState,
    SubState: unit.subState,
    FragmentPath: spec.fragmentPath,
    SourcePath: spec.sourcePath ?? '',
    UnitFileState: spec.unitFileState,
    CanReload: values.get('ExecReload') === '' && spec.properties.ExecReload === undefined ? 'no' : 'yes',
    StateChangeTimestamp: time(unit.stateChangeAt),
    StateChangeTimestampMonotonic: monotonic(unit.stateChangeAt),
    InactiveExitTimestamp: time(unit.inactiveExitAt),
    InactiveExitTimestampMonotonic: monotonic(unit.inactiveExitAt),
    ActiveEnterTimestamp: time(unit.activeEnterAt),
    ActiveEnterTimestampMonotonic: monotonic(unit.activeEnterAt),
    ActiveExitTimestamp: time(unit.activeExitAt),
    ActiveExitTimestampMonotonic: monotonic(unit.activeExitAt),
    InactiveEnterTimestamp: time(unit.inactiveEnterAt),
    InactiveEnterTimestampMonotonic: monotonic(unit.inactiveEnterAt),
    ConditionTimestamp: time(unit.inactiveExitAt),
    ConditionTimestampMonotonic: monotonic(unit.inactiveExitAt),
    AssertTimestamp: time(unit.inactiveExitAt),
    AssertTimestampMonotonic: monotonic(unit.inactiveExitAt),
    Job: unit.jobs === 0 ? '' : String(2000 + (unit.execPid % 700)),
    InvocationID: unit.invocation,
  });
  for (const name of ['ExecReload', 'ExecStop']) {
    const command = spec.properties[name];
    if (command !== undefined)
      values.set(`${name}Ex`, command.replace('ignore_errors=yes', 'flags=ignore-failure').replace('ignore_errors=no', 'flags='));
  }
  return values;
}

function startCommand(unit: Unit, time: (at: number) => string): Readonly<Record<string, string>> {
  const { spec } = unit;
  const path = spec.start.split(' ')[0] ?? spec.start;
  const forked = spec.kind !== 'simple';
  const began = spec.kind === 'forking' || spec.kind === 'sysv' ? unit.inactiveExitAt : unit.execStartAt;
  const ended = forked && unit.activeState === 'active' ? `stop_time=[${time(unit.activeEnterAt)}]` : 'stop_time=[n/a]';
  const code = forked && unit.activeState === 'active' ? 'code=exited ; status=0' : 'code=(null) ; status=0/0';
  const words = (flags: string): string =>
    `{ path=${path} ; argv[]=${spec.start} ; ${flags} ; start_time=[${time(began)}] ; ${ended} ; pid=${unit.execPid} ; ${code} }`;
  if (spec.startPre === null) return { ExecStart: words('ignore_errors=no'), ExecStartEx: words('flags=') };
  const pre = (flags: string): string =>
    `{ path=${spec.startPre?.split(' ')[0]} ; argv[]=${spec.startPre} ; ${flags} ; start_time=[${time(began)}] ; stop_time=[${time(began)}] ; pid=${unit.execPid - 2} ; code=exited ; status=0 }`;
  return {
    ExecStartPre: pre('ignore_errors=no'),
    ExecStartPreEx: pre('flags='),
    ExecStart: words('ignore_errors=no'),
    ExecStartEx: words('flags='),
  };
}
