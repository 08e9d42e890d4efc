import { expect, test } from 'vitest';
import { type ApprovalBoard, ApprovalWatch, secondsLeft } from '../../src/actions/approval-watch.ts';
import { type PendingApproval, plainCard } from '../../src/actions/approval-request.ts';
import type { Survey } from '../../src/actions/approvals.ts';

const answer = { said: 'yes', hash: 'a'.repeat(64), who: 'bob@right', uid: 1, ageS: 1, token: null, reason: null } as const;

function pending(more: Partial<PendingApproval> = {}): PendingApproval {
  const at = { hostId: 'static/web1', hostName: 'web1', uid: 0, ageS: 10, waitedS: 0, leftS: 600 };
  const words = { hash: 'a'.repeat(64), who: 'ann@left', title: 'wipe on web1', commands: [], token: '1'.repeat(16), env: 'prod' };
  return { ...plainCard, ...at, ...words, content: null, signed: [], declined: null, ...more };
}

function watching(): {
  watch: ApprovalWatch;
  see(survey: Partial<Survey>): Promise<ApprovalBoard>;
  told: string[];
  pass(ms: number): void;
} {
  let now = 1_000_000;
  let found: Survey = { requests: [], silent: [] };
  const told: string[] = [];
  const watch = new ApprovalWatch({
    survey: () => Promise.resolve(found),
    clock: { wallMs: () => now, monoMs: () => now },
    hosts: () => 1,
    wanted: () => true,
    told: (fresh) => told.push(...fresh.map(({ title }) => title)),
  });
  return {
    watch,
    told,
    pass: (ms) => {
      now += ms;
    },
    see: async (survey) => {
      found = { requests: [], silent: [], ...survey };
      await watch.look();
      return watch.board();
    },
  };
}

test('a request is told once, grows older, and is gone from what waits at the very second its time is over', async () => {
  const { watch, see, told, pass } = watching();
  await see({ requests: [pending()] });
  await see({ requests: [pending()] });
  expect(told).toEqual(['wipe on web1']);
  pass(60_000);
  const [seen] = watch.board().waiting;
  expect(seen === undefined ? null : secondsLeft(seen, 1_060_000)).toBe(530);
  pass(530_000);
  expect(watch.board().waiting).toEqual([]);
  expect(watch.board().ended).toMatchObject([{ how: 'expired' }]);
});

test('what is gone ended as it was seen last: signed, declined, or nobody knows', async () => {
  for (const [last, how] of [
    [pending({ signed: [answer] }), 'signed'],
    [pending({ declined: { ...answer, said: 'no', reason: 'no' } }), 'declined'],
    [pending({ count: 2, signed: [answer] }), 'gone'],
    [pending(), 'gone'],
  ] as const) {
    const { see } = watching();
    await see({ requests: [last] });
    expect((await see({})).ended.map((ended) => ended.how)).toEqual([how]);
  }
});

test('what was answered here is known here although the asker took the request away before it was looked again', async () => {
  const { watch, see } = watching();
  await see({ requests: [pending()] });
  watch.answered(pending(), { said: 'yes', who: 'bob@right', reason: null });
  expect(watch.board().waiting[0]?.request.signed).toMatchObject([{ who: 'bob@right', uid: null }]);
  expect((await see({})).ended.map((ended) => ended.how)).toEqual(['signed']);
});

test('a host that does not answer keeps what it held, and is named', async () => {
  const { see } = watching();
  await see({ requests: [pending()] });
  const board = await see({ silent: ['web1'] });
  expect(board).toMatchObject({ silent: ['web1'], ended: [] });
  expect(board.waiting).toHaveLength(1);
});

test('a run that asks again at the same step is another asking', async () => {
  const { see, told } = watching();
  await see({ requests: [pending()] });
  await see({ requests: [pending({ token: '2'.repeat(16) })] });
  expect(told).toHaveLength(2);
});
