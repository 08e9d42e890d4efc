import { describe, expect, test } from 'vitest';
import { type ApprovalBoard, secondsLeft } from '../../src/actions/approval-watch.ts';
import { type PendingApproval, plainCard } from '../../src/actions/approval-request.ts';
import { contentHash } from '../../src/actions/guards.ts';
import type { SignatureWait } from '../../src/actions/plan.ts';
import type { Console } from '../../views/console.ts';
import { drive, type Driver } from './drive.ts';
import { pencilFleet, testConsole } from './fixture.ts';

const fleet = pencilFleet();
const hostId = fleet.hosts.find((view) => view.host.name === 'web1')?.host.id ?? '';

function pending(more: Partial<PendingApproval> = {}): PendingApproval {
  const content = { title: 'wipe on web1', commands: [{ hostId, purpose: 'change' as const, command: 'wipe \u001b[2J --all' }] };
  const at = { hostId, hostName: 'web1', uid: 1000, ageS: 20, waitedS: 0, leftS: 600 };
  const words = {
    hash: contentHash(content),
    who: 'ann@left',
    title: 'wipe on web1',
    commands: ['web1: wipe'],
    token: '1'.repeat(16),
    env: 'prod',
  };
  return { ...plainCard, hosts: ['web1'], risk: 'danger', ...at, ...words, content, signed: [], declined: null, ...more };
}

interface Given {
  readonly signed: string[];
  readonly declined: string[];
}

function console(requests: readonly PendingApproval[], more: Partial<ApprovalBoard> = {}): { driver: Driver; given: Given } {
  const given: Given = { signed: [], declined: [] };
  const board: ApprovalBoard = {
    waiting: requests.map((request) => ({ request, seenAt: fleet.at })),
    ended: [],
    silent: [],
    lookedAt: fleet.at,
    ...more,
  };
  const approvals: Console['approvals'] = {
    board: () => board,
    look: async () => {},
    whyNot: ({ who }) => (who === 'kim@desk' ? 'your own request needs somebody else’s approval' : null),
    sign: async ({ title }) => {
      given.signed.push(title);
      return null;
    },
    decline: async ({ title }, reason) => {
      given.declined.push(`${title}: ${reason}`);
      return null;
    },
  };
  return { driver: drive(testConsole(fleet, { approvals })), given };
}

const screen = (driver: Driver, columns = 80, lines = 24): string => driver.frame(columns, lines).join('\n');

