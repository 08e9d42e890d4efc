import { formatDuration } from '../fleet/duration.ts';
import { sanitizeLine } from '../remote/sanitize.ts';

/** One line of the ops log about a run or a change, in the manner of Wikimedia's server admin log (spicerack `_log.py`). */
export interface ReportedRun {
  /** Epoch ms of the line. */
  readonly at: number;
  /** `user@machine`. */
  readonly who: string;
  /** Playbook or action. */
  readonly name: string;
  readonly target: string;
  /** What was done, in order: `depool`, `restart pencils`, `repool`. */
  readonly did: readonly string[];
  readonly reason: string | null;
  /** `INC-12` */
  readonly incident: string | null;
  /** What is still owed, one clause each. */
  readonly debts: readonly string[];
}

/** `2026-11-21T14:07Z START user@host web-node-pencils-down web1 — "8816 closed after deploy" INC-12` */
export function startLine(run: ReportedRun): string {
  return lineOf('START', run);
}

/** `2026-11-21T14:07Z LOCK BROKEN user@host web1: the lock of ann@desk [812] — "her machine is dead"` */
export function breakLine(broken: Pick<ReportedRun, 'at' | 'who' | 'target' | 'reason'> & { readonly of: string }): string {
  return lineOf('LOCK BROKEN', { ...broken, name: '', did: [`the lock of ${broken.of}`], incident: null, debts: [] });
}

/** `2026-11-21T14:07Z END (ok, 4m12s) user@host web-node-pencils-down web1: depool, restart pencils, repool — "…" INC-12 OPEN: …` */
export function endLine(run: ReportedRun, result: string, tookMs: number): string {
  // What did not end well is seen from afar.
  const word = result === 'ok' || result === 'undone' ? result : result.toUpperCase();
  return lineOf(`END (${line(word)}, ${formatDuration(tookMs)})`, run);
}

function lineOf(word: string, { at, who, name, target, did, reason, incident, debts }: ReportedRun): string {
  const done = did.length === 0 ? '' : `: ${did.map(line).join(', ')}`;
  const parts = [
    `${new Date(at).toISOString().slice(0, 16)}Z`,
    word,
    line(who),
    line(name),
    `${line(target)}${done}`,
    reason === null ? null : `— "${line(reason)}"`,
    incident === null ? null : line(incident),
    debts.length === 0 ? null : `OPEN: ${debts.map(line).join('; ')}`,
  ];
  return parts.filter((part) => part !== null && part !== '').join(' ');
}

/** Read-only and dry runs tell nobody; a short harmless one tells only at its end. */
export interface ReportFacts {
  readonly dry: boolean;
  readonly risk: 'safe' | 'change' | 'danger';
  /** A step of risk change or danger did change something. */
  readonly changed: boolean;
  /** Longest time it may take, ms. */
  readonly mayTakeMs: number;
  readonly debts: number;
}

const longMs = 2 * 60_000;

/** Whether a line is due at the start: only for what may take more than two minutes, or is dangerous. */
export function startDue({ dry, risk, mayTakeMs }: ReportFacts): boolean {
  return !dry && risk !== 'safe' && (risk === 'danger' || mayTakeMs > longMs);
}

/** Whether a line is due at the end: when something was changed, or is still owed. */
export function endDue({ dry, risk, changed, debts }: ReportFacts): boolean {
  return !dry && ((risk !== 'safe' && changed) || debts > 0);
}

/** Texts that come together become one message: the same text is told once with its number, and what is too much is counted. */
export function mergeBurst(texts: readonly string[], most = 50): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const lines = [...counts].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`));
  const rest = lines.length - most;
  return rest > 0 ? [...lines.slice(0, most), `and ${rest} more, in the ops log`].join('\n') : lines.join('\n');
}

function line(text: string): string {
  return sanitizeLine(text, 300);
}
