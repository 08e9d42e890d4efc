import { parseFleet } from '../../src/config/parse-fleet.ts';
import type { Contact } from '../../src/fleet/contact.ts';
import { incidentsOnScreen, routinesOnScreen, type TellingParts } from '../../src/commands/incident/on-screen.ts';
import { openJournal } from '../../src/journal/sqlite-journal.ts';
import { ownDir } from '../journal/fixture.ts';
import { watchPlaybooks } from '../../views/playbook-flow.ts';
import { type Driver, drive } from './drive.ts';
import { type FakeDesk, playbooksWith } from './fake-desk.ts';
import { pencilFleet, testConsole, type TestConsole } from './fixture.ts';

const fleetText = `fleet: pencilcode
title: Pencil Code
inventory: [{ static: [{ name: web1, address: 10.1.2.3, role: web }] }]
routines: { daily: [backups younger than 26h], weekly: [disks of nfs1] }
`;

export interface Deck {
  readonly driver: Driver;
  readonly console: TestConsole;
  readonly journal: ReturnType<typeof openJournal>;
  /** State directory. */
  readonly dir: string;
  text(columns?: number, lines?: number): string;
}

/** A console over the fixed fleet with a real journal, whose clock stands until it is moved. */
export function deck(
  spec: {
    readonly readOnly?: boolean;
    readonly fleet?: ReturnType<typeof pencilFleet>;
    readonly contacts?: readonly Contact[] | string;
    readonly runs?: FakeDesk;
  } = {},
): Deck {
  const parsed = parseFleet(fleetText, 'fleet.yaml', '/home/x');
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => problem.message).join('; '));
  const fleet = parsed.fleet;
  const dir = ownDir();
  const state = spec.fleet ?? pencilFleet();
  let now = (): number => state.at;
  const journal = openJournal(dir, () => new Date(now()));
  const partsAt = (clock: () => number): TellingParts => {
    now = clock;
    return { fleet, journal, who: 'kim@desk', mask: (text) => text, clock: { wallMs: clock, monoMs: clock }, dir: () => dir };
  };
  const { contacts, runs } = spec;
  const made = testConsole(state, {
    ...(spec.readOnly === undefined ? {} : { readOnly: spec.readOnly }),
    incidents: (clock) => incidentsOnScreen(partsAt(clock)),
    routines: (clock) => routinesOnScreen(partsAt(clock)),
    journalEntries: (count) => journal.tail(count),
    ...(contacts === undefined
      ? {}
      : {
          contacts: {
            list: typeof contacts === 'string' ? [] : contacts,
            file: '/etc/people.yaml',
            problem: typeof contacts === 'string' ? contacts : null,
          },
        }),
  });
  const console = runs === undefined ? made : { ...made, playbooks: playbooksWith(runs) };
  const driver = drive(console);
  if (runs !== undefined) watchPlaybooks(driver.session);
  return { driver, console, journal, dir, text: (columns = 80, lines = 24) => driver.frame(columns, lines).join('\n') };
}
