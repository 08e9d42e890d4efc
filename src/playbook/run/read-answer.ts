import * as z from 'zod';
import type { JsonValue } from '../../journal/entry.ts';
import { Stop } from './control.ts';
import type { Answer } from './question.ts';

const answerSchema: z.ZodType<Answer> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('go') }),
  z.object({ kind: z.literal('skip'), reason: z.string() }),
  z.object({ kind: z.literal('retry') }),
  z.object({ kind: z.literal('break'), reason: z.string() }),
  z.object({ kind: z.literal('undo') }),
  z.object({ kind: z.literal('stop') }),
  z.object({ kind: z.literal('done') }),
  z.object({ kind: z.literal('could-not'), reason: z.string() }),
  z.object({ kind: z.literal('values'), values: z.record(z.string(), z.unknown()) }),
  z.object({ kind: z.literal('option'), name: z.string() }),
  z.object({ kind: z.literal('approve'), who: z.string() }),
  z.object({ kind: z.literal('reject'), reason: z.string() }),
  z.object({ kind: z.literal('again') }),
  z.object({ kind: z.literal('happened'), outcome: z.enum(['ok', 'failed', 'unknown']), reason: z.string() }),
]);

/** An answer as the journal holds it. */
export function readAnswer(value: JsonValue): Answer {
  const read = answerSchema.safeParse(value);
  if (!read.success) throw new Stop('failed', 'the journal holds an answer that this version cannot read');
  return read.data;
}
