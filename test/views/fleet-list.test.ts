import { describe, expect, test } from 'vitest';
import { matches, parseFilter } from '../../views/filter.ts';
import { sortHosts } from '../../views/order.ts';
import { screenOf } from '../../views/state.ts';
import { drive, rowNames } from './drive.ts';
import { fleetState, hostView, manyHosts, pencilFleet, start, testConsole } from './fixture.ts';

const shown = (filter: string): string[] =>
  pencilFleet()
    .hosts.filter((view) => matches(view, parseFilter(filter)))
    .map((view) => view.host.name);

describe('filter', () => {
  test('a plain word is looked for in names, roles and services', () => {
    expect(shown('web')).toEqual(['web1', 'web2', 'web3', 'web4']);
    expect(shown('uwsgi')).toEqual(['web1', 'web2', 'web3', 'web4']);
  });

  test('an exclamation mark leaves out, a tilde is fuzzy, and words are joined by and', () => {
    expect(shown('!web')).toEqual(['nfs1', 'control1']);
    expect(shown('~cntrl')).toEqual(['control1']);
    expect(shown('web !web3 !4')).toEqual(['web1', 'web2']);
  });

  test('key=value asks for a label or a field of the host', () => {
    expect(shown('role=nfs')).toEqual(['nfs1']);
    expect(shown('health=warn')).toEqual(['web2']);
    const labelled = hostView({ name: 'a', role: 'web', labels: { Team: 'Blue' } }, start, 1);
    expect(matches(labelled, parseFilter('team=blue'))).toBe(true);
    expect(matches(labelled, parseFilter('team=red'))).toBe(false);
  });

  test('it narrows while it is typed, stays as a chip, and escape takes it back', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('/');
    driver.type('web');
    expect(rowNames(driver)).toHaveLength(4);
    driver.press('enter');
    expect(driver.frame().at(-2)).toContain(' web ');
    driver.press('/');
    driver.type('x');
    driver.press('escape');
    expect(driver.session.ui.getState().filter).toBe('web');
    driver.press('escape');
    expect(rowNames(driver)).toHaveLength(6);
  });

  test('n finds the next match of a filter that was let go', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('/');
    driver.type('web3');
    driver.press('enter', 'escape', 'g', 'n');
    expect(driver.session.selected()?.host.name).toBe('web3');
  });

  test('what is wrong is all that is left after !', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('!');
    expect(rowNames(driver)).toEqual(['nfs1', 'web2']);
    driver.press('!');
    expect(rowNames(driver)).toHaveLength(6);
  });
});

describe('order of rows', () => {
  test('the worst come first and equals stand in natural order', () => {
    expect(rowNames(drive(testConsole(pencilFleet())))).toEqual(['nfs1', 'web2', 'control1', 'web1', 'web3', 'web4']);
    const two = ['web10', 'web9'].map((name) => hostView({ name, role: 'web' }, start, 1));
    expect(sortHosts(two, { column: 'worst', reversed: false }).map((view) => view.host.name)).toEqual(['web9', 'web10']);
  });

  test('a column sorts from the largest down, again reverses, and what was not measured stays last', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('S', 'n');
    expect(rowNames(driver)[0]).toBe('nfs1');
    expect(rowNames(driver).at(-1)).toBe('control1');
    driver.press('S', 'n');
    expect(rowNames(driver).slice(-2)).toEqual(['nfs1', 'control1']);
  });

  test('an unknown sort letter says so and changes nothing', () => {
    const driver = drive(testConsole(pencilFleet()));
    const before = rowNames(driver);
    driver.press('S', 'z');
    expect(rowNames(driver)).toEqual(before);
    expect(driver.session.ui.getState().note?.text).toContain('sorts by nothing');
  });
});

describe('cursor', () => {
  test('four arrows in one chunk move four rows', () => {
    const driver = drive(testConsole(manyHosts(50)));
    driver.pressAtOnce('down', 'down', 'down', 'down');
    expect(driver.session.ui.getState().cursorIndex).toBe(4);
  });

  test('it stays on its host when the order changes', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('j', 'j', 'j');
    expect(driver.session.selected()?.host.name).toBe('web1');
    const hosts = pencilFleet().hosts.map((view) =>
      view.host.name === 'web1' ? { ...view, verdict: { ...view.verdict, health: 'crit' as const } } : view,
    );
    driver.console.store.setState(fleetState(hosts), true);
    expect(rowNames(driver).indexOf('web1')).toBe(1);
    expect(driver.session.selected()?.host.name).toBe('web1');
  });

  test('it stays in the list when its host is gone', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('G');
    driver.console.store.setState(fleetState(pencilFleet().hosts.slice(0, 2)), true);
    expect(driver.session.selected()).not.toBeNull();
  });

  test('pages and edges stay inside the list', () => {
    const driver = drive(testConsole(manyHosts(100)));
    driver.frame(80, 24);
    driver.press('G');
    expect(driver.session.ui.getState().cursorIndex).toBe(99);
    driver.press('ctrl-f', 'ctrl-d', 'ctrl-b');
    expect(driver.session.ui.getState().cursorIndex).toBe(99 - driver.session.viewport.bodyRows);
    driver.press('g', 'k');
    expect(driver.session.ui.getState().cursorIndex).toBe(0);
  });
});

describe('marks', () => {
  test('space marks and goes on, ctrl-space marks the range, star marks all shown, ctrl-backslash clears', () => {
    const driver = drive(testConsole(pencilFleet()));
    const marks = (): number => driver.session.ui.getState().marked.size;
    driver.press('space');
    expect(marks()).toBe(1);
    driver.press('j', 'j', 'ctrl-space');
    expect(marks()).toBe(4);
    driver.press('ctrl-\\');
    expect(marks()).toBe(0);
    driver.press('!', '*');
    expect(marks()).toBe(2);
  });
});

describe('stack of screens', () => {
  test('enter opens the host, escape goes back, and the history goes both ways', () => {
    const driver = drive(testConsole(pencilFleet()));
    const kind = (): string => screenOf(driver.session.ui.getState()).kind;
    driver.press('enter');
    expect(kind()).toBe('host');
    driver.press('y');
    expect(kind()).toBe('raw');
    driver.press('[', '[');
    expect(kind()).toBe('fleet');
    driver.press(']');
    expect(kind()).toBe('host');
    driver.press('escape');
    expect(kind()).toBe('fleet');
  });

  test('q on the first screen asks, and only y leaves', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('q', 'x');
    expect(driver.console.calls.quits).toBe(0);
    driver.press('q', 'y');
    expect(driver.console.calls.quits).toBe(1);
  });

  test('ctrl-c cancels what is open, and twice quits', () => {
    const driver = drive(testConsole(pencilFleet()));
    driver.press('/', 'a', 'ctrl-c');
    expect(driver.session.ui.getState().input).toBeNull();
    expect(rowNames(driver)).toHaveLength(6);
    expect(driver.console.calls.quits).toBe(0);
    driver.press('ctrl-c');
    expect(driver.console.calls.quits).toBe(1);
  });

  test('the command line opens hosts and sets scenarios', async () => {
    const driver = drive(testConsole(pencilFleet(), { demo: true }));
    driver.press(':');
    driver.type('host web3');
    driver.press('enter');
    expect(screenOf(driver.session.ui.getState())).toMatchObject({ kind: 'host', hostId: 'static/web3' });
    driver.press(':');
    driver.type('scenario nfs-hang');
    driver.press('enter');
    await driver.settle();
    expect(driver.console.calls.scenario).toBe('nfs-hang');
  });
});
