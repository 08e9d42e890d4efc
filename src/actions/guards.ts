import { createHash } from 'node:crypto';
import type { Fleet } from '../fleet/definition.ts';
import { formatClock, formatDuration, formatMinute } from '../fleet/duration.ts';
import type { HostView } from '../fleet/view.ts';
import { canonicalJson } from '../journal/canonical-json.ts';
import type { Entry } from '../journal/entry.ts';
import type { SignedContent } from '../remote/approval-read.ts';
import type { Confirmation, PlannedCommand, Risk } from './plan.ts';

/** The same unit on the same host again within this time needs a reason. */
export const coolDownMs = 10 * 60_000;

/** What must be typed when a change touches more than half of a group of three or more (conftool's sentence). */
export const sentence = 'Yes, I am sure of what I am doing.';

/** Friction by blast radius: y, the host's name, the number of hosts, the sentence. */
export function confirmationFor(targets: readonly HostView[], danger: boolean, all: readonly HostView[]): Confirmation {
  const [only, second] = targets;
  if (only !== undefined && second === undefined) {
    return danger ? { kind: 'word', word: only.host.name, what: 'host name' } : { kind: 'key', word: 'y' };
  }
  if (mostOfAGroup(targets, all)) return { kind: 'word', word: sentence, what: 'sentence' };
  return { kind: 'word', word: String(targets.length), what: 'number of hosts' };
}

function mostOfAGroup(targets: readonly HostView[], all: readonly HostView[]): boolean {
  const groups = Map.groupBy(targets, (view) => `${view.host.env}/${view.host.role ?? ''}`);
  return [...groups].some(([name, some]) => {
    const whole = all.filter((view) => view.goneSince === null && `${view.host.env}/${view.host.role ?? ''}` === name).length;
    return whole >= 3 && some.length > whole / 2;
  });
}

/** The never-list entry that `command` holds, `null` when none. Blanks, quotes and backslashes do not hide one. */
export function deniedBy(fleet: Fleet, command: string): string | null {
  const folded = fold(command);
  return fleet.never.find((entry) => folded.includes(fold(entry))) ?? null;
}

function fold(text: string): string {
  return text
    .replace(/['"\\]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Why a reason is needed: the same subject was changed a short while ago, as the journal knows. `null` when not. */
export function coolDown(recent: readonly Entry[], subject: string, nowMs: number): string | null {
  const last = recent.findLast((entry) => entry.kind === 'outcome' && entry.targets.includes(subject) && entry.outcome !== 'refused');
  if (last === undefined) return null;
  const ago = nowMs - Date.parse(last.at);
  if (!(ago >= 0 && ago < coolDownMs)) return null;
  return `${subject} was changed ${formatDuration(ago)} ago by ${last.who} (${last.outcome ?? 'no outcome'}): say why again`;
}

/** The last change on these hosts that the journal knows, in words; `null` when none. A plan may be looked at for long: its time, not its age. */
export function lastChange(recent: readonly Entry[], hostName: string, nowMs: number): string | null {
  const last = recent.findLast(
    (entry) => entry.kind === 'outcome' && entry.targets.some((target) => target === hostName || target.startsWith(`${hostName}/`)),
  );
  if (last === undefined) return null;
  const at =
    last.at.slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10) ? formatClock(Date.parse(last.at)) : `${formatMinute(last.at)}Z`;
  return `last change: ${last.targets.join(', ')} at ${at} by ${last.who}: ${last.outcome ?? '?'}`;
}

/** Why a second person must approve, `null` when the fleet file asks for none. */
export function approvalFor(fleet: Fleet, risk: Risk, hosts: number): string | null {
  if (fleet.approve.danger && risk === 'danger') return 'the fleet file asks for a second person for a dangerous action';
  if (fleet.approve.over !== null && hosts > fleet.approve.over)
    return `the fleet file asks for a second person above ${fleet.approve.over} hosts`;
  return null;
}

/** SHA-256 over what will be done and to whom: two plans of the same change share it, any difference changes it. */
export function planHash(title: string, commands: readonly PlannedCommand[]): string {
  return contentHash(planContent(title, commands));
}

/** What a plan's hash is made of, and with it what a second person's signature stands for. */
export function planContent(title: string, commands: readonly PlannedCommand[]): Extract<SignedContent, { title: string }> {
  return { title, commands: commands.map(({ hostId, purpose, command }) => ({ hostId, purpose, command })) };
}

export function contentHash(content: SignedContent): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}
