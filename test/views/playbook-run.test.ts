import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/playbook/run/events.ts';
import type { Question } from '../../src/playbook/run/question.ts';
import { raisePrompt } from '../../views/dispatch.ts';
import { watchPlaybooks } from '../../views/playbook-flow.ts';
import { drive, type Driver } from './drive.ts';
import { FakeDesk, type FakeRun, leftRun, playbooksWith, step } from './fake-desk.ts';
import type { FakeExecutorSpec } from './fake-executor.ts';
import { fleetState, hostView, pencilFleet, start, testConsole } from './fixture.ts';

const go: Question = {
  kind: 'go',
  address: 'depool',
  title: 'depool web2',
  why: 'it answers 502',
  commands: ['sudo set server web/web2 state drain'],
  host: 'web2',
  risk: 'change',
  undo: 'undone by putting it back',
  warnings: ['a reload forgets it'],
  word: null,
};
const debt = {
  id: 'depool',
  kind: 'step',
  hostId: null,
  what: 'web2 is out of pool web',
  pool: null,
  who: 'kim@desk',
  reason: null,
  since: start - 120_000,
  remindAt: null,
} as const;

const armed: FakeExecutorSpec = { arming: 'armed' };

function on(spec: FakeExecutorSpec & { readOnly?: boolean } = armed): { driver: Driver; desk: FakeDesk } {
  const desk = new FakeDesk();
  const driver = drive({ ...testConsole(pencilFleet(), spec), playbooks: playbooksWith(desk) });
  watchPlaybooks(driver.session);
  return { driver, desk };
}

/** On the screen of a run that asks something. */
function asking(question: Question, spec: FakeExecutorSpec = armed): { driver: Driver; desk: FakeDesk; run: FakeRun } {
  const { driver, desk } = on(spec);
  const run = desk.add();
  driver.press('v');
  run.ask(question);
  raisePrompt(driver.session);
  return { driver, desk, run };
}

const screen = (driver: Driver, columns = 80, lines = 24): string => driver.frame(columns, lines).join('\n');

