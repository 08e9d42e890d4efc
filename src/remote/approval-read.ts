import * as z from 'zod';
import { sanitizeLine, sanitizeText } from './sanitize.ts';

/**
 * Reads what the scripts of approval-note.ts printed. Anybody with a login on the host can leave a note, and what JSON brings along no
 * sanitizer of the stream has seen: every text is cleaned here, and what is not whole is left out.
 */
const line = (length: number): z.ZodType<string> => z.string().transform((text) => sanitizeLine(text, length));
const optional = <T>(schema: z.ZodType<T>): z.ZodType<T | null> => schema.nullable().catch(null);
const lines = (count: number, length: number): z.ZodType<readonly string[]> => z.array(line(length)).max(count).catch([]);
const seconds = (fallback: number): z.ZodType<number> => z.number().min(0).max(604_800).catch(fallback);

const requestSchema = z.object({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  who: line(200),
  title: line(400),
  /** A line a command: `web1: systemctl restart nginx`. */
  commands: z.array(z.string().transform((text) => sanitizeText(text.slice(0, 4000)))).max(2000),
  /** Of this asking; a no answers it alone. */
  token: optional(z.string().regex(/^[0-9a-f]{8,64}$/)),
  env: optional(line(60)),
  hosts: lines(2000, 200),
  risk: optional(z.enum(['safe', 'change', 'danger'])),
  /** Why a second person is needed. */
  needs: optional(line(400)),
  /** Why the change is made, in the asker's words. */
  reason: optional(line(1000)),
  warnings: lines(50, 400),
  /** Who else acts there, and the last changes. */
  others: lines(50, 400),
  expected: optional(line(600)),
  undo: optional(line(600)),
  /** The run and its step that wait for it. */
  run: optional(line(200)),
  step: optional(line(200)),
  /** Who should sign, in the playbook's words. */
  by: optional(line(200)),
  count: z.number().int().min(1).max(20).catch(1),
  /** How long it had waited, and would go on waiting, when it was last written, s. */
  waitedS: seconds(0),
  leftS: seconds(600),
  /** What the hash is made of, byte by byte: never shown without being cleaned. `null` when parts of it are masked or too long. */
  content: optional(
    z.union([
      z.strictObject({
        title: z.string(),
        commands: z.array(z.strictObject({ hostId: z.string(), purpose: z.enum(['precheck', 'change']), command: z.string() })),
      }),
      z.strictObject({ run: z.string(), key: z.string(), text: z.string() }),
    ]),
  ),
});

export type ApprovalRequest = Readonly<z.output<typeof requestSchema>>;

/** What a signature binds to: the commands of a plan, or the words of a run's step. */
export type SignedContent = NonNullable<ApprovalRequest['content']>;

/** A request as it lies on a host. */
export interface LeftRequest extends ApprovalRequest {
  /** Numeric owner on the host; `null` when it could not be told. */
  readonly uid: number | null;
  /** Since it was last written, by the host's clock. */
  readonly ageS: number;
}

/** Somebody's answer to a request. */
export interface Answer {
  readonly said: 'yes' | 'no';
  readonly hash: string;
  readonly who: string;
  /** Numeric owner of the answer on the host; `null` for one that was given here and not read back yet. */
  readonly uid: number | null;
  readonly ageS: number;
  /** Which asking it answers; only a no says so. */
  readonly token: string | null;
  readonly reason: string | null;
}

const answerSchema = z.object({
  hash: z.string(),
  who: line(200),
  token: optional(z.string()),
  reason: optional(line(1000)),
});

/** Requests and answers of what `listApprovals` printed; `null` when the host did not get to its end. */
export function readListed(stdout: string): { readonly requests: readonly LeftRequest[]; readonly answers: readonly Answer[] } | null {
  return stdout.includes('\n#approval listed\n') ? { requests: readRequests(stdout), answers: readAnswers(stdout) } : null;
}

/** The requests in what `listApprovals` or `readApprovals` printed; those that are not whole are left out. */
export function readRequests(stdout: string): readonly LeftRequest[] {
  return blocks(stdout, 'ask').flatMap(({ head: [uid, age], body }) => {
    const read = requestSchema.safeParse(parsed(body));
    return read.success ? [{ ...read.data, uid: wholeOrNull(uid), ageS: wholeOrNull(age) ?? 0 }] : [];
  });
}

/** The answers in what `listApprovals` or `readApprovals` printed; those that are not whole are left out. */
export function readAnswers(stdout: string): readonly Answer[] {
  return (['yes', 'no'] as const).flatMap((said) =>
    blocks(stdout, said).flatMap(({ head, body }) => {
      const [uid, ageS] = head.map(wholeOrNull);
      const read = answerSchema.safeParse(parsed(body));
      return read.success && uid != null && ageS != null ? [{ said, ...read.data, uid, ageS }] : [];
    }),
  );
}

function wholeOrNull(text: string | undefined): number | null {
  return text !== undefined && /^-?\d{1,12}$/.test(text) ? Math.max(0, Number(text)) : null;
}

function blocks(stdout: string, word: string): { head: string[]; body: string }[] {
  return stdout
    .split('\n#')
    .filter((block) => block.startsWith(`${word} `))
    .map((block) => {
      const [head = '', body = ''] = block.split('\n');
      return { head: head.split(' ').slice(1), body };
    });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
