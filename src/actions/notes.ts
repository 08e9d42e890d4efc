import type { Shells } from '../live/world.ts';
import { removeNote, writeNote } from '../remote/host-note.ts';
import type { Plan } from './plan.ts';

const questionMs = 10_000;

/** Leaves what a plan signs for on the hosts where other consoles look, or takes it away. Says on which hosts it could not. */
export async function signFor(
  shells: Shells,
  plan: Plan,
  which: 'write' | 'remove' | 'all',
  by: { readonly who: string; readonly reason: string | null; readonly at: number },
): Promise<readonly string[]> {
  const wanted = plan.notes.filter((each) => which === 'all' || each.note === which);
  const failed = await Promise.all(
    wanted.map(async ({ hostId, key, note }) => {
      const text = note === 'write' && which !== 'all' ? writeNote(key, { ...by, actionId: plan.id }) : removeNote(key);
      const connection = shells.open(hostId);
      const said = await connection?.exec(text, { deadlineMs: questionMs }).catch(() => null);
      return said?.end === 'exit' && /^#note (written|removed)$/m.test(said.stdout) ? [] : [hostId];
    }),
  );
  return failed.flat();
}
