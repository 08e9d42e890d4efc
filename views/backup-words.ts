import type { BackupProgress, BackupState } from '../src/fleet/backup.ts';
import { backupAgeMs } from './backup-figures.ts';
import { age, bytes, duration, percent } from './format.ts';

const hourMs = 3_600_000;

/** Limits are written in hours: `26h`, not `1d02h`; days from a hundred hours on. */
const inHours = (ms: number): string => (ms >= hourMs && ms < 100 * hourMs ? `${Math.floor(ms / hourMs)}h` : age(ms));

/** `18h of 26h`, `none of 26h`, and `? of 26h` before the first reading */
export function ageOfLimit(backup: BackupState, now: number): string {
  const ageMs = backupAgeMs(backup, now);
  const known = backup.readAt === null ? '?' : 'none';
  return `${ageMs === null ? known : inHours(ageMs)} of ${inHours(backup.maxAgeMs)}`;
}

/** `off-host`, `same host` */
export const whereWords = (backup: BackupState): string => (backup.sameHost ? 'same host' : 'off-host');

/** `verified`, `unproven`, and `–` where nothing says */
export const verifiedWords = (verified: boolean | null): string => (verified === null ? '–' : verified ? 'verified' : 'unproven');

/** `43%  1.2G  12M/s  12m left`: what is known of it. */
export function progressWords(running: BackupProgress, now: number): string {
  const words = [
    running.pct === null ? null : percent(running.pct),
    running.bytes === null ? null : bytes(running.bytes),
    running.bytesPerS === null ? null : `${bytes(running.bytesPerS)}/s`,
    running.leftMs === null ? null : `${duration(running.leftMs)} left`,
    running.startedAt === null ? null : `for ${duration(now - running.startedAt)}`,
  ].filter((word) => word !== null);
  return words.length === 0 ? 'nothing is known yet of how far it is' : words.join('  ');
}
