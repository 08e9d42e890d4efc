import type { HostView } from '../../src/fleet/view.ts';
import { backupWord, newestOf } from '../backup-figures.ts';
import { ageOfLimit, verifiedWords } from '../backup-words.ts';
import { bytes, plural } from '../format.ts';
import { debtOf, memberOf, poolsOf } from '../pool-figures.ts';
import { absenceWords, membershipHealth, membershipWord } from '../pool-words.ts';
import type { Scene } from '../scene.ts';
import { blank, type Line, span } from '../terminal/line.ts';
import { glyphOf } from '../theme.ts';
import { backupFacts, failureLines, progressLine, unreadLines } from './backup-lines.ts';
import { heading } from './host-words.ts';
import { noteLines } from './listed-lines.ts';

/** The pools of a host: in or out, what the balancer says, and who has to put it back. */
export function poolLines({ fleet, now }: Scene, view: HostView, width: number): Line[] {
  const pools = poolsOf(fleet, view);
  if (pools.length === 0) return [];
  const lines = pools.flatMap((pool): Line[] => {
    const member = memberOf(fleet, view.host.id, pool.name);
    const health = membershipHealth(pool, (member?.takenOutBy ?? null) !== null);
    const facts = [
      `health ${pool.health}`,
      pool.connections === null || pool.state === 'draining' ? null : plural(pool.connections, 'connection'),
      member?.text ?? null,
      fleet.pools.find((one) => one.name === pool.name)?.error ?? null,
    ].filter((fact) => fact !== null);
    return [
      [
        span(`${glyphOf(health)} `, health),
        span(pool.name, 'strong'),
        span(`  ${membershipWord(pool)}`, health),
        span(`  ${facts.join(' · ')}`, 'dim'),
      ],
      ...(member === null ? [] : absenceWords(member, debtOf(fleet, view.host.id, pool.name), now)).flatMap((text) =>
        noteLines(text, 2, width, 'warn'),
      ),
    ];
  });
  return [heading('pools'), ...lines, blank];
}

/** The backups of a host: age against limit, size, and one under way. */
export function backupLines({ fleet, now }: Scene, view: HostView, width: number): Line[] {
  const own = fleet.backups.filter((backup) => backup.hostId === view.host.id);
  if (own.length === 0) return [];
  const lines = own.flatMap((backup): Line[] => {
    const { health, word } = backupWord(backup, now);
    const newest = newestOf(backup);
    const under = [
      ...(backup.running === null ? [] : [progressLine(backup.running, now)]),
      ...failureLines(backup, now, width - 2),
      ...unreadLines(backup, now, width - 2),
    ];
    return [
      [
        span(`${glyphOf(health)} `, health),
        span(backup.name, 'strong'),
        span(`  ${ageOfLimit(backup, now)} ${word}`, health),
        span(`  ${bytes(newest?.bytes ?? null)}  ${verifiedWords(newest?.verified ?? null)}`),
        span(`  ${backupFacts(backup)}`, 'dim'),
      ],
      ...under.map((spans): Line => [span('  '), ...spans]),
    ];
  });
  return [heading('backups'), ...lines, blank];
}
