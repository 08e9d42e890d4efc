import type { BackupArtifact, BackupProgress, BackupState } from '../../src/fleet/backup.ts';
import { bar } from '../components/bar.ts';
import { progressWords, verifiedWords, whereWords } from '../backup-words.ts';
import { age, bytes, duration, shortTime } from '../format.ts';
import { fitLine, type Line, span } from '../terminal/line.ts';
import { wrap } from '../terminal/width.ts';
import { glyphOf } from '../theme.ts';

const barWidth = 16;

/** A backup under way: a bar where the share is known, bytes, rate, time left, and what it says of itself. */
export function progressLine(running: BackupProgress, now: number): Line {
  const drawn = running.pct === null ? [] : [...bar(running.pct / 100, barWidth, 'accent'), span(' ')];
  const said = running.text === null ? [] : [span(`  ${running.text}`, 'dim')];
  return [span('… ', 'accent'), ...drawn, span(progressWords(running, now)), ...said];
}

/** The newest attempt that failed, wrapped. */
export function failureLines({ failed }: BackupState, now: number, width: number): Line[] {
  if (failed === null) return [];
  const text = `last attempt failed at ${shortTime(failed.at, now)} (${age(now - failed.at)} ago): ${failed.why}`;
  return wrap(text, width - 2).map((part, index): Line => [span(index === 0 ? `${glyphOf('crit')} ` : '  ', 'crit'), span(part, 'crit')]);
}

/** Why it could not be read, wrapped. */
export function unreadLines({ error, readAt }: BackupState, now: number, width: number): Line[] {
  if (error === null) return [];
  const since = readAt === null ? '' : `; what is shown is as of ${shortTime(readAt, now)}`;
  return wrap(`${error}${since}`, width - 2).map(
    (part, index): Line => [span(index === 0 ? '? ' : '  ', 'unknown'), span(part, 'unknown')],
  );
}

/** Kind, place and who makes it. */
export function backupFacts(backup: BackupState): string {
  return [backup.kind, whereWords(backup), backup.watched ? 'only watched: somebody else makes it' : null]
    .filter((part) => part !== null)
    .join(' · ');
}

/** The newest good copies, newest first: when, size, duration, whether verified, name. */
export function copyLines(artifacts: readonly BackupArtifact[], now: number): Line[] {
  const ago = (at: number): string => `${age(now - at)} ago`;
  return artifacts.map(
    (one): Line => [
      ...fitLine([span(shortTime(one.at, now))], 13),
      ...fitLine([span(ago(one.at), 'dim')], 9),
      ...fitLine([span(bytes(one.bytes))], 6, 'right'),
      ...fitLine([span(one.tookMs === null ? '' : `in ${duration(one.tookMs)}`, 'dim')], 10, 'right'),
      span('  '),
      ...fitLine([span(verifiedWords(one.verified), one.verified === true ? 'ok' : one.verified === false ? 'warn' : 'dim')], 10),
      span(one.name, 'dim'),
    ],
  );
}
