import { type BackupRecord, type BackupRecords, recordsOf, stampOf } from '../machine/backup-records.ts';
import { filesOf, type MachineFiles } from '../machine/files.ts';
import type { Machine } from '../machine/machine.ts';
import type { Output } from './run-command.ts';

/** How fast rsync reads and writes on a machine, bytes a second. */
const bytesPerS = 110e6;
const tickMs = 250;

/** What a backup's script says of itself in its first lines. */
interface Asked {
  readonly machine: Machine;
  readonly files: MachineFiles;
  readonly records: BackupRecords;
  /** Fields of a record that name the backup, as JSON without braces. */
  readonly facts: string;
  readonly from: string;
  readonly to: string;
  readonly sentinel: string | null;
  readonly keep: number;
}

/**
 * The machine's side of the backup scripts (actions/backups/scripts, probe/backups/records.ts) for rsync: a dated tree of the machine's
 * files in memory, its record, its checks and its refusals in the same words. Nothing is written on this computer's disk.
 * @param verb `check`, `read`, `retention`, or the kind that is to be run.
 */
export async function runBackupScript(machine: Machine, verb: string, text: string, output: Output, stopped: AbortSignal): Promise<number> {
  const kind = verb === 'check' || verb === 'read' || verb === 'retention' ? (/^\S+ \S+ \S+ \S+ (\S+)/.exec(text)?.[1] ?? '') : verb;
  if (kind !== 'rsync') {
    output.err(`${kind} is not installed on this host\n`);
    return 1;
  }
  const asked = askedBy(machine, text);
  if (verb === 'read') return read(asked, output);
  if (verb === 'retention') return retention(asked, output);
  if (asked.records.running !== null) {
    output.err(`a backup to ${asked.to} is already running\n`);
    return 75;
  }
  const wrong = wrongWith(asked);
  if (verb === 'check') {
    if (wrong !== null) output.err(`${wrong}\n`);
    return wrong === null ? 0 : 1;
  }
  return copy(asked, wrong, output, stopped);
}

function askedBy(machine: Machine, text: string): Asked {
  const word = (name: string): string | null => {
    const found = new RegExp(`^${name}=\\$\\(at '?([^')]*)'?\\)`, 'm').exec(text)?.[1];
    return found === undefined || found === '' ? null : found;
  };
  const slug = /^slug=(\S+)$/m.exec(text)?.[1] ?? 'backup';
  const from = word('from') ?? '/data/';
  const to = (word('to') ?? '/backup/manual').replace(/\/+$/, '');
  return {
    machine,
    files: filesOf(machine),
    records: recordsOf(machine, slug, from, to),
    facts: /^facts='(.*)'$/m.exec(text)?.[1]?.replaceAll("'\\''", "'") ?? '"name":"","kind":"rsync","source":""',
    from,
    to,
    sentinel: word('sentinel'),
    keep: Number(/^keep=(\d+)$/m.exec(text)?.[1] ?? 1),
  };
}

function wrongWith({ files, sentinel, from }: Asked): string | null {
  if (sentinel !== null && !files.has(sentinel)) return `${sentinel} is not there: is the source mounted? Nothing is copied`;
  if (files.below(from).length === 0) return `the source ${from} is empty: nothing is copied, so that no copy is emptied`;
  return null;
}

