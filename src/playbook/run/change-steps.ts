import { takesSecret } from '../../actions/secret-words.ts';
import type { JsonValue } from '../../journal/entry.ts';
import type { Command, Step } from '../playbook.ts';
import { askedProbe, refused } from './ask-probe.ts';
import type { FrozenUndo } from './events.ts';
import { Stop, UndoAsked } from './control.ts';
import { filledIn, type Frame, scopeOf } from './frame.ts';
import type { AskedChange, Prepared, Sent } from './hands.ts';
import { durationMs, hostOf, isWell, leaf, openHost, type Tried } from './leaf.ts';
import { mayHaveHappened, neverBegan, whatBecameOf } from './left-open.ts';
import { frozenUndo, jsonOf, owedBy, payDebt, pushUndo, putsBack, refuseSecrets } from './owing.ts';
import type { SentCommand } from './question.ts';
import type { Run } from './run.ts';
import { signatures } from './signing.ts';
import { dropUnmade, unseenEnd } from './unseen.ts';
import { type Scope, unknown } from '../expression.ts';
import { fill, fillCommand } from '../template.ts';

/** How long a change waits for its second person, ms. */
const signingMs = 1_800_000;

type ChangeStep = Extract<Step, { verb: 'run' | 'do' }>;

/** A change: prepared and shown, sent through the one executor, its undo and debt written as soon as it may have happened. */
export async function changeStep(run: Run, frame: Frame, step: ChangeStep): Promise<void> {
  const key = frame.prefix + step.address;
  await leaf(run, frame, step, async (tries) => {
    const interrupted = run.memory.interrupted(key);
    const taken = interrupted === null ? null : await takeUp(run, frame, step, key, interrupted);
    if (taken !== null) return taken;
    run.fresh();
    if (await isThereAlready(run, frame, step))
      return { outcome: 'already', summary: 'it is so already', evidence: [], facts: facts(0, '') };
    try {
      return await attempt(run, frame, step, key, tries);
    } catch (error) {
      if (error instanceof Skipped) return { outcome: 'skipped', summary: error.message, evidence: [], facts: null };
      throw error;
    }
  });
  const outcome = run.memory.outcomes.get(key)?.outcome;
  if (outcome !== undefined && isWell(outcome) && outcome !== 'skipped') payDebt(run, frame, step, key);
}

async function attempt(run: Run, frame: Frame, step: ChangeStep, key: string, tries: number): Promise<Tried> {
  const open = run.level === 'check' ? openIn(frame, step) : null;
  if (open !== null) {
    run.progress.unmade.add('anything');
    return { outcome: 'either', summary: `${open} is not known before the run`, evidence: [], facts: null };
  }
  const asked = askedChange(run, frame, step, key);
  run.progress.title(key, run.mask(asked.kind === 'command' ? asked.command : actionWords(asked.action, asked.with)));
  const breakFor = run.breaking.get(key);
  run.breaking.delete(key);
  const prepared = await run.parts.hands.prepare(asked, { ...run.place(frame), ...(breakFor === undefined ? {} : { breakFor }) });
  run.check();
  if (prepared.kind === 'already') return { outcome: 'already', summary: prepared.why, evidence: [], facts: facts(0, '') };
  if (prepared.kind === 'unreachable')
    return { outcome: 'unreachable', summary: prepared.why, evidence: [], facts: facts(-1, prepared.why) };
  if (prepared.kind === 'refused') return { outcome: 'failed', summary: prepared.why, evidence: [], facts: facts(-1, prepared.why) };
  if (prepared.kind === 'dry') {
    if (prepared.outcome === null) run.progress.unmade.add(asked);
    return dry(run, frame, step, key, prepared);
  }
  run.progress.title(key, run.mask(prepared.commands.join('; ') || prepared.title));
  const inverse = prepared.hasInverse && !putsBack(run, frame, step);
  const undo = frozenUndo(frame, step, prepared.actionId, inverse, (value) => run.variableOf(value));
  await askToGo(run, step, key, prepared, undo);
  const unsigned = await unsignedYet(run, step, key, prepared);
  if (unsigned !== null) return unsigned;
  // Called off in the moment between the answer and here.
  run.check();
  const commands = prepared.commands.map((command) => run.mask(command));
  const { host, hostId, actionId } = prepared;
  run.event({ event: 'intent', key, host, hostId, commands, attempt: tries + 1, actionId, undo, owes: owedBy(run, frame, step) });
  run.acting(prepared.actionId);
  const sent = await prepared.send((text) => run.progress.live(key, run.mask(text)));
  run.acting(null);
  if (mayHaveHappened(sent)) pushUndo(run, frame, step, key, prepared.title, undo, prepared.hostId);
  return (await unsure(run, key, prepared.title, prepared.actionId, sent)) ?? { ...sent, outcome: 'failed', summary: neverBegan };
}

