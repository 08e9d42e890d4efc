import { linesBetween, logFile } from '../machine/logs.ts';
import type { Machine } from '../machine/machine.ts';
import { isoTime, syslogTime } from '../text/timestamps.ts';
import { type Program, type ProgramCall, pause, touchMount } from './program.ts';

/** Newest lines that `cat` and an unlimited `journalctl` give: a simulated log has no beginning. */
const wholeFile = 500;

/** How often a followed log is looked at, ms. */
const followMs = 400;

/** tail(1) on the machine's logs or on standard input; with -f or -F until the caller goes. */
export const tail: Program = async (call) => {
  const { count, follow, words } = options(call.args);
  if (words.length === 0) {
    const lines = call.stdin.split('\n');
    call.out(lines.slice(Math.max(0, lines.length - 1 - count)).join('\n'));
    return 0;
  }
  let failed = false;
  const from = call.machine.clock.now();
  for (const path of words) {
    await touchMount(call, path);
    const file = logFile(call.machine, path);
    if (file === null) {
      call.err(`tail: cannot open '${path}' for reading: No such file or directory\n`);
      failed = true;
      continue;
    }
    if (words.length > 1) call.out(`==> ${path} <==\n`);
    for (const line of linesBetween(call.machine, file, 0, from, count)) call.out(`${line.text}\n`);
  }
  if (follow) {
    const files = words.flatMap((path) => logFile(call.machine, path) ?? []);
    await followLines(call, from, (since, now) =>
      files.flatMap((file) => linesBetween(call.machine, file, since, now, wholeFile)).sort((a, b) => a.at - b.at),
    );
  }
  return failed ? 1 : 0;
};

/** cat(1) on the machine's logs. */
export const cat: Program = async (call) => {
  let code = 0;
  if (call.args.length === 0) call.out(call.stdin);
  for (const path of call.args) {
    await touchMount(call, path);
    const file = logFile(call.machine, path);
    if (file === null) {
      call.err(`cat: ${path}: No such file or directory\n`);
      code = 1;
    } else for (const line of linesBetween(call.machine, file, 0, call.machine.clock.now(), wholeFile)) call.out(`${line.text}\n`);
  }
  return code;
};

/** journalctl(1) for units (-u) or the kernel (-k), newest -n lines, -f to follow, formats short, short-iso, cat and json. */
export const journalctl: Program = async (call) => {
  const { count, follow, units, output, kernel } = options(call.args);
  const now = call.machine.clock.now();
  const read = (from: number, to: number): JournalEntry[] =>
    kernel ? kernelLines(call.machine, from, to) : unitLines(call.machine, units, from, to);
  const entries = read(0, now).slice(-count);
  if (entries.length === 0 && !follow) call.out('-- No entries --\n');
  for (const entry of entries) call.out(`${formatted(call.machine, entry, output)}\n`);
  if (follow)
    await followLines(call, now, (since, to) => read(since, to).map((entry) => ({ text: formatted(call.machine, entry, output) })));
  return 0;
};

interface JournalEntry {
  readonly at: number;
  readonly unit: string;
  readonly ident: string;
  readonly pid: number;
  readonly text: string;
}

function unitLines(machine: Machine, names: readonly string[], from: number, to: number): JournalEntry[] {
  const units = names.length === 0 ? machine.units : names.flatMap((name) => machine.unit(name) ?? []);
  return units
    .flatMap((unit) => unit.journal.map((line) => ({ ...line, unit: unit.spec.id })))
    .filter((line) => line.at > from && line.at <= to)
    .sort((a, b) => a.at - b.at);
}

function kernelLines(machine: Machine, from: number, to: number): JournalEntry[] {
  const file = logFile(machine, '/var/log/kern.log');
  if (file === null) return [];
  return linesBetween(machine, file, from, to, wholeFile).map(({ at, text }) => ({
    at,
    unit: '',
    ident: 'kernel',
    pid: 0,
    text: text.replace(/^.*?kernel: \[[^\]]*\] /, ''),
  }));
}

function formatted(machine: Machine, entry: JournalEntry, output: string): string {
  const who = entry.pid === 0 ? entry.ident : `${entry.ident}[${entry.pid}]`;
  if (output === 'cat') return entry.text;
  if (output === 'json') {
    return JSON.stringify({
      __REALTIME_TIMESTAMP: String(entry.at * 1000),
      _HOSTNAME: machine.name,
      _SYSTEMD_UNIT: entry.unit,
      UNIT: entry.unit,
      SYSLOG_IDENTIFIER: entry.ident,
      _PID: String(entry.pid),
      PRIORITY: '6',
      MESSAGE: entry.text,
    });
  }
  return `${output.startsWith('short-iso') ? isoTime(entry.at) : syslogTime(entry.at)} ${machine.name} ${who}: ${entry.text}`;
}

async function followLines(
  call: ProgramCall,
  from: number,
  read: (since: number, now: number) => readonly { readonly text: string }[],
): Promise<void> {
  let since = from;
  while (!call.stopped.aborted) {
    await pause(call, followMs);
    if (call.stopped.aborted) return;
    const now = call.machine.clock.now();
    for (const line of read(since, now)) call.out(`${line.text}\n`);
    since = now;
  }
}

function options(args: readonly string[]): {
  count: number;
  follow: boolean;
  units: string[];
  output: string;
  kernel: boolean;
  words: string[];
} {
  const parsed = {
    count: args.some((word) => /^(?:-u|--unit|-k)/.test(word)) ? wholeFile : 10,
    follow: false,
    units: [] as string[],
    output: 'short',
    kernel: false,
    words: [] as string[],
  };
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    const [name = '', attached] = word.startsWith('--')
      ? word.split('=', 2)
      : [word.slice(0, 2), word.length > 2 ? word.slice(2) : undefined];
    const value = (): string => {
      if (attached !== undefined) return attached;
      at += 1;
      return args[at] ?? '';
    };
    if (name === '-n' || name === '--lines') parsed.count = Number.parseInt(value().replace('+', ''), 10) || 0;
    else if (name === '-u' || name === '--unit') parsed.units.push(value());
    else if (name === '-o' || name === '--output') parsed.output = value();
    else if (/^-\d+$/.test(word)) parsed.count = Number(word.slice(1));
    else if (name === '-f' || name === '-F' || name === '--follow') parsed.follow = true;
    else if (name === '-k' || name === '--dmesg') parsed.kernel = true;
    else if (name === '-S' || name === '--since' || name === '-U' || name === '--until' || name === '-p') value();
    else if (!word.startsWith('-')) parsed.words.push(word);
  }
  return parsed;
}
