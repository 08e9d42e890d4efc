import { shownCommand } from '../../remote/shown-command.ts';
import type { Entry } from '../entry.ts';
import { hostsOf } from './change-items.ts';
import { textAt } from './detail.ts';
import { proof, type TimelineItem } from './timeline-item.ts';

/** Kinds that the other readers of a timeline turn into lines, or that repeat what a change already says. */
const told = new Set<string>(['intent', 'outcome', 'bulk', 'bulk-item', 'bulk-end', 'alert', 'incident', 'run']);

/** Sessions, shift notes, debts, approvals, arming: whatever no other reader turns into a line. */
export function otherItem(entry: Entry): TimelineItem[] {
  if (told.has(entry.kind)) return [];
  const said = ['title', 'text', 'message', 'summary', 'what', 'why', 'routine']
    .map((name) => textAt(entry.detail, name))
    .find((text) => text !== null);
  const about = entry.targets.length === 0 ? '' : ` ${entry.targets.join(' ')}`;
  const source = entry.kind === 'note' ? 'note' : entry.kind === 'session' ? 'session' : entry.kind.startsWith('debt') ? 'debt' : 'other';
  const typed = entry.kind === 'note' && entry.actionId === null;
  return [
    {
      at: Date.parse(entry.at),
      endAt: null,
      source,
      by: typed || entry.kind === 'routine' ? 'person' : 'machine',
      who: entry.who,
      text: typed ? (said ?? 'note') : `${wordOf(entry)}${about}${said === undefined ? '' : `: ${said}`}`,
      command: entry.command === null ? null : shownCommand(entry.command),
      outcome: entry.outcome,
      hosts: typed ? [] : hostsOf(entry),
      significant: typed || source === 'session' || entry.kind === 'approval',
      late: false,
      evidence: proof(entry.seq),
    },
  ];
}

/** A second person was asked, signed or declined: each is a line of its own. */
function wordOf({ kind, outcome, detail }: Entry): string {
  if (kind !== 'approval') return kindWords[kind] ?? kind;
  const [askedBy, reason] = [textAt(detail, 'askedBy'), textAt(detail, 'reason')];
  if (outcome === 'asked') return 'asked for a second person';
  const of = askedBy === null ? '' : ` what ${askedBy} asked for`;
  return outcome === 'declined' ? `declined${of}${reason === null ? '' : ` (${reason})`}` : `approved${of}`;
}

const kindWords: Readonly<Record<string, string>> = {
  session: 'shell',
  refused: 'refused',
  'host-key': 'host key',
  arm: 'writes armed',
  disarm: 'writes locked',
  'debt-open': 'owed',
  'debt-settled': 'settled',
  routine: 'routine done',
};