describe('a run on the screen', () => {
  test('shows what would be sent, where, why, its undo and its warnings, beside the steps and what is owed', () => {
    const { driver, run } = asking(go);
    run.show({ debts: [debt] });
    for (const [columns, lines] of [
      [80, 24],
      [160, 48],
    ] as const) {
      const shown = screen(driver, columns, lines);
      for (const text of [
        'Send this? y sends it.',
        'sudo set server web/web2 state drain',
        'it answers 502',
        'undone by putting it back',
        '▲ a reload forgets it',
        '1 open: web2 is out of pool web, for 2m',
        'waits for you',
        '▸ asks you',
      ])
        expect(shown, `${columns}×${lines}`).toContain(text);
      expect(driver.frame(columns, lines)).toHaveLength(lines);
    }
  });

  test('names the host that a command really runs on, and shows a script of ours to its end', () => {
    const script = "sudo -n -- sh -c '# quarterdeck pool haproxy\n# set server web/web2 state drain\nset -eu\nsocat the-socket'";
    const shown = { ...go, commands: ['sudo -n -- script pool haproxy'], sends: [{ hostName: 'lb1', command: script }] };
    const { driver } = asking(shown);
    expect(screen(driver)).toContain('runs      on lb1: sudo -n -- script pool haproxy');
    expect(screen(driver, 160, 48)).toMatch(/in full +what runs on lb1[^]*socat the-socket/);
    const undo: Question = {
      kind: 'undo',
      address: 'depool',
      title: 'undo it',
      commands: ['put back'],
      host: 'web2',
      afterNoReturn: false,
    };
    expect(screen(asking(undo).driver)).toMatch(/Take this back[^]*on +web2\n.*runs +put back/);
  });

  test('sends by its key only after the question could be read, and never by enter', () => {
    const { driver, run } = asking(go);
    driver.pressAtOnce('y');
    expect(run.answers).toEqual([]);
    driver.press('enter', 'space', 'ctrl-d');
    expect(run.answers).toEqual([]);
    driver.press('y');
    expect(run.answers).toEqual([{ kind: 'go' }]);
  });

  test('a question that took the place of another is not answered by a key meant for that one', () => {
    const { driver, run } = asking(go);
    driver.console.wait(1000);
    run.ask({ ...go, address: 'after', title: 'something else' }, start + 1000);
    driver.pressAtOnce('y');
    expect(run.answers).toEqual([]);
  });

  test('a locked environment is armed first, and then the question is asked again', () => {
    const { driver, run } = asking(go, { arming: 'locked' });
    driver.press('y');
    expect(run.answers).toEqual([]);
    expect(driver.session.ui.getState().dialog?.kind).toBe('arm');
  });

  test('what is dangerous goes only by its typed word', () => {
    const { driver, run } = asking({ ...go, risk: 'danger', word: 'web2' });
    driver.press('y');
    driver.type('web1');
    driver.press('enter');
    expect(run.answers).toEqual([]);
    expect(screen(driver)).toContain('That is not web2. Nothing was sent.');
    driver.press('ctrl-u');
    driver.type('web2');
    driver.press('enter');
    expect(run.answers).toEqual([{ kind: 'go' }]);
  });

  test('a step is left out only with a reason', () => {
    const { driver, run } = asking(go);
    driver.press('s', 'enter');
    expect(run.answers).toEqual([]);
    driver.type('done by hand');
    driver.press('enter');
    expect(run.answers).toEqual([{ kind: 'skip', reason: 'done by hand' }]);
  });

  test('a failure offers what it may, with what was seen', () => {
    const failed: Question = {
      kind: 'failed',
      address: 'depool',
      title: 'wait for port 8816',
      outcome: 'timeout',
      summary: 'not so within 45s',
      evidence: ['port 8816 is closed'],
      may: ['skip', 'undo', 'stop'],
    };
    const { driver, run } = asking(failed);
    const shown = screen(driver);
    for (const text of ['timeout: not so within 45s', '│ port 8816 is closed']) expect(shown).toContain(text);
    driver.press('r');
    expect(run.answers).toEqual([]);
    expect(driver.session.ui.getState().note?.text).toContain('may not be run again');
    driver.press('x', 'n');
    expect(run.answers).toEqual([]);
    driver.press('x', 'y');
    expect(run.answers).toEqual([{ kind: 'stop' }]);
  });

  test('an option is chosen by its number, or by arrow and enter', () => {
    const choose: Question = {
      kind: 'choose',
      address: 'depool',
      text: 'What do users see?',
      options: [
        { name: 'fine', label: 'Works' },
        { name: 'hung', label: 'Hangs' },
      ],
    };
    const one = asking(choose);
    one.driver.press('2');
    expect(one.run.answers).toEqual([{ kind: 'option', name: 'hung' }]);
    const two = asking(choose);
    two.driver.press('enter', 'down', 'enter');
    expect(two.run.answers).toEqual([{ kind: 'option', name: 'hung' }]);
  });

  test('fields that are asked for are a form, whose wrong field says why', () => {
    const field = {
      name: 'port',
      type: 'int',
      from: null,
      choices: [],
      fallback: null,
      pattern: null,
      min: 1,
      max: 65_535,
      help: 'which port',
      optional: false,
    } as const;
    const { driver, run } = asking({ kind: 'ask', address: 'depool', fields: [field] });
    driver.press('enter');
    driver.type('no');
    driver.press('enter');
    expect(screen(driver)).toContain('port must be a number');
    driver.press('ctrl-u');
    driver.type('8816');
    driver.press('enter');
    expect(run.answers).toEqual([{ kind: 'values', values: { port: 8816 } }]);
  });

  test('a host that is not heard any more is said beside the step that runs there', () => {
    const silent = hostView({ name: 'web9', role: 'web', reach: 'timeout' }, start, 9);
    const desk = new FakeDesk();
    const driver = drive({ ...testConsole(fleetState([silent], []), armed), playbooks: playbooksWith(desk) });
    watchPlaybooks(driver.session);
    const run = desk.add();
    driver.press('v');
    const slow = step('slow', { verb: 'run', title: 'change slow', host: 'web9', state: 'running', startedAt: start });
    run.show({ steps: [slow], current: 'slow' });
    expect(screen(driver).replaceAll(/\s+/g, ' ')).toContain(
      '? nothing is heard from web9 for 5m00s (timeout): what was begun there goes on by itself.',
    );
  });

  test('the footer says what a key would do to the question that stands', () => {
    const footer = (question: Question): string => asking(question).driver.frame(120, 30).at(-1) ?? '';
    expect(footer(go)).toContain('<y> send it');
    expect(footer({ kind: 'manual', address: 'depool', text: 'Pull the plug.' })).toContain('<y> done');
    const unseen: Question = { kind: 'unknown', address: 'depool', title: 'depool web2', summary: 'nothing shows it', evidence: [] };
    expect(footer(unseen)).toMatch(/<u> nobody knows/);
    expect(footer(unseen)).not.toContain('<u> undo');
    expect(footer(unseen)).toContain('<r> ask its host again');
  });

  test('a manual step is done, or could not be, with a reason', () => {
    const manual: Question = { kind: 'manual', address: 'depool', text: 'Pull the plug.' };
    const done = asking(manual);
    done.driver.press('y');
    expect(done.run.answers).toEqual([{ kind: 'done' }]);
    const not = asking(manual);
    not.driver.press('f');
    not.driver.type('no plug');
    not.driver.press('enter');
    expect(not.run.answers).toEqual([{ kind: 'could-not', reason: 'no plug' }]);
  });

  test('of an end that nobody saw it asks how one knows', () => {
    const unknown: Question = { kind: 'unknown', address: 'depool', title: 'depool web2', summary: 'nothing shows it', evidence: [] };
    const { driver, run } = asking(unknown);
    driver.press('o');
    driver.type('the balancer says so');
    driver.press('enter');
    expect(run.answers).toEqual([{ kind: 'happened', outcome: 'ok', reason: 'the balancer says so' }]);
  });

  test('of an end that nobody saw r asks the host again, and what it asks by itself is said', () => {
    const summary = 'its host cannot be asked what became of it';
    const away: Question = { kind: 'unknown', address: 'depool', title: 'depool web2', summary, evidence: [], away: true };
    const { driver, run } = asking(away);
    expect(screen(driver).replaceAll(/\s+/g, ' ')).toContain('Its host is asked by itself until it answers; r asks it now.');
    driver.press('r');
    expect(run.answers).toEqual([{ kind: 'again' }]);
  });

  test('a signature that comes from another console is waited for, and no key here gives it', () => {
    const { driver, run } = asking({ kind: 'approve', address: 'depool', text: 'Drop the table', by: 'dba', count: 1, hash: 'abcd1234' });
    expect(screen(driver)).toContain('quarterdeck approve abcd1234');
    expect(screen(driver)).toContain('waits for an approval');
    driver.press('y');
    expect(run.answers).toEqual([]);
    driver.press('f');
    driver.type('not today');
    driver.press('enter');
    expect(run.answers).toEqual([{ kind: 'reject', reason: 'not today' }]);
  });

  test('a wait shows what it sees, saw, how long it must hold and when it gives up', () => {
    const { driver, desk } = on();
    const wait = { until: start + 40_000, everyMs: 1000, holdMs: 10_000, holdsSince: null, value: 0, at: start - 2000 };
    const waiting = step('up', {
      verb: 'wait',
      title: 'wait for port 8816',
      state: 'running',
      startedAt: start - 5000,
      live: 'port 8816 is closed',
      wait,
    });
    const run = desk.add({ steps: [waiting], current: 'up' });
    driver.press('v');
    run.show({ steps: [{ ...waiting, live: 'port 8816 is open', wait: { ...wait, value: 1, holdsSince: start - 5000, at: start } }] });
    const shown = screen(driver);
    expect(shown).toMatch(/now +port 8816 is open/);
    expect(shown).toMatch(/seen +▁█ +1/);
    expect(shown).toMatch(/holds +█+─+ +5s of 10s/);
    expect(shown).toMatch(/gives up +in 39s, asked every 1s/);
  });

  test('while another step is looked at, a key shows the question before it answers', () => {
    const { driver, run } = asking(go);
    driver.press('k');
    expect(screen(driver)).toContain('waits for your answer at another step');
    driver.press('y');
    expect(run.answers).toEqual([]);
    driver.press('y');
    expect(run.answers).toEqual([{ kind: 'go' }]);
  });

  test('goes on while the person is elsewhere; the header says that it waits, and a key leads back', () => {
    const { driver, run } = asking(go);
    driver.press('q');
    expect(screen(driver)).toMatch(/run:? waits/);
    driver.press('v');
    expect(driver.session.ui.getState().history.at(-1)).toMatchObject({ kind: 'playbook-run', runId: run.id });
  });

  test('several runs are reached one after another', () => {
    const { driver, desk } = on();
    desk.add({ id: 'run-a' });
    desk.add({ id: 'run-b' });
    const seen = ['v', 'v', 'v'].map((key) => {
      driver.press(key);
      return driver.session.ui.getState().history.at(-1);
    });
    expect(seen).toMatchObject([{ runId: 'run-b' }, { runId: 'run-a' }, { runId: 'run-b' }]);
  });

  test('a question left alone is said, pausing and notes go to the run, and calling off needs a reason', () => {
    const { driver, run } = asking(go);
    run.leaveAlone('depool web2');
    expect(driver.session.ui.getState().note?.text).toMatch(/Waits for you since .*: depool web2/);
    driver.press('p', 'n');
    driver.type('seen it');
    driver.press('enter', 'a', 'enter');
    expect(run.calls).toEqual(['pause', 'note seen it']);
    driver.type('wrong host');
    driver.press('enter');
    expect(run.calls.at(-1)).toBe('abort wrong host');
  });

  test('at its end it says how it came out, what was done, what is owed and where it is written', () => {
    const { driver, desk } = on();
    const run = desk.add();
    driver.press('v');
    run.show({
      phase: { phase: 'closed', result: 'escalated', message: 'web2 stays depooled.' },
      debts: [debt],
      steps: [step('depool', { verb: 'do', title: 'depool web2', state: 'ok' }), step('up', { state: 'failed', note: 'still closed' })],
    });
    const shown = screen(driver);
    for (const text of [
      'closed: escalated',
      'web2 stays depooled.',
      'done      depool web2',
      'still closed',
      '▲ web2 is out of pool web',
      'took',
      'run-1 in the journal',
    ])
      expect(shown).toContain(text);
  });

  test('a lock in the way of a step is broken there, with a reason only', () => {
    const summary = 'lee@desk [812] is changing web2 (disk work) for 12m, last sign 3s ago';
    const failed = { kind: 'failed', address: 'depool', title: 'depool web2', outcome: 'failed', summary, evidence: [] } as const;
    const { driver, run } = asking({ ...failed, may: ['retry', 'break', 'skip', 'undo', 'stop'] });
    expect(screen(driver)).toContain('b takes it from its holder, with a reason');
    driver.press('b');
    expect(screen(driver)).toContain('The team is told');
    driver.press('enter');
    expect(screen(driver)).toContain('It needs a few words.');
    driver.type('lee is asleep');
    driver.press('enter');
    expect(run.answers).toEqual([{ kind: 'break', reason: 'lee is asleep' }]);
    const other = asking({ ...failed, may: ['retry', 'skip', 'undo', 'stop'] });
    other.driver.press('b');
    expect([other.driver.session.ui.getState().dialog, other.driver.session.ui.getState().note?.text]).toEqual([
      null,
      expect.stringContaining('no lock is in its way'),
    ]);
  });

  test('a run that a lock kept out is begun again without that lock, with a reason only', () => {
    const { driver, desk } = on();
    const run = desk.add();
    driver.press('v');
    const lockedBy = 'lee@desk [812] is changing web2 (disk work) for 12m, last sign 3s ago';
    run.show({ phase: { phase: 'closed', result: 'failed', message: lockedBy }, lockedBy });
    expect(screen(driver)).toContain('b takes it from its holder, with a reason; the team is told');
    driver.press('b');
    driver.type('lee is asleep');
    driver.press('enter');
    expect(run.calls).toEqual(['break lee is asleep']);
  });

  test('an expected no is not among what failed, and is said calmly', () => {
    const { driver, desk } = on();
    const run = desk.add();
    driver.press('v');
    const nfs = step('nfs', { state: 'failed', tolerated: true, note: 'exit 124' });
    run.show({ phase: { phase: 'closed', result: 'ok', message: 'every step is done' }, steps: [nfs] });
    const shown = screen(driver);
    expect(shown).toContain('said no   check nfs: exit 124; the playbook goes on');
    expect(shown).not.toMatch(/failed/);
  });

  test('what was taken back is not among what was done, and a failure keeps its own words', () => {
    const { driver, desk } = on();
    const run = desk.add();
    driver.press('v');
    run.show({
      phase: { phase: 'closed', result: 'undone', message: 'not so within 30s' },
      steps: [
        step('quiet', { verb: 'run', title: 'change quiet', state: 'ok', undo: { outcome: 'ok', summary: 'exit 0' } }),
        step('slow', { verb: 'run', title: 'change slow', state: 'ok' }),
        step('conf', { verb: 'run', title: 'change conf', state: 'ok', undo: { outcome: 'failed', summary: 'exit 1' } }),
        step('up', { verb: 'wait', title: 'wait for port 80', state: 'timeout', note: 'port 80 is closed' }),
        step('fork', { verb: 'branch', title: 'which way', state: 'running', startedAt: start - 5000 }),
      ],
    });
    driver.console.wait(60_000);
    const shown = screen(driver, 80, 30);
    // What ended with the run neither runs on nor counts on.
    expect(shown).toMatch(/○ ended here +which way +5s/);
    expect(shown).not.toContain('running');
    expect(shown).toMatch(/○ taken back +change quiet/);
    for (const text of [
      'done      change slow\n',
      'undone    change quiet',
      'stays     change conf: exit 1',
      'failed    wait for port 80: port 80 is closed',
    ])
      expect(shown.replaceAll(/ +\n/g, '\n')).toContain(text);
  });

  test('the console asks before it is left with a run under way, tells what stays owed and locked, and may call it off first', () => {
    const { driver, run } = asking(go);
    run.show({ debts: [debt], locked: ['web2', 'pool web (on lb1)'] });
    driver.press('q', 'q');
    const shown = screen(driver).replaceAll(/[│\s]+/g, ' ');
    expect(shown).toContain(
      'is under way; it stays as it is, and the next console can take it up: it offers it, or quarterdeck playbook resume run-1',
    );
    expect(shown).toContain('Owed back meanwhile: web2 is out of pool web');
    expect(shown).toContain('Locked in your name meanwhile: web2, pool web (on lb1). Nobody else changes it until the run is ended.');
    driver.press('a');
    driver.type('home time');
    driver.press('enter');
    expect(run.calls).toEqual(['abort home time']);
    driver.press('q', 'q', 'y');
    expect(driver.console.calls.quits).toBe(1);
  });

  test('is drawn at every size, whatever it asks', () => {
    const { driver } = asking({ ...go, commands: Array.from({ length: 40 }, (_, index) => `line ${index} ${'x'.repeat(index * 5)}`) });
    for (const [columns, lines] of [
      [40, 10],
      [60, 14],
      [80, 24],
      [119, 30],
      [120, 30],
      [200, 60],
    ] as const)
      expect(driver.frame(columns, lines)).toHaveLength(lines);
  });
});

