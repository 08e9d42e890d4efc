import { expect, test } from 'vitest';
import { RecordedWorld, ScriptedPerson } from './recorded-world.ts';
import { walked } from './walked.ts';

test('before a change it is said how the page takes it back, else what the change says of itself', async () => {
  const person = new ScriptedPerson();
  const steps = `  - { id: one, run: "do it", host: web1, timeout: 9s, undo: { run: "undo it" } }
  - { id: two, run: "do it", host: web1, timeout: 9s, undo: { do: maintenance.off, with: { host: web1 } } }
  - { id: three, run: "do it", host: web1, timeout: 9s, undo: { manual: "Look away." } }
  - { id: four, run: "do it", host: web1, timeout: 9s, undo: none, why: w }
`;
  const { result } = await walked(steps, new RecordedWorld(), { person });
  const shown = person.questions.flatMap((question) => (question.kind === 'go' ? [question.undo] : []));
  expect([result, shown.slice(0, 3)]).toEqual(['ok', ['on web1: undo it', 'maintenance.off web1', 'by hand: Look away.']]);
  expect(shown[3]).not.toContain('undo it');
});
