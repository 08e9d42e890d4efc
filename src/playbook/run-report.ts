import { didWords } from '../actions/did-words.ts';
import { readPlan } from '../actions/read-back.ts';
import type { Journal } from '../journal/entry.ts';
import { incidentOn } from '../journal/incident/incident-on.ts';
import { endDue, endLine, type ReportedRun, startDue, startLine } from '../notify/report-line.ts';
import { planPlaybook } from './dry/plan.ts';
import { parsePlaybook } from './parse-playbook.ts';
import type { Outcome, Playbook } from './playbook.ts';
import { readRunEvent, type RunEntry, type RunEvent } from './run/events.ts';
import { neverBegan } from './run/left-open.ts';
import type { RunHandle, RunView } from './run/run-view.ts';
import { stepsWithin } from './runs.ts';

export interface RunReportParts {
  readonly run: Pick<RunHandle, 'view' | 'done'>;
  readonly playbook: Playbook;
  readonly journal: Pick<Journal, 'ofAction' | 'ofKinds'>;
  readonly fleet: string;
  /** `user@machine` of this console. */
  readonly who: string;
  /** Epoch ms. */
  readonly now: () => number;
  /** Takes a line for these people (`report.to` of the playbook; `null`: all); must not wait or throw. */
  readonly report: (line: string, to: string | null) => void;
  /** Aborted when the console closes: a run whose step does not end by then is told as left. */
  readonly closing: AbortSignal;
  /** Whether it was given up, by a console that did not walk it: only its end is told. */
  readonly givenUp?: boolean;
}

const usualLimitMs = 4 * 3_600_000;

/**
 * Tells the ops log of a run: a line when it begins or is taken up, one when it ends, is left or taken back, as its playbook asks and as is
 * due. A dry run tells nobody, one that changed nothing only where its playbook asks. What was done is read from the journal, so that a run
 * of several consoles is told as a whole. Resolves when all is told; never rejects.
 */
