import { setTimeout as sleep } from 'node:timers/promises';

/** What every page of a test says of itself. */
export const head = 'format: 1\nowner: tests\nreviewed: "2026-11-22"\nwhen_to_use: a test\n';

/** Goes on once the test has put `go` on the host, so that the test says when. */
export const hold = `{ id: hold, wait: 'test -e "$PLACE/go"', host: "{{ node }}", every: 1s, timeout: 5m }`;

/** A page with a change that is owed back, and these steps between it and its end. */
export function longPage(...between: readonly string[]): string {
  const steps = [
    '{ id: quiet, run: "change quiet", host: "{{ node }}", timeout: 20s, undo: { run: "change loud" }, temporary: true }',
    ...between,
    '{ id: loud, run: "change loud", host: "{{ node }}", timeout: 20s, settles: quiet, undo: none, why: w }',
  ];
  return `playbook: long
${head}title: A long one
inputs: { node: { type: host, from: web } }
lock: ["node:{{ node }}"]
steps:
${steps.map((step) => `  - ${step}\n`).join('')}`;
}

/** Asks for half a minute. @throws Error when it is not so by then */
export async function until(wanted: () => boolean): Promise<void> {
  for (let tries = 0; !wanted(); tries += 1) {
    if (tries > 600) throw new Error('it never came');
    await sleep(50);
  }
}
