import * as z from 'zod';
import type { Entry, JsonValue } from '../../journal/entry.ts';

/*
 * What a run leaves in the journal, in order: enough to show it, and to go on with it after its console has ended. Entries have the kind
 * `run`, the run's id as their action, and the event's name as their outcome. A step is named by its key: its address, behind the loop
 * items and playbooks it stands in.
 */

const outcome = z.enum(['ok', 'already', 'failed', 'unreachable', 'timeout', 'unknown', 'skipped', 'cancelled']);
const result = z.enum(['ok', 'failed', 'escalated', 'aborted', 'undone', 'undo_failed']);
const json: z.ZodType<JsonValue> = z.json();
const values = z.record(z.string(), json);

/** How a step is taken back, its values frozen when it ran. */
const frozenUndo = z.discriminatedUnion('kind', [
  /** By the inverse of the change, which its journal entry holds. */
  z.object({ kind: z.literal('auto'), actionId: z.string() }),
  z.object({ kind: z.literal('do'), action: z.string(), with: values }),
  z.object({ kind: z.literal('run'), host: z.string(), command: z.string(), timeoutMs: z.number() }),
  z.object({ kind: z.literal('manual'), text: z.string() }),
]);
export type FrozenUndo = z.output<typeof frozenUndo>;

const eventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('open'),
    playbook: z.string(),
    title: z.string(),
    /** Texts of the playbook and of all it may play, by id; the run goes on with these whatever becomes of the files. */
    sources: z.record(z.string(), z.string()),
    sha256: z.string(),
    file: z.string(),
    inputs: values,
    /** Secret inputs that were given, by name: whoever takes the run up is asked for them again. */
    secrets: z.array(z.string()).default([]),
    level: z.enum(['check', 'simulate', 'run']),
    operator: z.string(),
    reason: z.string().nullable(),
    console: json,
  }),
  z.object({
    event: z.literal('locks'),
    locks: z.array(z.object({ hostId: z.string(), hostName: z.string(), lock: z.string(), needed: z.boolean() })),
    tokens: z.record(z.string(), z.string()),
  }),
  /** A playbook played inside was come to: its limit counts from here, whichever console has it. */
  z.object({ event: z.literal('play'), key: z.string(), playbook: z.string() }),
  /** Before a change is sent. `actionId` leads to the executor's own entries. */
  z.object({
    event: z.literal('intent'),
    key: z.string(),
    host: z.string().nullable(),
    /** Earlier versions did not keep it. */
    hostId: z.string().nullable().default(null),
    commands: z.array(z.string()),
    attempt: z.number(),
    actionId: z.string(),
    undo: frozenUndo.nullable(),
    /** What the change leaves that must not outlast the run; earlier versions did not keep it. */
    owes: z.object({ leave: z.string().nullable() }).nullable().default(null),
  }),
  z.object({
    event: z.literal('outcome'),
    key: z.string(),
    outcome,
    summary: z.string(),
    evidence: z.array(z.string()),
    /** Facts under the step's `save` name. */
    saved: json,
    startedAt: z.number(),
    endedAt: z.number(),
  }),
  z.object({ event: z.literal('answer'), key: z.string(), question: z.string(), text: z.string(), answer: json, seconds: z.number() }),
  z.object({ event: z.literal('undo-push'), key: z.string(), title: z.string(), undo: frozenUndo }),
  /** From here on nothing further is done, and a console that takes the run up goes on taking it back. */
  z.object({
    event: z.literal('undoing'),
    why: z.string(),
    /** What the run ends as where a person leaves what was done. */
    result: result.default('aborted'),
    /** Who wants it taken back; the file's word, and a person's given beforehand, need nobody to be there. */
    by: z.enum(['person', 'beforehand', 'file']).default('person'),
  }),
  /** The walk and the taking back are over: only the last steps are left. */
  z.object({ event: z.literal('ending'), result, message: z.string() }),
  /** The run was called off: nothing further is begun, by whichever console. */
  z.object({ event: z.literal('abort'), reason: z.string() }),
  /** These steps are tried again, whatever became of them: the failed items of a loop. */
  z.object({ event: z.literal('again'), keys: z.array(z.string()) }),
  z.object({ event: z.literal('undo-start'), key: z.string(), actionId: z.string().nullable() }),
  z.object({ event: z.literal('undo-outcome'), key: z.string(), outcome, summary: z.string() }),
  z.object({
    event: z.literal('debt-open'),
    key: z.string(),
    what: z.string(),
    hostId: z.string().nullable(),
    leave: z.string().nullable(),
  }),
  z.object({ event: z.literal('debt-settled'), key: z.string(), by: z.string() }),
  z.object({ event: z.literal('no-return'), key: z.string(), text: z.string() }),
  z.object({ event: z.literal('tell'), key: z.string(), text: z.string(), to: z.string().nullable() }),
  z.object({ event: z.literal('pause') }),
  z.object({ event: z.literal('resume') }),
  z.object({ event: z.literal('handover'), from: z.string(), console: json }),
  z.object({ event: z.literal('note'), text: z.string() }),
  z.object({ event: z.literal('close'), result, message: z.string() }),
]);

export type RunEvent = z.output<typeof eventSchema>;
export type RunResult = z.output<typeof result>;

/** An event with who wrote it when. */
export interface RunEntry {
  readonly event: RunEvent;
  readonly who: string;
  /** Epoch ms. */
  readonly at: number;
}

/** The event of a journal entry; `null` when it is none of a run. */
export function readRunEvent(entry: Entry): RunEntry | null {
  if (entry.kind !== 'run') return null;
  const read = eventSchema.safeParse(entry.detail['event']);
  return read.success ? { event: read.data, who: entry.who, at: Date.parse(entry.at) } : null;
}

/** An event as a journal entry's detail: plain JSON by construction, made so for the type checker too. */
export function eventDetail(event: RunEvent): Readonly<Record<string, JsonValue>> {
  const plain: JsonValue = JSON.parse(JSON.stringify(event));
  return { event: plain };
}
