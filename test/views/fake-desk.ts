import { readFileSync } from 'node:fs';
import type { AskedNow, Nudge } from '../../src/playbook/desk-run.ts';
import { asMarkdown } from '../../src/playbook/as-markdown.ts';
import { planPlaybook } from '../../src/playbook/dry/plan.ts';
import type { Library, PlaybookFile } from '../../src/playbook/library.ts';
import { parsePlaybook } from '../../src/playbook/parse-playbook.ts';
import { eventDetail, readRunEvent, type RunEvent } from '../../src/playbook/run/events.ts';
import { Memory } from '../../src/playbook/run/memory.ts';
import type { Answer, Question } from '../../src/playbook/run/question.ts';
import type { RunStepView, RunView } from '../../src/playbook/run/run-view.ts';
import type { KeptRun } from '../../src/playbook/runs.ts';
import { suggest } from '../../src/playbook/suggest.ts';
import type { PlaybookRun, PlaybooksOnScreen, RunsOnScreen } from '../../views/console.ts';
import { start } from './fixture.ts';

/** The example playbook, as the library holds it. */
export function examplePlaybook(): PlaybookFile {
  const text = readFileSync(new URL('../playbook/fixtures/web-node-pencils-down.yaml', import.meta.url), 'utf8');
  const parsed = parsePlaybook(text, 'web-node-pencils-down.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => problem.message).join('\n'));
  return { playbook: parsed.playbook, text, file: 'playbooks/demo/web-node-pencils-down.yaml' };
}

export function step(address: string, more: Partial<RunStepView> = {}): RunStepView {
  const base = { verb: 'check', title: `check ${address}`, depth: 0, host: null, why: null, state: 'open', note: null } as const;
  return { address, ...base, startedAt: null, endedAt: null, evidence: [], live: null, wait: null, ...more };
}

export function runView(more: Partial<RunView> = {}): RunView {
  return {
    id: 'run-1',
    playbook: 'web-node-pencils-down',
    title: 'Web node unhealthy: pencils down',
    level: 'run',
    operator: 'kim@desk',
    startedAt: start - 60_000,
    phase: { phase: 'running' },
    inputs: { node: 'web2', reason: '8816 closed' },
    steps: [step('look', { state: 'ok' }), step('depool', { verb: 'do', title: 'depool web2', state: 'running' }), step('after')],
    current: 'depool',
    question: null,
    debts: [],
    lockedBy: null,
    locked: [],
    ...more,
  };
}

/** A run that a test moves by hand. */
export class FakeRun implements PlaybookRun {
  readonly env = 'prod';
  readonly answers: Answer[] = [];
  readonly calls: string[] = [];
  endedAt: number | null = null;
  #view: RunView;
  #asked: AskedNow | null = null;
  #nudged: Nudge | null = null;
  readonly #changed: () => void;

  constructor(view: RunView, changed: () => void) {
    this.#view = view;
    this.#changed = changed;
  }

  get id(): string {
    return this.#view.id;
  }

  /** Changes what it shows. */
  show(more: Partial<RunView>): void {
    this.#view = { ...this.#view, ...more };
    if (this.#view.phase.phase === 'closed') this.endedAt = start;
    this.#changed();
  }

  ask(question: Question | null, since = start): void {
    this.#asked = question === null ? null : { question, since };
    this.show({ question });
  }

  leaveAlone(text: string): void {
    this.#nudged = { text, at: start };
    this.#changed();
  }

  view = (): RunView => this.#view;
  asked = (): AskedNow | null => this.#asked;
  nudged = (): Nudge | null => this.#nudged;
  isOver = (): boolean => this.endedAt !== null;
  answer = (question: Question, answer: Answer): boolean => {
    if (this.#asked?.question !== question) return false;
    this.answers.push(answer);
    this.ask(null);
    return true;
  };
  breakIn = (reason: string): never => {
    this.calls.push(`break ${reason}`);
    throw new Error('a test breaks no lock');
  };
  pause = (): void => void this.calls.push('pause');
  resume = (): void => void this.calls.push('resume');
  note = (text: string): void => void this.calls.push(`note ${text}`);
  abort = (reason: string): void => void this.calls.push(`abort ${reason}`);
}

/** A desk whose runs a test scripts. */
export class FakeDesk implements RunsOnScreen {
  readonly started: { readonly id: string; readonly inputs: Readonly<Record<string, unknown>>; readonly reason: string | null }[] = [];
  readonly resumed: string[] = [];
  readonly givenUp: { readonly id: string; readonly reason: string }[] = [];
  left: readonly KeptRun[] = [];
  runs: readonly FakeRun[] = [];
  readonly #listeners = new Set<() => void>();

  add(more: Partial<RunView> = {}): FakeRun {
    const run = new FakeRun(runView(more), () => this.#tell());
    this.runs = [...this.runs, run];
    this.#tell();
    return run;
  }

  list = (): readonly FakeRun[] => this.runs;
  find = (id: string): FakeRun | null => this.runs.find((run) => run.id === id) ?? null;
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  unfinished = (): readonly KeptRun[] => this.left;
  hostsFrom = (): readonly string[] => ['web1', 'web2', 'web3', 'web4'];
  envOf = (): string => 'prod';
  secretsOf = (): readonly [] => [];
  start: RunsOnScreen['start'] = ({ file, inputs, reason }) => {
    this.started.push({ id: file.playbook.id, inputs, reason });
    return this.add({ id: `run-${this.runs.length + 1}` });
  };
  resume: RunsOnScreen['resume'] = (kept) => {
    this.resumed.push(kept.id);
    this.left = this.left.filter((run) => run.id !== kept.id);
    return this.add({ id: kept.id });
  };

  giveUp: RunsOnScreen['giveUp'] = async (id, reason) => {
    this.givenUp.push({ id, reason });
    this.left = this.left.filter((run) => run.id !== id);
    return { message: `given up: ${reason}`, kept: null };
  };

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

export function playbooksWith(desk: FakeDesk, library: Partial<Library> = {}): PlaybooksOnScreen {
  const whole: Library = { folder: 'playbooks/demo', files: [examplePlaybook()], problems: [], ...library };
  return {
    library: () => whole,
    reload: async () => {},
    suggest: (about) => suggest(whole, { hostsFrom: desk.hostsFrom, ...about }),
    page: asMarkdown,
    plan: (playbook, known) => planPlaybook(playbook, new Map(), known),
    desk,
  };
}

/** A run that somebody's console left, with what its events say. */
export function leftRun(operator: string, owned: boolean, events: readonly RunEvent[] = []): KeptRun {
  const file = examplePlaybook();
  const opened: RunEvent = {
    event: 'open',
    playbook: file.playbook.id,
    title: file.playbook.title,
    sources: { [file.playbook.id]: file.text },
    sha256: '',
    file: file.file,
    inputs: { node: 'web2' },
    secrets: [],
    level: 'run',
    operator,
    reason: null,
    console: {},
  };
  const entries = [opened, ...events].flatMap((event) => {
    const at = new Date(start - 600_000).toISOString();
    const entry = { kind: 'run', actionId: 'run-9', who: operator, env: 'prod', targets: [], command: null, outcome: null } as const;
    return readRunEvent({ ...entry, detail: eventDetail(event), seq: 1, at, prev: '', hash: '' }) ?? [];
  });
  const memory = new Memory(entries);
  return {
    id: 'run-9',
    playbook: file.playbook.id,
    title: file.playbook.title,
    operator,
    startedAt: start - 600_000,
    memory,
    owned,
    pid: 4711,
  };
}
