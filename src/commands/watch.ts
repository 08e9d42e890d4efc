import type { Alert } from '../fleet/alert.ts';
import type { Host } from '../fleet/host.ts';
import type { Sample } from '../fleet/sample.ts';
import { systemClock } from '../poll/clock.ts';
import type { GlobalOptions } from './global-options.ts';
import { keepRecord } from './keep-record.ts';
import { openOrFailed, usableStateDir } from './open-state-dir.ts';
import { operator } from './operator.ts';
import { openSession } from './session.ts';
import { alertJson, hostJson } from './status-json.ts';
import { untilStopped } from './until-stopped.ts';

/** Streams a line per sample and per alert change until interrupted. JSON lines with `json`, else only alert changes in words. */
export async function watch(options: GlobalOptions, json: boolean): Promise<number> {
  const session = await openSession(options, { continuous: true });
  if (session.said !== null) process.stderr.write(`${session.said}\n`);
  const stop = new AbortController();
  const print = (value: Record<string, unknown>, words: string | null): void => {
    if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
    else if (words !== null) process.stdout.write(`${words}\n`);
  };
  // A reader that has gone (`watch | head`) ends the command quietly.
  process.stdout.on('error', () => stop.abort());
  session.live.listen({
    sample: (host: Host, sample: Sample) => {
      const view = session.live.view(host.id);
      if (view !== null) print({ type: 'sample', at: new Date(sample.at).toISOString(), host: hostJson(view, Date.now()) }, null);
    },
    reach: (host, reach) =>
      print({ type: 'reach', at: new Date().toISOString(), host: host.id, name: host.name, reach: reach.reach, why: reach.why }, null),
    check: () => {},
    checkHere: (check) => print({ type: 'check', ...check, at: new Date(check.at).toISOString() }, null),
  });
  let known = new Map<string, Alert>();
  session.store.subscribe((state) => {
    const next = new Map(state.alerts.map((alert) => [alert.id, alert]));
    for (const [id, alert] of next) {
      const before = known.get(id);
      const change =
        before === undefined ? 'raised' : before.severity !== alert.severity || before.cause !== alert.cause ? 'changed' : null;
      if (change !== null)
        print({ type: 'alert', change, at: new Date(state.at).toISOString(), alert: alertJson(alert) }, words(change, alert, state.at));
    }
    for (const [id, alert] of known) {
      if (!next.has(id))
        print(
          { type: 'alert', change: 'cleared', at: new Date(state.at).toISOString(), alert: alertJson(alert) },
          words('cleared', alert, state.at),
        );
    }
    known = next;
  });
  const journal = openOrFailed(session.mask, options);
  const endRecord = keepRecord({
    store: session.store,
    journal,
    dir: usableStateDir(options),
    fleet: session.fleet.name,
    who: operator(),
    pollMs: session.fleet.poll.everyMs,
    now: systemClock.wallMs,
  });
  session.live.start();
  await untilStopped(stop.signal);
  endRecord();
  journal.close();
  await session.stop();
  return 0;
}

function words(change: string, alert: Alert, at: number): string {
  return `${new Date(at).toISOString()} ${change} ${alert.severity} ${alert.name} ${alert.hostName ?? ''}: ${alert.what}`;
}
