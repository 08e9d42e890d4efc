import type { Health } from '../src/fleet/health.ts';
import type { Entry, JsonValue } from '../src/journal/entry.ts';
import { shownCommand } from '../src/remote/shown-command.ts';
import { listUnder, numberUnder, textUnder, under } from './json-read.ts';

/** What a journal line about a run of a playbook says; see playbook/run/events.ts, which writes them. */
export interface RunRowWords {
  readonly what: string;
  readonly outcome: string;
  readonly health: Health;
  readonly tookMs: number | null;
}

const eventOf = (entry: Entry): JsonValue => under(entry.detail, 'event');
const nameOf = (entry: Entry): string => textUnder(eventOf(entry), 'event') ?? entry.outcome ?? '';

/** Names the line that an entry of a run belongs to: a step's change and its end are one, each attempt by itself. Asked in the journal's order. */
export function runGroups(): (entry: Entry) => string {
  const begun = new Map<string, string>();
  return (entry) => {
    const name = nameOf(entry);
    const step = `${entry.actionId ?? ''} ${name.startsWith('undo-') ? 'undo' : 'step'} ${textUnder(eventOf(entry), 'key') ?? ''}`;
    const own = `entry ${entry.seq}`;
    if (name === 'intent' || name === 'undo-start') begun.set(step, own);
    if (name !== 'outcome' && name !== 'undo-outcome') return own;
    const group = begun.get(step) ?? own;
    begun.delete(step);
    return group;
  };
}

/** A line of a run in plain words: the step and what came of it. */
export function runRowWords(entries: readonly Entry[]): RunRowWords {
  const [first] = entries;
  const last = entries.at(-1) ?? first;
  if (first === undefined || last === undefined) throw new Error('a group has at least one entry');
  const event = eventOf(first);
  const text = (name: string): string => textUnder(event, name) ?? '';
  const key = text('key');
  const said = (what: string, outcome: string, health: Health = 'stopped'): RunRowWords => ({ what, outcome, health, tookMs: null });
  switch (nameOf(first)) {
    case 'open':
      return said(`the run begins${inputsOf(event)}`, text('level') === 'run' ? 'started' : `dry (${text('level')})`);
    case 'locks':
      return said(`holds ${locksOf(event)}`, 'locked');
    case 'intent':
    case 'outcome':
      return stepWords(first, last);
    case 'undo-start':
    case 'undo-outcome': {
      const end = nameOf(last) === 'undo-outcome' ? eventOf(last) : null;
      return ended(`${key} taken back`, end, null);
    }
    case 'answer': {
      const question = text('text') === '' ? text('question') : text('text');
      return said(`${key}: ${[question, answerWords(under(event, 'answer'))].filter((part) => part !== '').join(' → ')}`, 'answered');
    }
    case 'undo-push':
      return said(`${key}: its undo, of: ${text('title')}`, 'noted');
    case 'play':
      return said(`${key}: ${text('playbook')} begins`, 'played');
    case 'undoing':
      return said(`what was done is taken back: ${text('why')}`, 'undoing', 'warn');
    case 'ending':
      return said(`the last steps begin: ${text('message')}`, 'ending');
    case 'abort':
      return said(`the run is called off: ${text('reason')}`, 'aborted', 'warn');
    case 'again':
      return said(`tried again: ${names(listUnder(event, 'keys'))}`, 'again');
    case 'debt-open':
      return said(`${key}: ${text('what')}`, 'owed', 'warn');
    case 'debt-settled':
      return said(`${key}, by ${text('by')}`, 'settled', 'ok');
    case 'no-return':
      return said(`${key}: ${text('text')}`, 'no return', 'warn');
    case 'tell':
      return said(`${key}: to ${textUnder(event, 'to') ?? 'the team'}: ${text('text')}`, 'told');
    case 'pause':
      return said('the run is paused', 'paused', 'warn');
    case 'resume':
      return said('the run goes on', 'continued');
    case 'handover':
      return said(`the run is taken over from ${text('from')}`, 'taken over');
    case 'note':
      return said(text('text'), 'note');
    case 'close':
      return said(`the run ends: ${text('message')}`, text('result').replace('_', ' '), ends[text('result')] ?? 'warn');
    default:
      return said(first.command ?? nameOf(first), first.outcome ?? first.kind);
  }
}

function stepWords(first: Entry, last: Entry): RunRowWords {
  const event = eventOf(first);
  const key = textUnder(event, 'key') ?? '';
  if (nameOf(first) === 'outcome') return ended(key, event, took(event));
  const sent = listUnder(event, 'commands').flatMap((command) => (typeof command === 'string' ? [shownCommand(command)] : []));
  const end = nameOf(last) === 'outcome' ? eventOf(last) : null;
  return ended(`${key}: ${sent.join('; ')}`, end, end === null ? null : Date.parse(last.at) - Date.parse(first.at));
}

/** `exit 0` says no more than `ok` does. */
function ended(what: string, end: JsonValue, tookMs: number | null): RunRowWords {
  if (end === null) return { what, outcome: 'no outcome', health: 'unknown', tookMs: null };
  const outcome = textUnder(end, 'outcome') ?? 'no outcome';
  const summary = textUnder(end, 'summary');
  const words = summary === null || summary === 'exit 0' ? what : `${what}: ${summary}`;
  return { what: words, outcome, health: outcomes[outcome] ?? 'unknown', tookMs };
}

function took(event: JsonValue): number | null {
  const started = numberUnder(event, 'startedAt');
  const endedAt = numberUnder(event, 'endedAt');
  return started === null || endedAt === null || endedAt - started < 1000 ? null : endedAt - started;
}

const outcomes: Readonly<Record<string, Health>> = {
  ok: 'ok',
  already: 'ok',
  failed: 'crit',
  timeout: 'crit',
  unreachable: 'unknown',
  unknown: 'unknown',
  skipped: 'stopped',
  cancelled: 'stopped',
};

const ends: Readonly<Record<string, Health>> = { ok: 'ok', failed: 'crit', undo_failed: 'crit' };

function inputsOf(event: JsonValue): string {
  const inputs = under(event, 'inputs');
  if (inputs === null || typeof inputs !== 'object') return '';
  const words = Object.entries(inputs).flatMap(([name, value]) =>
    value === null || value === '' || typeof value === 'object' ? [] : [`${name} ${String(value)}`],
  );
  return words.length === 0 ? '' : `: ${words.join(', ')}`;
}

/** `web2, pool-web on lb1` */
function locksOf(event: JsonValue): string {
  const locks = listUnder(event, 'locks').map((one) => {
    const host = textUnder(one, 'hostName') ?? '?';
    const lock = textUnder(one, 'lock') ?? 'host';
    return lock === 'host' ? host : `${lock} on ${host}`;
  });
  return locks.length === 0 ? 'no lock' : locks.join(', ');
}

function names(list: readonly JsonValue[]): string {
  return list.flatMap((one) => (typeof one === 'string' ? [one] : [])).join(', ');
}

/** `restart`, `skip, not needed`; kinds of later versions are named as they are. */
function answerWords(answer: JsonValue): string {
  const values = under(answer, 'values');
  if (values !== null) return JSON.stringify(values);
  const kind = textUnder(answer, 'kind') ?? 'answered';
  const more = ['name', 'outcome', 'who', 'reason'].flatMap((name) => textUnder(answer, name) ?? []);
  return kind === 'option' ? more.join(', ') : [kind, ...more].join(', ');
}
