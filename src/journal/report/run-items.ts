import type { Entry } from '../entry.ts';
import { textAt, under } from './detail.ts';
import type { TimelineItem } from './timeline.ts';

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
  readonly skipped: readonly { readonly key: string; readonly why: string }[];
  /** Hosts that it changed something on. */
  readonly hosts: readonly string[];
  readonly seq: number;
}

/** Real runs, oldest first; dry ones leave nothing here. */
export function runsIn(entries: readonly Entry[]): readonly RunTold[] {
  const runs = new Map<string, RunTold>();
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
        skipped: [],
        hosts: [],
        seq: entry.seq,
      });
    } else if (run !== undefined && name === 'intent') {
      const host = textAt(event, 'host');
      if (host !== null && !run.hosts.includes(host)) runs.set(run.id, { ...run, hosts: [...run.hosts, host] });
    } else if (run !== undefined && name === 'close') {
      runs.set(run.id, { ...run, closedAt: at, result: textAt(event, 'result'), message: textAt(event, 'message') });
    } else if (run !== undefined && name === 'outcome' && textAt(event, 'outcome') === 'skipped') {
      runs.set(run.id, { ...run, skipped: [...run.skipped, { key: textAt(event, 'key') ?? '', why: textAt(event, 'summary') ?? '' }] });
    }
  }
  return [...runs.values()];
}

/** Lines of a timeline about runs: each run, what a person answered and noted, what was told, and steps that did not go well. */
export function runItems(entries: readonly Entry[]): TimelineItem[] {
  const runs = new Map(runsIn(entries).map((run) => [run.id, run]));
  const whole = [...runs.values()].map((run): TimelineItem => {
    const end = run.result === null ? 'not ended' : `${run.result}${run.message === null || run.message === '' ? '' : `, ${run.message}`}`;
    return {
      ...base(run.openedAt, run.operator, run.seq),
      endAt: run.closedAt,
      text: `Playbook ${run.playbook}: ${run.title}: ${end}`,
      outcome: run.result,
      hosts: run.hosts,
      significant: true,
    };
  });
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
        const text = `${question}${question.endsWith('?') ? '' : ':'} ${answerWords(under(event, 'answer'))}`;
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
        const well = outcome === 'ok' || outcome === 'already';
        return [{ ...item, text: `step ${key}: ${outcome ?? '?'}, ${textAt(event, 'summary') ?? ''}`, outcome, significant: !well }];
      }
      default:
        return [];
    }
  });
  return [...whole, ...parts];
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