/** Skipped by a person with a reason, or called off: nothing was sent. */
class Skipped extends Error {}

async function askToGo(
  run: Run,
  step: ChangeStep,
  key: string,
  prepared: Extract<Prepared, { kind: 'ready' }>,
  undo: FrozenUndo | null,
): Promise<void> {
  const danger = step.risk === 'danger' || prepared.risk === 'danger';
  const question = {
    kind: 'go',
    address: key,
    title: prepared.title,
    why: step.why,
    commands: prepared.commands.map((command) => run.mask(command)),
    ...inFull(run, prepared),
    host: prepared.host,
    risk: danger ? 'danger' : step.risk,
    undo: undoWords(undo, prepared, (text) => run.mask(text)),
    warnings: prepared.warnings,
    word: danger ? prepared.host : null,
  } as const;
  const answer = await run.ask(key, question, { remember: false });
  if (answer.kind === 'go') return;
  if (answer.kind === 'skip') throw new Skipped(answer.reason);
  if (answer.kind === 'undo') throw new UndoAsked(`stopped before ${prepared.title}`, run.parts.person.attended ? 'person' : 'beforehand');
  throw new Stop('failed', `stopped before ${prepared.title}`, run.parts.person.attended);
}

/** The commands as they run and where, for whoever must say yes to them. */
export function inFull(run: Run, { sends }: Extract<Prepared, { kind: 'ready' }>): { readonly sends?: readonly SentCommand[] } {
  return sends === undefined ? {} : { sends: sends.map(({ hostName, command }) => ({ hostName, command: run.mask(command) })) };
}

/** How the page itself takes the step back comes before what the change says of itself. */
function undoWords(undo: FrozenUndo | null, prepared: Extract<Prepared, { kind: 'ready' }>, mask: (text: string) => string): string {
  if (undo?.kind === 'run') return `on ${undo.host}: ${mask(undo.command)}`;
  if (undo?.kind === 'do') return mask(actionWords(undo.action, undo.with));
  return undo?.kind === 'manual' ? `by hand: ${mask(undo.text)}` : prepared.undo;
}

function actionWords(action: string, given: Readonly<Record<string, JsonValue>>): string {
  return [action, ...Object.values(given).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))].join(' ');
}

/** A change that needs a second person waits for it here; the executor looks once more. */
async function unsignedYet(run: Run, step: ChangeStep, key: string, prepared: Extract<Prepared, { kind: 'ready' }>): Promise<Tried | null> {
  if (prepared.signing === undefined) return null;
  const { why, request } = prepared.signing;
  const text = `${prepared.title}: ${why}`;
  const signed = await signatures(run, request, { key, text, by: null, count: 1, limitMs: signingMs, remember: false });
  if (signed.kind === 'signed') return null;
  if (signed.kind === 'stop') throw new Stop('failed', `stopped before ${prepared.title}`, run.parts.person.attended);
  return {
    outcome: signed.kind === 'late' ? 'timeout' : 'failed',
    summary: `${step.address}: ${signed.why}; nothing was sent`,
    evidence: [],
    facts: facts(-1, signed.why),
  };
}

async function dry(run: Run, frame: Frame, step: ChangeStep, key: string, prepared: Extract<Prepared, { kind: 'dry' }>): Promise<Tried> {
  run.progress.title(key, run.mask(prepared.commands.join('; ') || prepared.title));
  if (prepared.outcome === null) return { outcome: 'either', summary: prepared.title, evidence: prepared.notes ?? [], facts: null };
  if (prepared.outcome === 'ok')
    pushUndo(
      run,
      frame,
      step,
      key,
      prepared.title,
      frozenUndo(frame, step, `simulated-${key}`, !putsBack(run, frame, step), (value) => run.variableOf(value)),
      null,
    );
  return {
    outcome: prepared.outcome,
    summary: prepared.title,
    evidence: [],
    facts: prepared.facts ?? facts(prepared.outcome === 'ok' ? 0 : 1, ''),
  };
}

