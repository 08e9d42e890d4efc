import { join } from 'node:path';
import type { Fleet } from '../fleet/definition.ts';
import { findFleetFile } from '../config/find-fleet.ts';
import { loadFleet } from '../config/load-fleet.ts';
import { formatProblem } from '../config/problem.ts';
import type { Demo } from '../demo/start-demo.ts';
import type { ConnectorOptions } from '../remote/connector.ts';
import type { GlobalOptions } from './global-options.ts';
import { projectRoot } from './project-root.ts';
import { UsageError } from './usage-error.ts';

/** A fleet ready to be connected to; `demo` is running when the fleet is the embedded one. */
export interface OpenFleet {
  readonly fleet: Fleet;
  readonly demo: Demo | null;
  /** Keys the embedded fleet trusts, kept in memory. */
  readonly connectorOptions: ConnectorOptions;
  /** A sentence for the person when the choice of fleet was not their own. */
  readonly said: string | null;
}

export interface DemoChoice {
  readonly hosts: number | null;
  readonly scenario: string | null;
}

/** Loads the fleet the options name, else the user's own, else starts the embedded one. Throws a UsageError with every problem of a bad file. */
export async function openFleet(options: GlobalOptions, demo: DemoChoice | null): Promise<OpenFleet> {
  if (demo !== null) return openDemo(demo, null);
  const found = findFleetFile({ flag: options.fleet ?? undefined, env: process.env, home: homeFolder(), project: projectRoot() });
  if ('problem' in found) throw new UsageError(formatProblem(found.problem));
  if ('demo' in found) {
    const said = options.fleet === null ? `${found.why}: this is the embedded demo fleet (README, "Five minutes to your own fleet")` : null;
    return openDemo({ hosts: null, scenario: null }, said);
  }
  return { fleet: await readFleet(found.path), demo: null, connectorOptions: {}, said: null };
}

/** Reads and checks a fleet file; a UsageError holds every problem, one after another. */
export async function readFleet(path: string): Promise<Fleet> {
  const loaded = await loadFleet(path);
  if (loaded.ok) return loaded.fleet;
  throw new UsageError(loaded.problems.map(formatProblem).join('\n'));
}

async function openDemo(choice: DemoChoice, said: string | null): Promise<OpenFleet> {
  const { startDemo } = await import('../demo/start-demo.ts');
  const { fleetOnLoopback } = await import('../demo/fleet-on-loopback.ts');
  const written = await readFleet(join(projectRoot(), 'config', 'demo.yaml'));
  const demo = await startDemo({
    ...(choice.hosts === null ? {} : { hosts: choice.hosts }),
    ...(choice.scenario === null ? {} : { scenario: choice.scenario }),
  }).catch((error: unknown) => {
    throw new UsageError(error instanceof Error ? error.message : 'the embedded fleet did not start');
  });
  return {
    fleet: fleetOnLoopback(written, demo),
    demo,
    connectorOptions: { identityPem: demo.identityPem, knownHostLines: demo.knownHostLines },
    said,
  };
}

export function homeFolder(): string {
  return process.env['HOME'] ?? '/';
}
