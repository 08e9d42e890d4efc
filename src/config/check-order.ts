import type { CheckSpec, Fleet, Limit } from '../fleet/definition.ts';
import type { FleetReader } from './fleet-reader.ts';
import { pathInWords } from './issues.ts';
import type { Path } from './yaml-data.ts';

/** Numbers that only make sense in order. */
export function checkOrder(reader: FleetReader, fleet: Fleet): void {
  const { limits, poll } = fleet;
  const named: readonly [string, Limit | null][] = [
    ['cpu', limits.cpu],
    ['iowait', limits.iowait],
    ['steal', limits.steal],
    ['memory', limits.memory],
    ['swap', limits.swap],
    ['disk', limits.disk],
    ['inodes', limits.inodes],
    ['nfs_ms', limits.nfsMs],
    ['load', limits.load],
  ];
  for (const [name, limit] of named) if (limit !== null) checkLimit(reader, ['limits', name], limit);
  for (const [index, { warnPct, critPct }] of limits.nfsIops.entries()) {
    const path = reader.itemPath(['limits', 'nfs_iops'], index);
    if (critPct !== null && critPct <= warnPct) mustBeAbove(reader, path, 'crit', 'warn');
  }
  for (const check of fleet.checks) checkCheck(reader, ['checks', check.name], check);
  if (poll.staleMs <= poll.everyMs) {
    const message = 'poll.stale must be longer than poll.every, or every sample is stale before the next one comes.';
    reader.complain(['poll', reader.valueAt(['poll', 'stale']) === undefined ? 'every' : 'stale'], 'value', message);
  }
}

function checkLimit(reader: FleetReader, path: Path, { warn, crit, leave }: Limit): void {
  if (warn !== null && crit !== null && crit <= warn) mustBeAbove(reader, path, 'crit', 'warn');
  const enter = warn ?? crit;
  if (leave !== null && enter !== null && leave >= enter) {
    const message = `${pathInWords(path)}.leave must be below ${warn === null ? 'crit' : 'warn'}, or the alert would come and go.`;
    reader.complain([...path, 'leave'], 'value', message);
  }
}

function checkCheck(reader: FleetReader, path: Path, check: CheckSpec): void {
  if (check.kind === 'tls' && check.critMs > check.warnMs) mustBeBelow(reader, path, 'crit', 'warn');
  if (check.kind === 'mysql' && check.lagCritMs !== null && check.lagCritMs <= check.lagWarnMs) {
    mustBeAbove(reader, [...path, 'mysql'], 'lag_crit', 'lag_warn');
  }
  if (check.kind === 'file_age') {
    if (check.warnMs === null && check.critMs === null)
      reader.complain(path, 'key', `${pathInWords(path)} must say how old is too old.`, 'Add warn: or crit: with a duration.');
    if (check.warnMs !== null && check.critMs !== null && check.critMs <= check.warnMs) mustBeAbove(reader, path, 'crit', 'warn');
  }
  if (check.kind !== 'command') return;
  const { warn, crit, below, number } = check;
  if (!number && (warn !== null || crit !== null)) {
    reader.complain(path, 'key', `${pathInWords(path)} has limits but does not judge a number.`, 'Add number: true.');
  }
  if (number && warn === null && crit === null) reader.complain(path, 'key', `${pathInWords(path)} judges a number without warn or crit.`);
  if (warn === null || crit === null) return;
  if (below && crit >= warn) mustBeBelow(reader, path, 'crit', 'warn');
  if (!below && crit <= warn) mustBeAbove(reader, path, 'crit', 'warn');
}

function mustBeAbove(reader: FleetReader, path: Path, upper: string, lower: string): void {
  reader.complain([...path, upper], 'value', `${pathInWords(path)}.${upper} must be above ${lower}.`);
}

function mustBeBelow(reader: FleetReader, path: Path, lower: string, upper: string): void {
  reader.complain([...path, lower], 'value', `${pathInWords(path)}.${lower} must be below ${upper}.`);
}
