import type { FullExecutor } from '../actions/executor.ts';
import { createOwingExecutor } from '../actions/owing-executor.ts';
import type { FleetStore } from '../live/store.ts';
import { PlaybookDesk } from '../playbook/desk.ts';
import type { Prompts } from '../remote/connection.ts';
import type { Console } from '../../views/console.ts';
import type { GlobalOptions } from './global-options.ts';
import type { ChosenFleet } from './open-fleet.ts';
import { approvalsOnScreen } from './approvals-on-screen.ts';
import { consoleCost } from './console-cost.ts';
import { journalOnScreen } from './journal-on-screen.ts';
import { contactsOnScreen } from './contacts-on-screen.ts';
import { incidentsOnScreen, routinesOnScreen } from './incident/on-screen.ts';
import { keepRecord } from './keep-record.ts';
import { operator } from './operator.ts';
import { type Notices, openNotices } from './notices.ts';
import { openOrFailed, openStateDir, usableStateDir } from './open-state-dir.ts';
import { playbooksOnScreen } from './playbooks-on-screen.ts';
import { openSession, type Session } from './session.ts';

/** All of a console that its first frame does without. */
export interface Behind {
  readonly options: GlobalOptions;
  readonly chosen: ChosenFleet;
  readonly store: FleetStore;
  readonly prompts: Prompts;
  /** The console on the screen, completed in place. */
  readonly shown: Console;
}

/** What is still to be told when a console closes has so long, ms; the rest is sent by the next one. */
const lastWordsMs = 1500;

/** Opens fleet, connections and journal behind a console that is on the screen already, and starts polling. Resolves with how to close them. */
export async function openBehind({ options, chosen, store, prompts, shown }: Behind): Promise<() => Promise<void>> {
  const session = await openSession(options, { continuous: true, chosen, prompts, store });
  const notices = openNotices(session, openOrFailed(session.mask, options), options, (what) => shown.attention.attend(what));
  const { journal } = notices;
  const executor = createOwingExecutor({
    world: session.live,
    journal,
    readOnly: shown.readOnly,
    who: shown.operator,
    redact: session.mask,
    presence: true,
  });
  const desk = new PlaybookDesk({
    world: session.live,
    executor,
    journal,
    who: shown.operator,
    redact: session.mask,
    typedNames: session.demo !== null,
    ...notices.forRuns,
  });
  const approvals = approvalsOnScreen(session, executor.approvals, (what) => shown.attention.attend(what));
  Object.assign(shown, { approvals }, partsOf(session, executor, notices, desk, options));
  const endRecord = keepRecord({
    store,
    journal,
    dir: usableStateDir(options),
    fleet: session.fleet.name,
    who: shown.operator,
    pollMs: session.fleet.poll.everyMs,
    now: session.live.clock.wallMs,
  });
  // Whatever is wrong with the file is said where it is missed.
  void contactsOnScreen(session.fleet.contacts, session.demo === null ? 'person' : 'program').then((contacts) =>
    Object.assign(shown, { contacts }),
  );
  session.live.start();
  approvals.start();
  return async () => {
    approvals.stop();
    await desk.leave();
    await executor.leave();
    endRecord();
    await notices.close(lastWordsMs);
    journal.close();
    await session.stop();
  };
}

function partsOf(
  session: Session,
  executor: FullExecutor,
  { journal, notifier }: Notices,
  desk: PlaybookDesk,
  options: GlobalOptions,
): Partial<Console> {
  const { fleet, live, demo, mask } = session;
  const telling = { fleet, journal, who: operator(), mask, clock: live.clock, dir: () => openStateDir(options) };
  return {
    executor,
    scenarios:
      demo === null
        ? null
        : {
            list: demo.scenarios.map((scenario) => ({ name: scenario.name, text: scenario.what })),
            current: () => demo.current(),
            set: (name) => demo.setScenario(name),
          },
    environments: fleet.environments,
    serviceKeys: keysOf(fleet.services),
    backupKeys: keysOf(fleet.backups),
    catalogue: fleet,
    limits: fleet.limits,
    staleMs: fleet.poll.staleMs,
    journalFailure: () => journal.failure,
    journal: journalOnScreen(journal, () => openStateDir(options), live.clock),
    incidents: incidentsOnScreen(telling),
    routines: routinesOnScreen(telling),
    playbooks: playbooksOnScreen(session.playbooks, desk),
    notices: () => notifier.status(),
    bell: fleet.notify.bell,
    cost: consoleCost(() => live.wire(), live.clock),
    clock: live.clock.wallMs,
    refresh: () => void live.refresh(),
  };
}

function keysOf(specs: readonly { readonly name: string; readonly key: string | null }[]): ReadonlyMap<string, string> {
  return new Map(specs.flatMap(({ name, key }) => (key === null ? [] : [[name, key] as const])));
}
