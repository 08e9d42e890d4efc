import type { Health } from '../src/fleet/health.ts';
import type { Entry } from '../src/journal/entry.ts';
import { shownCommand } from '../src/remote/shown-command.ts';
import { listUnder, textUnder } from './json-read.ts';
import { runGroups, runRowWords } from './run-rows.ts';

/** One line of the command log: a change with what came of it, or a single entry. */
export interface JournalRow {
  /** Number of its first entry, which does not change. */
  readonly key: number;
  /** Epoch ms. */
  readonly at: number;
  readonly kind: string;
  readonly who: string;
  readonly env: string | null;
  readonly targets: string;
  /** The command as a person is shown it, else the entry's own words. */
  readonly what: string;
  /** Exact, as it was sent. */
  readonly command: string | null;
  readonly outcome: string;
  readonly health: Health;
  /** From intent to outcome, ms. */
  readonly tookMs: number | null;
  readonly entries: readonly Entry[];
}

/** Journal entries (oldest first) as lines, newest first: an intent and its outcome are one, and so are a bulk run with its hosts and a step of a playbook with its end. */
export function journalRows(entries: readonly Entry[]): readonly JournalRow[] {
  const groupOfStep = runGroups();
  const groups = Map.groupBy(entries, (entry) => (entry.kind === 'run' ? groupOfStep(entry) : groupOf(entry)));
  return [...groups.values()].map(rowOf).sort((a, b) => b.key - a.key);
}

function groupOf(entry: Entry): string {
  if ((entry.kind === 'intent' || entry.kind === 'outcome') && entry.actionId !== null) return `action ${entry.actionId}`;
  const run = textUnder(entry.detail, 'run');
  if (run !== null && (entry.kind === 'bulk' || entry.kind === 'bulk-item' || entry.kind === 'bulk-end')) return `run ${run}`;
  return `entry ${entry.seq}`;
}

function rowOf(entries: readonly Entry[]): JournalRow {
  const [first] = entries;
  const end = entries.findLast((entry) => entry.kind === 'outcome' || entry.kind === 'bulk-end');
  if (first === undefined) throw new Error('a group has at least one entry');
  const of = first.kind === 'run' ? runRowWords(entries) : wordsOfRow(first, end ?? null);
  return {
    key: first.seq,
    at: Date.parse(first.at),
    kind: first.kind,
    who: first.who,
    env: first.env,
    targets: first.kind === 'bulk' ? hostsOf(entries) : first.targets.join(' '),
    command: first.command,
    entries,
    ...of,
  };
}

function wordsOfRow(first: Entry, end: Entry | null): Pick<JournalRow, 'what' | 'outcome' | 'health' | 'tookMs'> {
  const begun = first.kind === 'intent' || first.kind === 'bulk';
  const outcome = end?.outcome ?? (begun ? null : (first.outcome ?? first.kind));
  return {
    what: debtWords(first) ?? (first.command === null ? wordsOf(first) : shownCommand(first.command)),
    outcome: outcome === null ? 'no outcome' : (plainOutcomes[outcome] ?? outcome),
    health: first.kind === 'alert' ? healthOfAlert(first) : healthOf(first.kind, outcome),
    tookMs: end === null || end === first ? null : Date.parse(end.at) - Date.parse(first.at),
  };
}

/** What is owed, or why it is owed no more: its command is the change's, which has a line of its own. */
function debtWords({ kind, detail }: Entry): string | null {
  if (kind === 'debt-open') return textUnder(detail, 'what');
  return kind === 'debt-settled' ? textUnder(detail, 'why') : null;
}

/** Words of the record that say little to whoever reads the log. */
const plainOutcomes: Readonly<Record<string, string>> = {
  begin: 'began',
  end: 'ended',
  'debt-open': 'owed',
  'debt-settled': 'settled',
};

/** One that began counts as what it is; one that ended is over. */
function healthOfAlert({ detail, outcome }: Entry): Health {
  if (outcome === 'end') return 'ok';
  const severities = listUnder(detail, 'changes').map((change) => textUnder(change, 'severity'));
  return severities.includes('crit') ? 'crit' : severities.includes('warn') ? 'warn' : 'unknown';
}

function hostsOf(entries: readonly Entry[]): string {
  const ok = entries.filter((entry) => entry.kind === 'bulk-item' && entry.outcome === 'ok').length;
  return `${ok} ok`;
}

function wordsOf({ detail, env, kind }: Entry): string {
  if (kind === 'approval') return approvalWords(detail);
  for (const name of ['title', 'message', 'text', 'why', 'fingerprint', 'note']) {
    const found = textUnder(detail, name);
    if (found !== null) return found;
  }
  return kind === 'arm' ? `writes in ${env ?? '?'} armed` : kind === 'disarm' ? `writes in ${env ?? '?'} locked again` : kind;
}

/** `wipe on web1, asked by ann@left: not during the release` */
function approvalWords(detail: Entry['detail']): string {
  const [askedBy, reason] = [textUnder(detail, 'askedBy'), textUnder(detail, 'reason')];
  const by = askedBy === null ? '' : `, asked by ${askedBy}`;
  return `${textUnder(detail, 'title') ?? 'a plan'}${by}${reason === null ? '' : `: ${reason}`}`;
}

const healths: Readonly<Record<string, Health>> = {
  signed: 'ok',
  declined: 'warn',
  ok: 'ok',
  done: 'ok',
  failed: 'crit',
  stopped: 'crit',
  aborted: 'warn',
  unknown: 'unknown',
  'debt-open': 'warn',
  'debt-settled': 'ok',
};

function healthOf(kind: string, outcome: string | null): Health {
  if (kind === 'refused') return 'warn';
  if (outcome === null) return 'unknown';
  return healths[outcome] ?? (kind === 'outcome' ? 'warn' : 'stopped');
}

const haystacks = new WeakMap<JournalRow, string>();

function haystack(row: JournalRow): string {
  const known = haystacks.get(row);
  if (known !== undefined) return known;
  const { kind, who, env, targets, what, outcome, at } = row;
  const made = [kind, who, env ?? '', targets, what, outcome, new Date(at).toISOString()].join(' ').toLowerCase();
  haystacks.set(row, made);
  return made;
}

/** Lines that hold every word of the filter; `!word` leaves out. */
export function filterRows(rows: readonly JournalRow[], filter: string): readonly JournalRow[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '!');
  if (words.length === 0) return rows;
  return rows.filter((row) =>
    words.every((word) => (word.startsWith('!') ? !haystack(row).includes(word.slice(1)) : haystack(row).includes(word))),
  );
}