async function copy(asked: Asked, wrong: string | null, output: Output, stopped: AbortSignal): Promise<number> {
  const { machine, files, records, from, to } = asked;
  const newest = records.done.at(-1) ?? null;
  const begunAt = machine.clock.now();
  const start = Math.floor(begunAt / 1000);
  const stamp = stampOf(begunAt);
  const end = (record: Partial<BackupRecord> & Pick<BackupRecord, 'verified' | 'why'>): BackupRecord => {
    records.running = null;
    return { artifact: stamp, start, end: Math.floor(machine.clock.now() / 1000), bytes: null, own: null, files: null, ...record };
  };
  const fail = (why: string): number => {
    files.remove(`${to}/${stamp}.partial`);
    records.failed = end({ verified: false, why });
    output.err(`${why}\n`);
    return 1;
  };
  if (wrong !== null) return fail(wrong);
  const running = { start, expected: newest?.bytes ?? null, line: '' };
  records.running = running;
  const source = files.below(from);
  const total = source.reduce((sum, { bytes }) => sum + bytes, 0);
  let own = 0;
  let passed = 0;
  let sent = 0;
  for (const [index, { path, bytes, writtenAt }] of source.entries()) {
    const linked = newest !== null && writtenAt < newest.start * 1000;
    for (let left = linked ? 0 : bytes; left > 0; left -= (bytesPerS * tickMs) / 1000) {
      const done = passed + bytes - left;
      running.line = progressLine(done, total, (total - done) / bytesPerS, '');
      await tick(machine, Math.min(tickMs, (left / bytesPerS) * 1000), stopped);
      if (stopped.aborted) return fail('it was called off, or cut off at its deadline');
      if (!files.has(path))
        return fail(`rsync ended with exit 23: rsync: [sender] link_stat "${path}" failed: No such file or directory (2)`);
    }
    files.add(`${to}/${stamp}.partial/${path.slice(from.length)}`, bytes, machine.clock.now());
    passed += bytes;
    if (linked) continue;
    own += bytes;
    sent += 1;
    running.line = progressLine(
      passed,
      total,
      (machine.clock.now() - begunAt) / 1000,
      ` (xfr#${sent}, to-chk=${source.length - index - 1}/${source.length})`,
    );
  }
  files.rename(`${to}/${stamp}.partial`, `${to}/${stamp}`);
  const disk = machine.filesystems.find(({ mount }) => mount !== '/' && to.startsWith(mount));
  if (disk !== undefined) disk.usedKb += Math.ceil(own / 1024);
  const record = end({ bytes: total, own, files: source.length, verified: true, why: '' });
  records.done.push(record);
  records.failed = null;
  output.out(`#backup ${json(asked, record)}\n`);
  return 0;
}

function tick(machine: Machine, ms: number, stopped: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const callOff = machine.clock.after(ms, resolve);
  const stop = (): void => {
    callOff();
    resolve();
  };
  stopped.addEventListener('abort', stop, { once: true });
  return promise;
}

/** A line of `rsync --info=progress2 --no-h`. */
function progressLine(bytes: number, total: number, seconds: number, end: string): string {
  const pct = total === 0 ? 100 : Math.floor((bytes / total) * 100);
  const clock = `${Math.floor(seconds / 3600)}:${String(Math.floor(seconds / 60) % 60).padStart(2, '0')}:${String(Math.floor(seconds) % 60).padStart(2, '0')}`;
  return `${String(Math.round(bytes)).padStart(15)} ${String(pct).padStart(3)}%  ${(bytesPerS / 2 ** 20).toFixed(2)}MB/s    ${clock}${end}`;
}

function read(asked: Asked, output: Output): number {
  const { running, done, failed } = asked.records;
  const lines = [
    `#now ${Math.floor(asked.machine.clock.now() / 1000)}`,
    ...(running === null ? [] : [`#running ${running.start} ${running.expected ?? '-'} -`, '#type folder', `#line ${running.line}`]),
    ...done.slice(-5).map((record) => `#done ${json(asked, record)}`),
    ...(failed === null ? [] : [`#failed ${json(asked, failed)}`]),
    '#end',
  ];
  output.out(`${lines.join('\n')}\n`);
  return 0;
}

function retention({ records, files, to, keep }: Asked, output: Output): number {
  const sure = records.done.at(-1)?.verified === true;
  if (!sure || records.failed !== null) {
    output.out(sure ? 'the newest attempt failed: no old copy is deleted\n' : 'the newest copy is not verified: no old one is deleted\n');
    return 0;
  }
  while (records.done.length > keep) {
    const [oldest, ...rest] = records.done;
    records.done = rest;
    files.remove(`${to}/${oldest?.artifact ?? ''}`);
    output.out(`deleted ${to}/${oldest?.artifact ?? ''}\n`);
  }
  return 0;
}

function json({ facts, machine }: Asked, record: BackupRecord): string {
  return `{${facts},${JSON.stringify({ ...record, host: machine.name }).slice(1)}`;
}
