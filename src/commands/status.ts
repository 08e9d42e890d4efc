import type { FleetState } from '../fleet/view.ts';
import { worstExit } from '../health/summary.ts';
import type { GlobalOptions } from './global-options.ts';
import { openSession } from './session.ts';
import { statusJson } from './status-json.ts';
import { statusText } from './status-text.ts';
import { UsageError } from './usage-error.ts';

/** Between the two samples: long enough for rates that mean something, short enough to wait for. */
const gapMs = 1000;

/** Polls every (named) host twice and prints; returns the exit status of the contract: 0 ok, 1 warn, 2 crit, 3 unknown. */
export async function status(names: readonly string[], options: GlobalOptions, json: boolean): Promise<number> {
  const wanted = new Set(names);
  const session = await openSession(options, {
    continuous: false,
    ...(names.length === 0 ? {} : { only: (host) => wanted.has(host.name) || wanted.has(host.id) }),
  });
  try {
    if (session.said !== null) process.stderr.write(`${session.said}\n`);
    await session.live.pollOnce(gapMs);
    const state = session.store.getState();
    const missing = names.filter((name) => !state.hosts.some((view) => view.host.name === name || view.host.id === name));
    if (missing.length > 0)
      throw new UsageError(
        `no host ${missing.map((name) => JSON.stringify(name)).join(', ')} in fleet ${session.fleet.name}; quarterdeck inventory lists them`,
      );
    const now = Date.now();
    process.stdout.write(
      json ? `${JSON.stringify(statusJson(state, options.env, now), null, 2)}\n` : statusText(state, now, options.color),
    );
    return exitOf(state);
  } finally {
    await session.stop();
  }
}

/** A source that could not be listed leaves hosts unknown, so an otherwise good fleet is not called ok. */
function exitOf(state: FleetState): number {
  const sources = state.sources.map((source) => (source.ok && source.missing.length === 0 ? ('ok' as const) : ('unknown' as const)));
  return worstExit([...state.hosts.map((view) => view.verdict.health), ...state.checksHere.map((check) => check.health), ...sources]);
}
