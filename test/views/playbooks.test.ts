import { describe, expect, test } from 'vitest';
import type { Alert } from '../../src/fleet/alert.ts';
import { watchPlaybooks } from '../../views/playbook-flow.ts';
import { drive, type Driver } from './drive.ts';
import { examplePlaybook, FakeDesk, playbooksWith } from './fake-desk.ts';
import type { FakeExecutorSpec } from './fake-executor.ts';
import { pencilFleet, start, testConsole } from './fixture.ts';

const alert: Alert = {
  id: 'pencils-down@static/web2',
  name: 'pencils-down',
  labels: { host: 'web2' },
  severity: 'crit',
  host: 'static/web2',
  hostName: 'web2',
  what: 'port 8816 is closed',
  since: start,
  cause: null,
  suppressedBy: null,
  ackedBy: null,
  playbooks: [],
};

const armed: FakeExecutorSpec = { arming: 'armed' };

function on(
  spec: FakeExecutorSpec & { readOnly?: boolean; journalFailure?: string } = armed,
  alerts: readonly Alert[] = [alert],
): { driver: Driver; desk: FakeDesk } {
  const desk = new FakeDesk();
  const problem = {
    file: 'playbooks/broken.yaml',
    line: 3,
    column: 1,
    message: 'There is no verb prnt.',
    remedy: 'Use tell.',
    excerpt: '',
  };
  const driver = drive({ ...testConsole({ ...pencilFleet(), alerts }, spec), playbooks: playbooksWith(desk, { problems: [problem] }) });
  watchPlaybooks(driver.session);
  return { driver, desk };
}

const screen = (driver: Driver, columns = 80, lines = 24): string => driver.frame(columns, lines).join('\n');

describe('the playbooks', () => {
  test('the suggested ones come with why, and what could not be read is told', () => {
    const { driver } = on();
    driver.press('p');
    for (const [columns, lines] of [
      [80, 24],
      [160, 48],
    ] as const) {
      const shown = screen(driver, columns, lines);
      for (const text of [
        '1 suggested of 1',
        '▸ Web node unhealthy: pencils down',
        'alert pencils-down on web2',
        'node web2',
        'broken.yaml:3:1: There is no verb prnt.',
      ])
        expect(shown, `${columns}`).toContain(text);
    }
  });

  test('a page that nobody walked for half a year is marked', () => {
    const desk = new FakeDesk();
    const file = examplePlaybook();
    const old = { ...file, playbook: { ...file.playbook, reviewed: '2025-01-01' } };
    const driver = drive({ ...testConsole(pencilFleet(), armed), playbooks: playbooksWith(desk, { files: [old] }) });
    driver.press('p');
    expect(screen(driver, 120)).toMatch(/▲ \d+d stale/);
  });

  test('enter opens the page and starts nothing; s asks for the inputs', () => {
    const { driver, desk } = on();
    driver.press('p', 'enter');
    expect(screen(driver)).toContain('When to use');
    expect(screen(driver)).toContain('Filled in already: node web2.');
    driver.press('enter');
    expect(driver.session.ui.getState().dialog).toBeNull();
    driver.press('s');
    expect(screen(driver)).toContain('start: Web node unhealthy');
    expect(desk.started).toEqual([]);
  });

  test('the form says what is wrong at its field, completes a host, and starts only by y', () => {
    const { driver, desk } = on(armed, []);
    driver.press('p', 's', 'up', 'ctrl-u');
    driver.type('web9');
    driver.press('enter');
    expect(screen(driver)).toContain('node "web9" is no host');
    driver.press('ctrl-u');
    driver.type('w3');
    driver.press('tab');
    expect(screen(driver)).toMatch(/node +web3/);
    driver.press('enter', 'enter');
    expect(screen(driver)).toContain('reason is needed');
    driver.type('port closed');
    driver.press('enter');
    expect(screen(driver)).toContain('Start it?');
    driver.press('enter', 'space', 'n');
    driver.pressAtOnce('s');
    expect(desk.started).toEqual([]);
    driver.press('y');
    expect(desk.started).toEqual([{ id: 'web-node-pencils-down', inputs: { node: 'web3', reason: 'port closed' }, reason: 'port closed' }]);
    expect(driver.session.ui.getState().history.at(-1)?.kind).toBe('playbook-run');
  });

  test('a locked environment is armed first, and the filled form comes back', () => {
    const { driver, desk } = on({ arming: 'locked' });
    driver.press('p', 's');
    driver.type('port closed');
    driver.press('enter', 'y');
    expect(driver.session.ui.getState().dialog?.kind).toBe('arm');
    driver.press('n');
    expect(screen(driver)).toContain('Start it?');
    expect(desk.started).toEqual([]);
  });

  test('rows of the list do not move under a form, whatever alerts come', () => {
    const desk = new FakeDesk();
    const file = examplePlaybook();
    const named = (id: string, title: string) => ({ ...file, playbook: { ...file.playbook, id, title } });
    const quiet = { ...named('a-quiet', 'Another page'), playbook: { ...named('a-quiet', 'Another page').playbook, suggest: [] } };
    const loud = named('pencils', 'Pencils are down');
    const only = { ...loud, playbook: { ...loud.playbook, suggest: loud.playbook.suggest.filter((one) => 'alert' in one) } };
    const console = testConsole({ ...pencilFleet(), alerts: [] }, armed);
    const driver = drive({ ...console, playbooks: playbooksWith(desk, { files: [quiet, only] }) });
    const titles = (): readonly string[] =>
      driver.frame(160, 40).flatMap((line) => /^ [▸ ] (Another page|Pencils are down)/.exec(line)?.slice(1) ?? []);
    driver.press('p');
    const before = titles();
    expect(before).toEqual(['Another page', 'Pencils are down']);
    driver.press('s');
    console.store.setState({ alerts: [alert], at: start + 1000 });
    expect(titles()).toEqual(before);
    driver.press('escape');
    expect(titles()).toEqual(before.toReversed());
  });

  test('a title is cut only where the reasons beside it need the room', () => {
    const desk = new FakeDesk();
    const file = examplePlaybook();
    const title = 'Web node unhealthy: pencils down, or up and not answering';
    const long = { ...file, playbook: { ...file.playbook, title } };
    const at = (alerts: readonly Alert[]): string => {
      const driver = drive({ ...testConsole({ ...pencilFleet(), alerts }, armed), playbooks: playbooksWith(desk, { files: [long] }) });
      driver.press('p');
      return screen(driver);
    };
    const quiet = at([]);
    expect(quiet).toContain(title.slice(0, 44));
    expect(quiet).not.toContain('WHY');
    expect(at([alert])).toMatch(/WHY/);
  });

  test('marked hosts are what it is opened for, and one field of one host is not guessed from several', () => {
    const { driver } = on(armed, []);
    driver.press('*', 'p');
    expect(screen(driver)).toMatch(/node \(to fill in\)/);
  });

  test('a read-only console and one without a journal start nothing, and say why', () => {
    for (const spec of [{ readOnly: true }, { ...armed, journalFailure: 'the disk is full' }]) {
      const { driver, desk } = on(spec);
      driver.press('p', 's');
      expect(driver.session.ui.getState().dialog).toBeNull();
      expect(driver.session.ui.getState().note?.text).toMatch(/read-only|the disk is full/);
      expect(desk.started).toEqual([]);
    }
  });

  test('the command line starts one by name, after its inputs', () => {
    const { driver } = on();
    driver.press(':');
    driver.type('run web-node');
    driver.press('enter');
    expect(screen(driver)).toContain('start: Web node unhealthy');
  });
});
