import { parse } from 'yaml';
import type { Entry } from '../entry.ts';
import { formatDuration } from '../../fleet/duration.ts';
import { listAt, textAt, under } from './detail.ts';
import type { TimelineItem } from './timeline-item.ts';

/** One walk through a playbook, as its entries of kind `run` tell; see playbook/run/events.ts, which writes them. */
export interface RunTold {
  readonly id: string;
  readonly playbook: string;
  readonly title: string;
  readonly sha256: string | null;
  readonly operator: string;
  /** Epoch ms. */
  readonly openedAt: number;
  readonly closedAt: number | null;
  /** `ok failed escalated aborted undone undo_failed`; `null` while it is open. */
  readonly result: string | null;
  readonly message: string | null;
  /** Why it was walked, where somebody said so. */
  readonly reason: string | null;
  readonly skipped: readonly { readonly key: string; readonly why: string }[];
  /** Hosts that it changed something on. */
  readonly hosts: readonly string[];
  /** What it changed, by the executor's own entries. */
  readonly changes: readonly RunChange[];
  /** Steps that only looked, and went well. */
  readonly looked: number;
  readonly seq: number;
}

export interface RunChange {
  /** Of the executor's own entries. */
  readonly actionId: string;
  /** Number of the intent's entry; `null` where it is not among those given. */
  readonly seq: number | null;
  readonly at: number;
  readonly text: string;
  /** `ok failed unknown`, `null` while nothing is known. */
  readonly outcome: string | null;
}

/** Real runs, oldest first; dry ones leave nothing here. */
export function runsIn(entries: readonly Entry[]): readonly RunTold[] {
  const runs = new Map<string, RunTold>();
  const changing = new Set<string>();
  const executed = Map.groupBy(
    entries.filter((entry) => entry.actionId !== null && (entry.kind === 'intent' || entry.kind === 'outcome')),
    (entry) => entry.actionId ?? '',
  );
  for (const entry of entries) {
    if (entry.kind !== 'run' || entry.actionId === null) continue;
    const event = under(entry.detail, 'event');
    const at = Date.parse(entry.at);
    const run = runs.get(entry.actionId);
    const name = textAt(event, 'event');
    if (name === 'open' && textAt(event, 'level') === 'run') {
      runs.set(entry.actionId, {
        id: entry.actionId,
        playbook: textAt(event, 'playbook') ?? '',
        title: textAt(event, 'title') ?? textAt(event, 'playbook') ?? 'a run',
        sha256: textAt(event, 'sha256'),
        operator: textAt(event, 'operator') ?? entry.who,
        openedAt: at,
        closedAt: null,
        result: null,
        message: null,
        reason: textAt(event, 'reason') ?? textAt(event, 'inputs', 'reason'),
        skipped: [],
        hosts: [],
        changes: [],
        looked: 0,
        seq: entry.seq,
      });
    } else if (run !== undefined && name === 'intent') {
      const host = textAt(event, 'host');
      changing.add(`${run.id} ${textAt(event, 'key') ?? ''}`);
      const change = changeOf(event, at, executed.get(textAt(event, 'actionId') ?? '') ?? []);
      runs.set(run.id, {
        ...run,
        hosts: host === null || run.hosts.includes(host) ? run.hosts : [...run.hosts, host],
        changes: [...run.changes, change],
      });
    } else if (run !== undefined && name === 'close') {
      runs.set(run.id, { ...run, closedAt: at, result: textAt(event, 'result'), message: textAt(event, 'message') });
    } else if (run !== undefined && name === 'outcome' && textAt(event, 'outcome') === 'skipped') {
      runs.set(run.id, { ...run, skipped: [...run.skipped, { key: textAt(event, 'key') ?? '', why: textAt(event, 'summary') ?? '' }] });
    } else if (
      run !== undefined &&
      name === 'outcome' &&
      isWell(textAt(event, 'outcome')) &&
      !changing.has(`${run.id} ${textAt(event, 'key') ?? ''}`)
    ) {
      runs.set(run.id, { ...run, looked: run.looked + 1 });
    }
  }
  return [...runs.values()];
}

function changeOf(event: ReturnType<typeof under>, at: number, entries: readonly Entry[]): RunChange {
  const title = entries.map((entry) => textAt(entry.detail, 'title')).find((text) => text !== null);
  const commands = listAt(event, 'commands').flatMap((command) => (typeof command === 'string' ? [command] : []));
  const outcome = entries.findLast((entry) => entry.kind === 'outcome')?.outcome ?? null;
  const seq = entries.find((entry) => entry.kind === 'intent')?.seq ?? null;
  return {
    actionId: textAt(event, 'actionId') ?? '',
    seq,
    at,
    text: title ?? (commands.join('; ') || (textAt(event, 'key') ?? 'a change')),
    outcome,
  };
}

const isWell = (outcome: string | null): boolean => outcome === 'ok' || outcome === 'already';

const results: Readonly<Record<string, string>> = {
  ok: 'ended well',
  failed: 'failed',
  escalated: 'was escalated',
  aborted: 'was aborted',
  undone: 'was taken back',
  undo_failed: 'could not be taken back',
};

/** `ended well after 23s`; `has not ended` while it is open. */
export function runEnd({ result, message, openedAt, closedAt }: Pick<RunTold, 'result' | 'message' | 'openedAt' | 'closedAt'>): string {
  if (result === null) return 'has not ended';
  const after = closedAt === null ? '' : ` after ${formatDuration(closedAt - openedAt)}`;
  // A good end has nothing to add: its message says that every step is done.
  const why = result === 'ok' || message === null || message === '' ? '' : `: ${message}`;
  return `${results[result] ?? result}${after}${why}`;
}