describe('what waits for a second person', () => {
  test('is one calm line on the fleet and a word in the header of every screen', () => {
    const { driver } = console([pending(), pending({ title: 'restart', token: '2'.repeat(16), who: 'kim@desk' })]);
    expect(screen(driver)).toMatch(/▸ ann@left asks for your signature: wipe on web1, good for 9m40s <Y>/);
    driver.press('?');
    expect(driver.frame(100)[0]).toContain('1 to sign, Y');
    expect(screen(console([]).driver)).not.toContain('to sign');
  });

  test('is listed: whose, how long, what it is part of, what ended, and which hosts could not be asked', () => {
    const ended = [{ request: pending({ title: 'reboot web2' }), at: fleet.at - 60_000, how: 'expired' as const }];
    const { driver } = console([pending({ run: 'Web node down (run-1)', step: 'boss', reason: 'disk full' })], { ended, silent: ['web3'] });
    driver.press('Y');
    const shown = screen(driver);
    expect(shown).toMatch(/▸ wipe on web1 +waits for you +good for 9m3\ds/);
    expect(shown).toContain('part of Web node down (run-1), step boss');
    expect(shown).toContain('because: disk full');
    expect(shown).toContain('what waits there is not seen: web3');
    expect(shown).toMatch(/reboot web2, asked by ann@left +nobody signed in time/);
  });

  test('is signed only by the word, after the whole of it was shown without its escapes', async () => {
    const { driver, given } = console([pending()]);
    driver.press('Y', 'enter');
    const shown = screen(driver);
    expect(shown).toContain('wipe \\x1b[2J --all');
    expect(shown).toContain('made of exactly what stands here');
    expect(shown).toContain('Type the host name web1 and Enter to sign');
    driver.type('web2');
    driver.press('enter');
    expect(screen(driver)).toContain('Nothing was signed');
    driver.paste('web1');
    driver.press('escape', 'enter');
    driver.paste('web1');
    expect(screen(driver)).toContain('A paste does not sign');
    expect(given.signed).toEqual([]);
    driver.type('web1');
    driver.press('enter');
    await driver.settle();
    expect(given).toEqual({ signed: ['wipe on web1'], declined: [] });
    expect(screen(driver)).toContain('Signed: wipe on web1.');
  });

  test('is declined with a reason; an empty one leaves it as it is', async () => {
    const { driver, given } = console([pending()]);
    driver.press('Y', 'enter', 'tab', 'enter');
    expect(given.declined).toEqual([]);
    driver.press('enter', 'tab');
    driver.type('not now');
    driver.press('enter');
    await driver.settle();
    expect(given).toEqual({ signed: [], declined: ['wipe on web1: not now'] });
  });

  test('cannot be signed by who asked, nor when it is not what it says, nor once it is over', async () => {
    const own = console([pending({ who: 'kim@desk' })]);
    own.driver.press('Y', 'enter');
    expect(screen(own.driver)).toContain('only somebody else can sign it');
    own.driver.type('web1');
    own.driver.press('enter');
    const forged = console([pending({ hash: 'f'.repeat(64) })]);
    forged.driver.press('Y', 'enter');
    expect(screen(forged.driver, 120)).toContain('somebody changed the request');
    expect(screen(forged.driver)).not.toContain('sign instead');
    forged.driver.press('tab');
    forged.driver.type('web1');
    forged.driver.press('enter');
    await forged.driver.settle();
    expect([own.given, forged.given]).toEqual([
      { signed: [], declined: [] },
      { signed: [], declined: ['wipe on web1: web1'] },
    ]);
  });

  test('that nobody can check says so', () => {
    const { driver } = console([pending({ content: null })]);
    driver.press('Y', 'enter');
    expect(screen(driver, 120)).toContain('this console cannot check');
    expect(secondsLeft({ request: pending(), seenAt: fleet.at }, fleet.at)).toBe(580);
  });
});

describe('a confirmed plan that waits for somebody else', () => {
  const refusal = { guard: 'approval', message: 'declined by bob@right (uid 0): no.' } as const;

  test('tells whom it waits for, how they sign and until when, and goes on behind the screen until it is answered', async () => {
    const outcome = Promise.withResolvers<void>();
    const shown = testConsole(fleet, {
      arming: 'open',
      plan: { approvalNeeded: 'the fleet file asks for one' },
      confirmation: { kind: 'key', word: 'y' },
      hold: outcome.promise,
      outcome: { kind: 'refused', refusal },
    });
    const waits: SignatureWait[] = [];
    const { execute } = shown.executor;
    const executor = {
      ...shown.executor,
      execute: ((plan, word, onProgress, extras) => {
        const state = {
          command: 'quarterdeck approve abcdef12',
          needs: 'the fleet file asks for one',
          since: fleet.at,
          until: fleet.at + 600_000,
        };
        extras?.wait?.told({ ...state, seen: true });
        if (extras?.wait !== undefined) waits.push(extras.wait);
        return execute(plan, word, onProgress, extras);
      }) satisfies Console['executor']['execute'],
    };
    const driver = drive({ ...shown, executor });
    driver.press('r', 'n');
    await driver.settle();
    driver.press('1');
    await driver.settle();
    driver.press('y');
    await driver.settle();
    const card = screen(driver);
    expect(card).toContain('quarterdeck approve abcdef12');
    expect(card).toMatch(/anybody but you \(kim@desk\)/);
    expect(card).toMatch(/until +\d\d:\d\d:\d\dZ, 9m5\ds more; then nothing is sent/);
    driver.press('escape');
    expect(driver.frame(100)[0]).toMatch(/(waits for a signature|unsigned) \d+s, Y/);
    driver.press('q');
    expect(screen(driver, 120)).toContain('leaving takes the request back');
    driver.press('escape');
    expect(waits[0]?.signal.aborted).toBe(false);
    outcome.resolve();
    await driver.settle();
    expect(screen(driver)).toContain('declined by bob@right (uid 0): no. Nothing was sent.');
    expect(driver.session.ui.getState().waits).toEqual([]);
  });
});
