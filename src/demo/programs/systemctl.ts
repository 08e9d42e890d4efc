import type { Machine } from '../machine/machine.ts';
import type { Unit } from '../machine/unit.ts';
import { systemctlShow } from '../text/systemctl-show.ts';
import { syslogTime, systemdTime } from '../text/timestamps.ts';
import type { Program, ProgramCall } from './program.ts';

export interface SystemctlCall {
  readonly verb: string;
  readonly names: readonly string[];
  readonly properties: readonly string[] | null;
  readonly times: 'pretty' | 'us' | 'unix';
  readonly values: boolean;
  readonly quiet: boolean;
}

/** systemctl(1): what a console asks of it. */
export const systemctl: Program = async (call) => {
  const asked = parseSystemctl(call.args);
  switch (asked.verb) {
    case 'show': {
      const text = systemctlShow(call.machine, asked.names, asked);
      call.out(asked.values ? text.replaceAll(/^[^=\n]+=/gm, '') : text);
      return 0;
    }
    case 'is-active':
      return state(call, asked, (unit) => unit?.activeState ?? 'inactive', ['active']);
    case 'is-failed':
      return state(call, asked, (unit) => unit?.activeState ?? 'inactive', ['failed'], 1);
    case 'is-enabled':
      return state(call, asked, (unit) => unit?.spec.unitFileState ?? 'not-found', ['enabled', 'generated'], 1);
    case 'status':
      return status(call, asked.names);
    case 'daemon-reload':
    case 'reset-failed':
      return 0;
    case 'start':
    case 'stop':
    case 'restart':
    case 'try-restart':
    case 'reload':
      return change(call, asked.verb, asked.names);
    default:
      call.err(`Unknown command verb ${asked.verb}.\n`);
      return 1;
  }
};

/** Starts, stops or restarts units and waits for the job, as systemctl does. */
export async function change(call: ProgramCall, verb: string, names: readonly string[]): Promise<number> {
  const units = names.map((name) => ({ name: withSuffix(name), unit: call.machine.unit(name) }));
  const missing = units.find(({ unit }) => unit === null);
  if (missing !== undefined) {
    call.err(`Failed to ${verb} ${missing.name}: Unit ${missing.name} not found.\n`);
    return 5;
  }
  await Promise.all(units.map(({ unit }) => (unit === null ? undefined : run(unit, verb))));
  return 0;
}

function run(unit: Unit, verb: string): Promise<void> {
  if (verb === 'start') return unit.start();
  if (verb === 'stop') return unit.stop();
  return verb === 'restart' || unit.activeState === 'active' ? (verb === 'reload' ? reloaded(unit) : unit.restart()) : Promise.resolve();
}

function reloaded(unit: Unit): Promise<void> {
  unit.reload();
  return Promise.resolve();
}

function state(call: ProgramCall, asked: SystemctlCall, word: (unit: Unit | null) => string, good: readonly string[], bad = 3): number {
  const words = asked.names.map((name) => word(call.machine.unit(name)));
  if (!asked.quiet) for (const text of words) call.out(`${text}\n`);
  return words.some((text) => good.includes(text)) ? 0 : bad;
}

function status(call: ProgramCall, names: readonly string[]): number {
  let worst = 0;
  names.forEach((name, index) => {
    const unit = call.machine.unit(name);
    if (index > 0) call.out('\n');
    if (unit === null) {
      call.err(`Unit ${withSuffix(name)} could not be found.\n`);
      worst = Math.max(worst, 4);
      return;
    }
    call.out(statusText(call.machine, unit));
    if (unit.activeState !== 'active') worst = Math.max(worst, 3);
  });
  return worst;
}

function statusText(machine: Machine, unit: Unit): string {
  const { spec } = unit;
  const dot = unit.activeState === 'active' ? '●' : unit.activeState === 'failed' ? '×' : '○';
  const ageS = Math.floor((machine.clock.now() - unit.stateChangeAt) / 1000);
  const preset = spec.unitFileState === 'generated' ? 'generated' : `${spec.unitFileState}; preset: enabled`;
  const log = unit.journal.slice(-10).map((line) => `${syslogTime(line.at)} ${machine.name} ${line.ident}[${line.pid}]: ${line.text}\n`);
  return (
    `${dot} ${spec.id} - ${spec.description}\n` +
    `     Loaded: loaded (${spec.sourcePath ?? spec.fragmentPath}; ${preset})\n` +
    `     Active: ${unit.activeState} (${unit.subState}) since ${systemdTime(unit.stateChangeAt, 'pretty')}; ${span(ageS)} ago\n` +
    (unit.mainPid === 0 ? '' : `   Main PID: ${unit.mainPid} (${spec.program})\n`) +
    (spec.tasks === null || !unit.alive ? '' : `      Tasks: ${spec.tasks} (limit: 4915)\n`) +
    `        CPU: ${(unit.cpuNs / 1e9).toFixed(3)}s\n\n${log.join('')}`
  );
}

function span(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}min ${seconds % 60}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}min`;
  const days = Math.floor(seconds / 86_400);
  return `${days} day${days === 1 ? '' : 's'} ${Math.floor((seconds % 86_400) / 3600)}h`;
}

function withSuffix(name: string): string {
  return name.includes('.') ? name : `${name}.service`;
}

/** Reads systemctl's arguments. */
export function parseSystemctl(args: readonly string[]): SystemctlCall {
  const words: string[] = [];
  const properties: string[] = [];
  let times: SystemctlCall['times'] = 'pretty';
  let values = false;
  let quiet = false;
  let optionsEnded = false;
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (optionsEnded || word === '--') {
      if (optionsEnded) words.push(word);
      optionsEnded = true;
      continue;
    }
    const property = /^(?:-p|--property=|-P)(.*)$/.exec(word);
    if (property !== null) {
      if (word.startsWith('-P')) values = true;
      if (property[1] === '') at += 1;
      properties.push(...(property[1] === '' ? (args[at] ?? '') : (property[1] ?? '')).split(','));
    } else if (word === '--property') {
      at += 1;
      properties.push(...(args[at] ?? '').split(','));
    } else if (word.startsWith('--timestamp='))
      times = word === '--timestamp=unix' ? 'unix' : word.startsWith('--timestamp=us') ? 'us' : 'pretty';
    else if (word === '--value') values = true;
    else if (word === '-q' || word === '--quiet') quiet = true;
    else if (word === '-n' || word === '-o' || word === '-t') at += 1;
    else if (!word.startsWith('-')) words.push(word);
  }
  return { verb: words[0] ?? '', names: words.slice(1), properties: properties.length === 0 ? null : properties, times, values, quiet };
}
