import type { BackupState } from '../fleet/backup.ts';
import { formatDuration } from '../fleet/duration.ts';
import type { Reason } from '../fleet/health.ts';
import type { Host } from '../fleet/host.ts';
import type { AlertSource } from './alert-source.ts';
import { neverAlerts } from './judge-input.ts';

/** How long the first reading may fail before that is an alert, ms. */
const firstReadingMs = 30_000;

/**
 * What is wrong with a backup on a host, `null` when nothing is: too old (a warning, critical at twice its limit), never made, or its
 * last attempt failed. A backup that could not be read is unknown, whatever was read before.
 */
export function judgeBackup(state: BackupState, now: number): Reason | null {
  const say = (name: string, health: Reason['health'], text: string, forMs = 0): Reason => ({
    name,
    health,
    subject: { kind: 'host' },
    text: `backup ${state.name}: ${text}`,
    forMs,
  });
  // At a console's start its hosts have no connection yet.
  const heldMs = state.readAt === null ? firstReadingMs : 0;
  if (state.error !== null) return say('backup-unknown', 'unknown', `cannot be read: ${state.error}`, heldMs);
  if (state.readAt === null) return say('backup-unknown', 'unknown', 'not yet read', neverAlerts);
  const [newest] = state.artifacts;
  const failed = state.failed === null ? '' : `; the last attempt failed: ${state.failed.why}`;
  if (newest === undefined) return say('backup-old', 'crit', `there is no copy${failed}`);
  const age = now - newest.at;
  const place = state.sameHost ? '; the copy lies on the same host' : '';
  if (age > state.maxAgeMs) {
    const words = `the newest copy is ${formatDuration(age)} old (limit ${formatDuration(state.maxAgeMs)})${place}${failed}`;
    return say('backup-old', age > 2 * state.maxAgeMs ? 'crit' : 'warn', words);
  }
  if (newest.verified === false) return say('backup-failed', 'warn', `the newest copy did not pass its verification${place}`);
  if (state.failed !== null)
    return say('backup-failed', 'warn', `the last attempt failed: ${state.failed.why}; the copy before it stands${place}`);
  return null;
}

/** A backup on one host as a source of alerts. */
export function backupSource(state: BackupState, host: Host, now: number): AlertSource {
  const reason = judgeBackup(state, now);
  return {
    id: `${host.id}#backup/${state.name}`,
    host,
    reasons: reason === null ? [] : [reason],
    labels: () => ({ host: host.name, env: host.env, ...(host.role === null ? {} : { role: host.role }), backup: state.name }),
    evidenceAt: (_subject, health) => (health === 'unknown' ? null : state.readAt),
    beganAt: (raised) => beganAt(state, raised),
    settles: () => state.error === null && state.readAt !== null,
  };
}

/** A copy is too old from the moment it passed its limit, and a failure began when it happened. */
function beganAt(state: BackupState, reason: Reason): number | null {
  const [newest] = state.artifacts;
  if (reason.name === 'backup-old' && newest !== undefined) return newest.at + state.maxAgeMs;
  return reason.name === 'backup-failed' ? (state.failed?.at ?? null) : null;
}
