import type { Signing } from './hands.ts';
import type { Run } from './run.ts';

/** How often it is looked whether somebody signed, ms. */
const everyMs = 3000;
/** A request is renewed long before others stop seeing it, ms. */
const renewMs = 300_000;

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
}

/** Waits until other people have signed by the request's hash. A name typed at this console is no signature. */
export async function signatures(run: Run, signing: Signing, { key, text, by, count, limitMs }: Wanted): Promise<Signed> {
  const { hands, playbook } = run.parts;
  const since = hands.now();
  let askedAt = since;
  const refused = await signing.ask();
  if (refused !== null) return { kind: 'refused', why: refused };
  const hash = signing.hash.slice(0, 8);
  const question = { kind: 'approve', address: key, text, by, count, hash } as const;
  hands.nudge(run.mask(`${playbook.title}: ${text} Somebody else runs: quarterdeck approve ${hash}`));
  run.progress.live(key, `waiting for quarterdeck approve ${hash} by somebody else`);
  const beside = run.asking.beside(question);
  try {
    for (;;) {
      const given = (await signing.given()).slice(0, count);
      run.check();
      if (given.length === count) {
        for (const [index, who] of given.entries()) run.asking.keep(`${key}#${index}`, question, { kind: 'approve', who }, since);
        await signing.settle();
        return { kind: 'signed', by: given };
      }
      const answer = beside.answer();
      if (answer?.kind === 'reject' || answer?.kind === 'skip') return { kind: 'refused', why: `refused: ${answer.reason}` };
      if (answer?.kind === 'stop' || answer?.kind === 'undo') return { kind: 'stop' };
      const still = `${given.length} of ${count} signed; waiting for quarterdeck approve ${hash}`;
      run.progress.live(key, answer?.kind === 'approve' ? `a typed name is no proof: ${still}` : still);
      if (hands.now() - since >= limitMs) return { kind: 'late', why: `${given.length} of ${count} signed in time` };
      if (hands.now() - askedAt >= renewMs) {
        askedAt = hands.now();
        await signing.ask();
      }
      await hands.sleep(everyMs, run.signal);
      run.check();
    }
  } finally {
    beside.end();
  }
}
