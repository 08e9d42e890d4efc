import { parseDuration } from '../../config/schema/values.ts';
import type { Library, PlaybookFile } from '../library.ts';
import { readInputs } from '../inputs.ts';
import type { Verb } from '../playbook.ts';
import { readRunEvent } from '../run/events.ts';
import type { Run } from '../run/run.ts';
import type { RunView } from '../run/run-view.ts';
import { Runs } from '../runs.ts';
import { SimulatedHands } from './simulated-hands.ts';
import { SimulatedPerson } from './simulated-person.ts';
import type { SimulatedTest, SimulationFile } from './simulation-file.ts';
import { hasOwnId, means, toldKey } from './step-key.ts';
import { writtenList } from './written-list.ts';

/** What came of one recorded test. */
export interface SimulatedEnd {
  readonly playbook: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly ok: boolean;
  /** What is wrong with the test itself: a step that it does not answer, an input that does not fit. */
  readonly faults: readonly string[];
  /** What was expected and is not so. */
  readonly differences: readonly Difference[];
  readonly seen: Seen;
}

export interface Difference {
  readonly what: 'result' | 'path' | 'told' | 'sent' | 'undone' | 'debts';
  readonly expected: string;
  readonly seen: string;
}

/** What a simulated run did. Steps by their key. */
export interface Seen {
  /** How it ended; `null` when it was given up. */
  readonly result: string | null;
  readonly message: string;
  readonly path: readonly string[];
  readonly told: readonly string[];
  readonly sent: readonly string[];
  readonly undone: readonly string[];
  readonly debts: readonly string[];
}

const structure: ReadonlySet<Verb> = new Set(['section', 'branch', 'choose', 'each', 'play']);

/** Walks a playbook as one test says, in no time, and compares what came of it. Touches nothing outside. */
export async function simulate(
  test: SimulatedTest,
  simulation: SimulationFile,
  file: PlaybookFile,
  library: Library,
): Promise<SimulatedEnd> {
  const faults: string[] = [];
  let run: Run | null = null;
  const fault = (words: string): void => {
    faults.push(words);
    run?.leave();
  };
  const limitMs = parseDuration(file.playbook.limits.timeout ?? '') ?? Infinity;
  const hands = new SimulatedHands({
    world: test.world,
    hosts: simulation.hosts,
    fault,
    passed: (now) => {
      if (now - beganAt > limitMs) run?.abort('the run took longer than its limit');
    },
  });
  const beganAt = hands.now();
  const ended = (seen: Seen, differences: readonly Difference[]): SimulatedEnd => ({
    playbook: simulation.playbook,
    name: test.name,
    file: simulation.file,
    line: test.at.line,
    ok: faults.length === 0 && differences.length === 0,
    faults,
    differences: faults.length === 0 ? differences : [],
    seen,
  });
  const read = readInputs(file.playbook.inputs, test.inputs, (from) => hands.hostsFrom(from));
  if (!read.ok) {
    for (const [name, why] of Object.entries(read.wrong)) fault(`inputs: ${name} ${why}`);
    return ended(nothingSeen, []);
  }
  const journal = writtenList(hands.now);
  const person = new SimulatedPerson({
    answers: test.answers,
    hostsFrom: (from) => hands.hostsFrom(from),
    undoing: (key) => run !== null && run.memory.undoing !== null && run.memory.undos().some((undo) => undo.key === key),
    fault,
  });
  const started = new Runs(journal).start({
    file,
    library,
    inputs: read.values,
    reason: null,
    env: 'simulation',
    hands,
    person,
    reached: (key) => {
      if (test.abortBefore !== null && means(test.abortBefore, key)) run?.abort('called off, as the test says');
    },
  });
  run = started;
  const path: string[] = [];
  started.subscribe(() => addDone(started.view(), path));
  const view = await started.done;
  const events = journal.entries.flatMap((entry) => readRunEvent(entry)?.event ?? []);
  const seen: Seen = {
    result: view.phase.phase === 'closed' ? view.phase.result : null,
    message: view.phase.phase === 'closed' ? view.phase.message : '',
    path,
    told: events.flatMap((event) => (event.event === 'tell' ? [`${event.to === null ? '' : `${event.to}: `}${event.text}`] : [])),
    sent: hands.sent,
    undone: events.flatMap((event) =>
      event.event === 'undo-outcome' && (event.outcome === 'ok' || event.outcome === 'already') ? [event.key] : [],
    ),
    debts: started.memory.debts().map(({ key }) => key),
  };
  return ended(seen, compared(test, seen));
}

const nothingSeen: Seen = { result: null, message: '', path: [], told: [], sent: [], undone: [], debts: [] };

/** Adds the steps that have ended since: those with an id that do something, once each. */
function addDone(view: RunView, path: string[]): void {
  for (const step of view.steps) {
    if (step.endedAt === null || step.state === 'skipped' || structure.has(step.verb)) continue;
    if (hasOwnId(step.address) && !path.includes(step.address)) path.push(step.address);
  }
}

function compared({ expect }: SimulatedTest, seen: Seen): readonly Difference[] {
  const differences: Difference[] = [];
  const add = (what: Difference['what'], expected: readonly string[], found: readonly string[]): void => {
    differences.push({ what, expected: expected.join(' · ') || 'nothing', seen: found.join(' · ') || 'nothing' });
  };
  if (seen.result !== expect.result) add('result', [expect.result], [`${seen.result ?? 'none'}: ${seen.message}`]);
  if (expect.path !== undefined && !same(expect.path, seen.path)) add('path', expect.path, seen.path.map(toldKey));
  for (const what of ['told', 'sent'] as const) if (!inOrder(expect[what] ?? [], seen[what])) add(what, expect[what] ?? [], seen[what]);
  const undone = expect.undone ?? [];
  if (!same(undone, seen.undone)) add('undone', undone, seen.undone.map(toldKey));
  const debts = expect.debts ?? [];
  if (debts.length !== seen.debts.length || !debts.every((word) => seen.debts.some((key) => means(word, key))))
    add('debts', debts, seen.debts.map(toldKey));
  return differences;
}

function same(words: readonly string[], keys: readonly string[]): boolean {
  return words.length === keys.length && words.every((word, index) => means(word, keys[index] ?? ''));
}

/** Whether each text stands in one of the lines, each in a later one than the text before it. */
function inOrder(texts: readonly string[], lines: readonly string[]): boolean {
  let from = 0;
  for (const text of texts) {
    const at = lines.findIndex((line, index) => index >= from && line.includes(text));
    if (at === -1) return false;
    from = at + 1;
  }
  return true;
}