describe('a run that an earlier console left', () => {
  const owes: readonly RunEvent[] = [
    { event: 'outcome', key: 'look', outcome: 'ok', summary: '', evidence: [], saved: null, startedAt: start, endedAt: start },
    { event: 'debt-open', key: 'depool', what: 'web2 is out of pool web', hostId: null, leave: null },
    {
      event: 'intent',
      key: 'restart',
      host: 'web2',
      hostId: 'gce/web2',
      commands: ['sudo service pencils restart'],
      attempt: 1,
      actionId: 'command-1',
      undo: null,
      owes: null,
    },
  ];

  function offered(operator: string, owned: boolean): { driver: Driver; desk: FakeDesk } {
    const desk = new FakeDesk();
    desk.left = [
      leftRun(
        operator,
        owned,
        owes.map((event) => ({ ...event, ...('evidence' in event ? { evidence: [] } : {}) })),
      ),
    ];
    const driver = drive({ ...testConsole(pencilFleet(), armed), playbooks: playbooksWith(desk) });
    watchPlaybooks(driver.session);
    raisePrompt(driver.session);
    return { driver, desk };
  }

  test('is offered at the start: who, since when, how far, what it owes; and nothing is done without a key', () => {
    const { driver, desk } = offered('kim@desk', false);
    const shown = screen(driver);
    for (const text of [
      'left open: Web node unhealthy',
      'kim@desk (you)',
      '10m00s ago',
      '1 step done',
      '? restart on web2: sudo service pencils restart. Nobody saw',
      '▲ web2 is out of pool web',
      'resume it',
    ])
      expect(shown).toContain(text);
    driver.pressAtOnce('r');
    expect(desk.resumed).toEqual([]);
    driver.press('r');
    expect(desk.resumed).toEqual(['run-9']);
  });

  test('somebody else’s is taken over by another key than one’s own is resumed by', () => {
    const { driver, desk } = offered('lee@desk', false);
    driver.press('r');
    expect(desk.resumed).toEqual([]);
    driver.press('t');
    expect(desk.resumed).toEqual(['run-9']);
  });

  test('whose console still runs cannot be taken', () => {
    const { driver, desk } = offered('lee@desk', true);
    expect(screen(driver)).toContain('Its console still runs');
    driver.press('t', 'r');
    expect(desk.resumed).toEqual([]);
  });

  test('can be given up for a reason: it is offered no more, and what it owes is said once more', async () => {
    const { driver, desk } = offered('lee@desk', false);
    expect(screen(driver)).toContain('give it up');
    driver.press('g');
    expect(screen(driver)).toContain('give the run up   Web node unhealthy');
    driver.press('enter');
    expect([screen(driver).includes('It needs a few words.'), desk.givenUp]).toEqual([true, []]);
    driver.type('lee went home');
    driver.press('enter');
    await Promise.resolve();
    expect([desk.givenUp, desk.resumed]).toEqual([[{ id: 'run-9', reason: 'lee went home' }], []]);
    expect(screen(driver)).toContain('▲ Given up. Still open: web2 is out of pool web.');
    expect(driver.session.ui.getState().leftRuns).toEqual([]);
  });

  test('whose console still runs cannot be given up', () => {
    const { driver, desk } = offered('lee@desk', true);
    driver.press('g');
    expect([driver.session.ui.getState().dialog?.kind, desk.givenUp]).toEqual(['left-run', []]);
  });

  test('put off, it stays in the list of runs', () => {
    const { driver, desk } = offered('kim@desk', false);
    driver.press('l', 'j');
    expect(driver.session.ui.getState().dialog).toBeNull();
    driver.press(':');
    driver.type('runs');
    driver.press('enter');
    expect(screen(driver)).toContain('left open by kim@desk');
    driver.press('enter', 'r');
    expect(desk.resumed).toEqual(['run-9']);
  });
});