/** What became of a change whose console ended: adopted where its host can tell, asked for where it cannot, begun anew where it never was. */
async function takeUp(
  run: Run,
  frame: Frame,
  step: ChangeStep,
  key: string,
  intent: NonNullable<ReturnType<Run['memory']['interrupted']>>,
): Promise<Tried | null> {
  run.progress.live(key, 'asking what became of it');
  const sent = await whatBecameOf(run, intent);
  if (sent === null) return null;
  const title = intent.commands.join('; ');
  if (mayHaveHappened(sent)) pushUndo(run, frame, step, key, title, intent.undo, intent.hostId);
  const ended = await unsure(run, key, title, intent.actionId, sent);
  if (ended === null) return null;
  // What a command with secrets said was not kept, and nothing is read out of silence.
  return intent.commands.some(takesSecret) ? { ...ended, facts: null } : ended;
}

/** An end that nobody saw is its host's or a person's to tell; it is never run again by itself. `null` when it never began. */
async function unsure(run: Run, key: string, title: string, actionId: string, sent: Sent): Promise<Sent | null> {
  if (sent.outcome !== 'unknown' || sent.saidByPerson === true || run.isCalledOff()) return sent;
  const became = await unseenEnd(run, { key, title, actionId }, sent, (question, ended) =>
    run.asking.askUntil(`${key}?${actionId}`, question, { remember: true }, ended),
  );
  dropUnmade(run, key, became);
  return became;
}

async function isThereAlready(run: Run, frame: Frame, step: ChangeStep): Promise<boolean> {
  if (step.skipIf === null) return false;
  const asked = askedProbe(step.skipIf, hostOf(frame, step), scopeOf(frame), (value) => run.variableOf(value));
  if ('open' in asked) return false;
  const found = await run.parts.hands.probe(asked, `${frame.prefix}${step.address}.skip_if`, 20_000, run.signal);
  return found.kind === 'facts' && found.holds;
}

function askedChange(run: Run, frame: Frame, step: ChangeStep, key: string): AskedChange {
  const scope = scopeOf(frame);
  const variableOf = (value: string): string | null => run.variableOf(value);
  if (step.verb === 'do') {
    const given = filledIn(step.action.with, scope);
    refuseSecrets(step, step.action.action, given, variableOf);
    if (run.level !== 'check' && holdsUnknown(given))
      throw new Stop('failed', `${step.address}: a value of ${step.action.action} is not known, and none is ever guessed`);
    return { kind: 'action', key, action: step.action.action, with: jsonOf(given) };
  }
  const { text, open } = fillCommand(step.command, scope, variableOf);
  if (open.length > 0 && run.level !== 'check')
    throw new Stop('failed', `${step.address}: ${open.join(', ')} is not known, and a command is never guessed`);
  return {
    kind: 'command',
    key,
    title: `${run.parts.playbook.id}: ${step.id ?? step.address}`,
    host: fill(step.host, scope).text,
    command: text,
    timeoutMs: durationMs(fill(step.timeout, scope).text),
    risk: step.risk,
    preview: previewOf(step.preview, scope, variableOf),
    undo: step.undo?.kind === 'none' ? `cannot be undone${step.why === null ? '' : `: ${step.why}`}` : null,
  };
}

/** A preview is a look: its words stand in argv, where no secret may. */
function previewOf(preview: Command | null, scope: Scope, variableOf: (value: string) => string | null): string | null {
  if (preview === null) return null;
  const { text, open } = fillCommand(preview, scope, (value) => refused(variableOf(value)));
  return open.length === 0 ? text : null;
}

/** What a change needs and a dry run does not know; `null` when all is known. */
function openIn(frame: Frame, step: ChangeStep): string | null {
  const scope = scopeOf(frame);
  if (step.verb === 'do') return holdsUnknown(filledIn(step.action.with, scope)) ? `a value of ${step.action.action}` : null;
  return openHost(frame, step) ?? fillCommand(step.command, scope).open[0] ?? fill(step.timeout, scope).open[0] ?? null;
}

function holdsUnknown(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(holdsUnknown);
  return value === unknown;
}

function facts(exit: number, err: string): Record<string, JsonValue> {
  return { out: '', err, exit, failed: exit !== 0 };
}