export async function reportRun(parts: RunReportParts): Promise<void> {
  const { run, playbook, report } = parts;
  try {
    if (run.view().level !== 'run') return;
    const to = playbook.report === null || playbook.report.to === 'ops-log' ? null : playbook.report.to;
    const begun = entriesOf(parts);
    const asked = playbook.report?.at ?? [];
    const others = playedBy(playbook, begun);
    const risk = riskOf([playbook, ...others.values()]);
    const facts = { dry: false, risk, changed: false, debts: 0, mayTakeMs: mayTakeMs(playbook, others, opened(begun)?.inputs ?? {}) };
    const startsLine = asked.includes('start') || (asked.includes('danger') && risk === 'danger') || startDue(facts);
    const started = startsLine && parts.givenUp !== true;
    if (started) report(startLine({ ...aboutOf(parts, begun, run.view()), did: [], reason: takenUpWords(begun) }), to);
    const view = await Promise.race([run.done, whenAborted(parts.closing).then(() => run.view())]);
    const entries = entriesOf(parts);
    const did = didIn(entries, parts.journal);
    const due = endDue({
      ...facts,
      risk: did.length > 0 && risk === 'safe' ? 'change' : risk,
      changed: did.length > 0,
      debts: view.debts.length,
    });
    if (!started && !asked.includes('end') && !due) return;
    const about = { ...aboutOf(parts, entries, view), did, debts: view.debts.map((debt) => debt.what) };
    report(endLine(about, view.phase.phase === 'closed' ? view.phase.result : 'left', Math.max(0, parts.now() - view.startedAt)), to);
  } catch {
    // A journal that cannot be read is told by the console itself.
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function entriesOf({ run, journal }: RunReportParts): readonly RunEntry[] {
  return journal.ofAction(run.view().id).flatMap((entry) => readRunEvent(entry) ?? []);
}

function aboutOf({ playbook, journal, fleet, who, now }: RunReportParts, entries: readonly RunEntry[], view: RunView): ReportedRun {
  const hosts = playbook.inputs.flatMap(({ name, type }) =>
    type === 'host' || type === 'hosts' ? (view.inputs[name] ?? '').split(/[\s,]+/).filter((host) => host !== '') : [],
  );
  return {
    at: now(),
    who,
    name: playbook.id,
    target: [...new Set(hosts)].join(' '),
    did: [],
    reason: opened(entries)?.reason ?? null,
    incident: incidentOn(journal, fleet, hosts),
    debts: [],
  };
}

function opened(entries: readonly RunEntry[]): Extract<RunEvent, { event: 'open' }> | null {
  const event = entries.find((entry) => entry.event.event === 'open')?.event;
  return event?.event === 'open' ? event : null;
}

/** Why it runs; of one that is taken up, whose it was. */
function takenUpWords(entries: readonly RunEntry[]): string | null {
  const last = entries.findLast(({ event }) => event.event === 'handover')?.event;
  const reason = opened(entries)?.reason ?? null;
  if (last?.event !== 'handover') return reason;
  return `taken up from ${last.from}${reason === null ? '' : `: ${reason}`}`;
}

/** The playbooks that it may play, as they were when it began. */
function playedBy(playbook: Playbook, entries: readonly RunEntry[]): ReadonlyMap<string, Playbook> {
  const sources = Object.entries(opened(entries)?.sources ?? {}).filter(([id]) => id !== playbook.id);
  return new Map(
    sources.flatMap(([id, text]) => {
      const parsed = parsePlaybook(text, id);
      return parsed.ok ? [[id, parsed.playbook] as const] : [];
    }),
  );
}

/** The longest time by its plan, where every step has one that is known; never more than the run's own limit. */
function mayTakeMs(playbook: Playbook, others: ReadonlyMap<string, Playbook>, inputs: Readonly<Record<string, unknown>>): number {
  const { longest, limitMs } = planPlaybook(playbook, others, inputs);
  const limit = limitMs ?? usualLimitMs;
  return longest.without.length > 0 ? limit : Math.min(longest.ms, limit);
}

/** The greatest risk that a step of these says of itself. */
function riskOf(pages: readonly Playbook[]): 'safe' | 'change' | 'danger' {
  const risks = pages.flatMap((page) => [...page.steps, ...page.finally].flatMap(stepsWithin)).map((step) => step.risk);
  return risks.includes('danger') ? 'danger' : risks.includes('change') ? 'change' : 'safe';
}

/** How the end of a step is told; `null` where nothing was changed. */
const endings: Readonly<Record<Outcome, string | null>> = {
  ok: '',
  failed: ' (failed)',
  timeout: ' (timed out)',
  unknown: ' (unknown)',
  already: null,
  unreachable: null,
  skipped: null,
  cancelled: ' (called off half-way)',
};

/** What really changed something, in order: `depool from web`, `restart`, `undo depool from web`. */
function didIn(entries: readonly RunEntry[], journal: Pick<Journal, 'ofAction'>): readonly string[] {
  const words = new Map<string, { readonly words: string; readonly host: string | null }>();
  const open = new Map<string, string>();
  const did: { readonly words: string; readonly end: string; readonly host: string | null }[] = [];
  for (const { event } of entries) {
    if (event.event === 'intent') {
      const plan = readPlan(journal.ofAction(event.actionId).find((entry) => entry.kind === 'intent')?.detail['plan']);
      if (plan?.risk === 'safe') continue;
      words.set(event.key, {
        words: plan === null || plan.request.action === 'command' ? commandWords(event) : didWords(plan.request),
        host: event.host,
      });
      open.set(event.key, ' (unknown)');
    } else if (event.event === 'outcome' && open.delete(event.key)) {
      const sent = !event.evidence.includes('nothing was sent') && event.summary !== neverBegan;
      const end = sent ? endings[event.outcome] : null;
      const known = words.get(event.key);
      if (end !== null && known !== undefined) did.push({ ...known, end });
    } else if (event.event === 'undo-outcome') {
      const known = words.get(event.key) ?? { words: event.key, host: null };
      const end = endings[event.outcome];
      if (end !== null) did.push({ words: `undo ${known.words}`, end, host: known.host });
    }
  }
  for (const [key, end] of open) did.push({ words: words.get(key)?.words ?? key, end, host: words.get(key)?.host ?? null });
  return perWords(did);
}

/** A run on several hosts says each thing once, with the hosts that it was done on. */
function perWords(did: readonly { readonly words: string; readonly end: string; readonly host: string | null }[]): readonly string[] {
  const several = new Set(did.flatMap(({ host }) => host ?? [])).size > 1;
  const groups = Map.groupBy(did, ({ words, end }) => `${words}${end}`);
  return [...groups].map(([words, each]) => {
    const hosts = [...new Set(each.flatMap(({ host }) => host ?? []))];
    if (several && hosts.length > 0) return `${words} on ${hosts.join(' ')}`;
    return each.length === 1 ? words : `${words} (${each.length} times)`;
  });
}

/** A step's own name; of one that has none, its command as it was kept, secrets masked. */
function commandWords({ key, commands }: Extract<RunEvent, { event: 'intent' }>): string {
  const name = key.split(/[./>]/).at(-1) ?? '';
  return /^[a-z]/.test(name) ? name : (commands[0] ?? key).slice(0, 80);
}