/** Lines of a timeline about the runs of these ids: each run, what a person answered and noted, what was told, and steps that did not go well. */
export function runItems(entries: readonly Entry[], ids: ReadonlySet<string>): TimelineItem[] {
  const runs = new Map(runsIn(entries).flatMap((run) => (ids.has(run.id) ? [[run.id, run] as const] : [])));
  const whole = [...runs.values()].map((run): TimelineItem => {
    return {
      ...base(run.openedAt, run.operator, run.seq),
      endAt: run.closedAt,
      text: `Playbook ${run.playbook} (${run.title})${run.hosts.length === 0 ? '' : ` on ${run.hosts.join(', ')}`}: ${runEnd(run)}${run.reason === null ? '' : ` (reason: ${run.reason})`}`,
      outcome: run.result,
      hosts: run.hosts,
      significant: true,
    };
  });
  const changing = new Set(
    entries.flatMap((entry) =>
      entry.kind === 'run' && textAt(under(entry.detail, 'event'), 'event') === 'intent'
        ? [`${entry.actionId ?? ''} ${textAt(under(entry.detail, 'event'), 'key') ?? ''}`]
        : [],
    ),
  );
  const parts = entries.flatMap((entry): TimelineItem[] => {
    const run = entry.kind === 'run' ? runs.get(entry.actionId ?? '') : undefined;
    if (run === undefined) return [];
    const event = under(entry.detail, 'event');
    const at = Date.parse(entry.at);
    const key = textAt(event, 'key') ?? '';
    const item = { ...base(at, entry.who, entry.seq), hosts: run.hosts };
    switch (textAt(event, 'event')) {
      case 'answer': {
        const question = textAt(event, 'text') ?? textAt(event, 'question') ?? key;
        const text = `Asked: ${question}${/[.?!]$/.test(question) ? ' ' : ': '}${chosen(entries, entry, question) ?? answerWords(under(event, 'answer'))}`;
        return [{ ...item, source: 'decision', by: 'person', text, significant: true }];
      }
      case 'note':
        return [{ ...item, source: 'note', by: 'person', text: textAt(event, 'text') ?? '', significant: true }];
      case 'tell':
        return [
          {
            ...item,
            source: 'update',
            text: `told ${textAt(event, 'to') ?? 'the team'}: ${textAt(event, 'text') ?? ''}`,
            significant: true,
          },
        ];
      case 'handover':
        return [{ ...item, text: `run taken over from ${textAt(event, 'from') ?? 'another console'}`, significant: true }];
      case 'no-return':
        return [{ ...item, text: `point of no return: ${textAt(event, 'text') ?? key}`, significant: true }];
      case 'outcome': {
        const outcome = textAt(event, 'outcome');
        const summary = textAt(event, 'summary') ?? '';
        // The page itself says how it goes on: nothing that a reader must hear of.
        if (under(event, 'tolerated') === true)
          return [{ ...item, text: `step ${key}: said no${summary === '' ? '' : ` (${summary})`}; the playbook goes on` }];
        const well = isWell(outcome);
        // What was changed has its own line, and what was skipped stands with its run.
        const own = changing.has(`${run.id} ${key}`) || outcome === 'skipped';
        return [{ ...item, text: `step ${key}: ${outcome ?? '?'}, ${summary}`, outcome, significant: !well && !own }];
      }
      default:
        return [];
    }
  });
  return [...whole, ...parts];
}

/** The label of what was chosen, as the playbook had it when it was walked; `null` where it has none. */
function chosen(entries: readonly Entry[], answer: Entry, question: string): string | null {
  const name = textAt(answer.detail, 'event', 'answer', 'name');
  const opened = entries.find((entry) => entry.actionId === answer.actionId && textAt(entry.detail, 'event', 'event') === 'open');
  const sources = under(opened?.detail, 'event', 'sources');
  if (name === null || sources === undefined || sources === null || typeof sources !== 'object') return null;
  for (const source of Object.values(sources)) {
    const label = typeof source === 'string' ? labelIn(readYaml(source), question, name) : null;
    if (label !== null) return label;
  }
  return null;
}

function readYaml(text: string): unknown {
  try {
    const read: unknown = parse(text);
    return read;
  } catch {
    return null;
  }
}

/** Label of an option of the step that asks this, wherever it stands. */
function labelIn(value: unknown, question: string, name: string): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if ('choose' in value && value.choose === question && 'options' in value && typeof value.options === 'object') {
    const option: unknown = Object.entries(value.options ?? {}).find(([key]) => key === name)?.[1];
    if (typeof option === 'object' && option !== null && 'label' in option && typeof option.label === 'string') return option.label;
  }
  for (const inner of Object.values(value)) {
    const label = labelIn(inner, question, name);
    if (label !== null) return label;
  }
  return null;
}

/** `option depool`, `skip, not needed`; kinds of later versions are named as they are. */
function answerWords(answer: ReturnType<typeof under>): string {
  const kind = textAt(answer, 'kind') ?? 'answered';
  const values = under(answer, 'values');
  if (values !== undefined) return JSON.stringify(values);
  const label = textAt(answer, 'label');
  if (label !== null) return label;
  const more = ['name', 'outcome', 'who', 'reason'].flatMap((name) => textAt(answer, name) ?? []);
  return kind === 'option' ? more.join(', ') : [kind, ...more].join(', ');
}

function base(at: number, who: string, seq: number): TimelineItem {
  return {
    at,
    endAt: null,
    source: 'run',
    by: 'machine',
    who,
    text: '',
    command: null,
    outcome: null,
    hosts: [],
    significant: false,
    late: false,
    evidence: { seq, file: null, sha256: null },
  };
}
