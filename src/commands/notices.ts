import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal } from '../journal/entry.ts';
import { reportingJournal } from '../actions/change-reporter.ts';
import { createNotifier, type Notifier } from '../notify/notifier.ts';
import type { Playbook } from '../playbook/playbook.ts';
import type { RunHandle } from '../playbook/run/run-view.ts';
import type { DeskRun } from '../playbook/desk-run.ts';
import type { DeskParts } from '../playbook/desk.ts';
import { reportRun } from '../playbook/run-report.ts';
import type { Fleet } from '../fleet/definition.ts';
import type { Attention } from '../notify/attention.ts';
import { AttentionBell, takesNotices } from '../notify/attention-bell.ts';
import type { GlobalOptions } from './global-options.ts';
import { usableStateDir } from './open-state-dir.ts';
import { operator } from './operator.ts';
import type { Session } from './session.ts';
import type { Clock } from '../poll/clock.ts';

/** What a console tells people who do not look at it. */
export interface Notices {
  readonly notifier: Notifier;
  /** The journal, which tells the ops log of changes outside runs. */
  readonly journal: Journal;
  /** What a desk of runs calls. */
  readonly forRuns: Required<Pick<DeskParts, 'onRun' | 'onTell' | 'onNudge' | 'onGivenUp'>>;
  /** Sends what waits, for so long, and stops; what is left is sent by the next console. */
  close(withinMs: number): Promise<void>;
}

/** What notices need of a session. */
type NoticeSession = Pick<Session, 'fleet' | 'mask' | 'demo'> & { readonly live: { readonly clock: Pick<Clock, 'wallMs'> } };

/** `attend` calls the person at this console. */
export function openNotices(session: NoticeSession, given: Journal, options: GlobalOptions, attend: (what: Attention) => void): Notices {
  const { fleet, mask, live } = session;
  const now = live.clock.wallMs;
  const notifier = createNotifier(fleet, noticeDir(session, options), { now, redact: mask });
  const journal = reportingJournal({ journal: given, fleet: fleet.name, report: (line) => notifier.report(line) });
  const told = new Set<Promise<void>>();
  const closing = new AbortController();
  const tellOf = (run: Pick<RunHandle, 'view' | 'done'>, playbook: Playbook, givenUp: boolean): void => {
    const report = (line: string, to: string | null): void => notifier.report(line, to);
    const about = { fleet: fleet.name, who: operator(), now, closing: closing.signal };
    const telling = reportRun({ run, playbook, journal, report, givenUp, ...about });
    told.add(telling);
    void telling.then(() => told.delete(telling));
  };
  const onRun = (run: DeskRun): void => {
    tellOf(run, run.playbook, false);
    void run.done.then(({ phase }) => {
      if (phase.phase === 'closed') attend({ kind: 'run-ended', well: phase.result === 'ok' || phase.result === 'undone' });
    });
  };
  return {
    notifier,
    journal,
    forRuns: {
      onRun,
      onGivenUp: (view, playbook) => tellOf({ view: () => view, done: Promise.resolve(view) }, playbook, true),
      onTell: (_run, text, to) => notifier.tell(text, to),
      onNudge: (run, text) => {
        const asked = run.asked();
        notifier.tell(`A run waits for an answer: ${text}`, null);
        // A wait for a signature is told as it begins, any other question once it was left alone.
        attend({ kind: 'question', waitedMs: asked === null ? 0 : now() - asked.since });
      },
    },
    close: async (withinMs) => {
      closing.abort();
      // Written by now, all of them: nothing in it waits.
      await Promise.all(told);
      await notifier.drain(withinMs);
      await notifier.stop();
    },
  };
}

/** Calls the person at a command's terminal; nobody where standard error is none. */
export function ringOf({ notify }: Pick<Fleet, 'notify'>): (what: Attention) => void {
  if (!process.stderr.isTTY) return () => {};
  const bell = new AttentionBell({
    now: () => performance.now(),
    write: (bytes) => void process.stderr.write(bytes),
    bell: () => notify.bell,
    notices: takesNotices(process.env['TERM']),
  });
  return (what) => bell.attend(what);
}

/** What happens on the embedded fleet is kept apart from what happens on real ones. */
function noticeDir({ demo }: Pick<Session, 'demo'>, options: GlobalOptions): string {
  const dir = usableStateDir(options);
  // The notifier says that it cannot write there.
  if (dir === null) return options.stateDir ?? '/nonexistent';
  if (demo === null) return dir;
  const own = join(dir, 'demo');
  try {
    mkdirSync(own, { mode: 0o700 });
  } catch {
    // It is there, or the notifier says why it is not.
  }
  return own;
}
