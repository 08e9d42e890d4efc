import { Left } from './control.ts';
import type { Signing } from './hands.ts';
import { readAnswer } from './read-answer.ts';
import type { Run } from './run.ts';

/** How often it is looked whether somebody signed, ms. */
const everyMs = 3000;
/** A request is renewed long before others stop seeing it, ms. */
const renewMs = 300_000;

const nothing = { signers: [], declined: null } as const;

export type Signed =
  | { readonly kind: 'signed'; readonly by: readonly string[] }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'late'; readonly why: string }
  /** The person at this console wants no more of it. */
  | { readonly kind: 'stop' };

export interface Wanted {
  readonly key: string;
  /** What is to be signed. */
  readonly text: string;
  /** Who should, in the file's words. */
  readonly by: string | null;
  readonly count: number;
  readonly limitMs: number;
  /** Whether each counts from when it was seen; else all must stand at the end. */
  readonly remember: boolean;
}

/** Waits until other people have signed by the request's hash. A name typed at this console is no signature. */
export async function signatures(run: Run, signing: Signing, wanted: Wanted): Promise<Signed> {
  try {
    const signed = await waited(run, signing, wanted);
    // What was refused here must not be signed elsewhere a minute later, and count at the next try.
    if (signed.kind !== 'signed') await signing.withdraw();
    return signed;
  } catch (error) {
    if (!(error instanceof Left)) await signing.withdraw();
    throw error;
  }
}

async function waited(run: Run, signing: Signing, { key, text, by, count, limitMs, remember }: Wanted): Promise<Signed> {
  const { hands, playbook } = run.parts;
  const since = hands.now();
  const begun = hands.elapsed();
  let askedAt = begun;
  const refused = await signing.ask(0, limitMs);
  if (refused !== null) return { kind: 'refused', why: refused };
  const hash = signing.hash.slice(0, 8);
  const question = { kind: 'approve', address: key, text, by, count, hash, until: since + limitMs } as const;
  run.progress.live(key, `0 of ${count} signed`);
  const beside = run.asking.beside(question);
  hands.nudge(run.mask(`${playbook.title}: ${text} Somebody else runs: quarterdeck approve ${hash}`));
  let given: readonly string[] = remember ? signedBefore(run, key, count) : [];
  try {
    for (;;) {
      const { signers: found, declined } = given.length < count ? await signing.look() : nothing;
      run.check();
      if (declined !== null) {
        const why = `declined by ${declined.who}: ${declined.reason}`;
        run.asking.keep(`${key}#no`, question, { kind: 'reject', reason: why }, since);
        return { kind: 'refused', why };
      }
      const fresh = [...new Set(found)].filter((who) => !given.includes(who)).slice(0, count - given.length);
      for (const [index, who] of fresh.entries())
        run.asking.keep(`${key}#${given.length + index}`, question, { kind: 'approve', who }, since);
      given = remember ? [...given, ...fresh] : found.slice(0, count);
      if (given.length === count) {
        await signing.settle();
        return { kind: 'signed', by: given };
      }
      const answer = beside.answer();
      if (answer?.kind === 'reject' || answer?.kind === 'skip') return { kind: 'refused', why: `given up here: ${answer.reason}` };
      if (answer?.kind === 'stop' || answer?.kind === 'undo') return { kind: 'stop' };
      const still = `${given.length} of ${count} signed${given.length === 0 ? '' : `: ${given.join(', ')}`}`;
      run.progress.live(key, answer?.kind === 'approve' ? `a typed name is no proof: ${still}` : still);
      const waitedMs = hands.elapsed() - begun;
      if (waitedMs >= limitMs) return { kind: 'late', why: `${given.length} of ${count} signed in time` };
      if (hands.elapsed() - askedAt >= renewMs) {
        askedAt = hands.elapsed();
        await signing.ask(waitedMs, limitMs - waitedMs);
      }
      await hands.sleep(everyMs, run.signal);
      run.check();
    }
  } finally {
    beside.end();
  }
}

/** Who had signed when the console before ended. */
function signedBefore(run: Run, key: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => run.memory.answer(`${key}#${index}`)).flatMap((known) => {
    const answer = known === null ? null : readAnswer(known.answer);
    return answer?.kind === 'approve' ? [answer.who] : [];
  });
}
