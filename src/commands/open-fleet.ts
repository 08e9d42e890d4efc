import { join } from 'node:path';
import type { Fleet } from '../fleet/definition.ts';
import { findFleetFile } from '../config/find-fleet.ts';
import { formatProblem } from '../config/problem.ts';
import { scenarioNamed } from '../demo/scenarios/catalog.ts';
import { checkSize } from '../demo/size.ts';
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

/** Which fleet is meant, before anything of it is opened: a checked fleet file, or the embedded fleet with a choice that it can fulfil. */
export type ChosenFleet = { readonly file: Fleet } | { readonly demo: DemoChoice; readonly said: string | null };

/** Loads the fleet the options name, else the user's own, else starts the embedded one. Throws a UsageError with every problem of a bad file. */
export async function openFleet(options: GlobalOptions, demo: DemoChoice | null): Promise<OpenFleet> {
  return openChosen(await chooseFleet(options, demo));
}

/** Everything a person can get wrong about a fleet is found here, before a screen opens. Throws a UsageError. */
export async function chooseFleet(options: GlobalOptions, demo: DemoChoice | null): Promise<ChosenFleet> {
  if (demo !== null) return { demo: await checkedChoice(demo, options.env), said: null };
  const found = findFleetFile({ flag: options.fleet ?? undefined, env: process.env, home: homeFolder(), project: projectRoot() });
  if ('problem' in found) throw new UsageError(formatProblem(found.problem));
  if ('demo' in found) {
    const said = options.fleet === null ? `this is the embedded demo fleet; README, "Five minutes to your own fleet" (${found.why})` : null;
    return { demo: await checkedChoice({ hosts: null, scenario: null }, options.env), said };
  }
  const file = await readFleet(found.path);
  checkEnvironment(file, options.env);
  return { file };
}

/** The definition of what was chosen, without opening anything of it. */
export function definitionOf(chosen: ChosenFleet): Promise<Fleet> | Fleet {
  return 'file' in chosen ? chosen.file : demoFile();
}

/** Opens what was chosen; the embedded fleet is started. */
export async function openChosen(chosen: ChosenFleet): Promise<OpenFleet> {
  if ('file' in chosen) return { fleet: chosen.file, demo: null, connectorOptions: {}, said: null };
  return openDemo(chosen.demo, chosen.said);
}

/** Reads and checks a fleet file; a UsageError holds every problem, one after another. */
async function readFleet(path: string): Promise<Fleet> {
  // Loaded late: the console of the embedded fleet draws its first frame without it.
  const { loadFleet } = await import('../config/load-fleet.ts');
  const loaded = await loadFleet(path);
  if (loaded.ok) return loaded.fleet;
  throw new UsageError(loaded.problems.map(formatProblem).join('\n'));
}

/** Throws when the fleet has no environment of that name; `null` means all of them. */
function checkEnvironment(fleet: Fleet, name: string | null): void {
  if (name === null || fleet.environments.some((environment) => environment.name === name)) return;
  const known = fleet.environments.map((environment) => environment.name).join(', ');
  throw new UsageError(`--env ${name}: ${fleet.file} has no such environment; it has ${known}`);
}

async function checkedChoice(choice: DemoChoice, env: string | null): Promise<DemoChoice> {
  try {
    if (choice.hosts !== null) checkSize(choice.hosts);
    if (choice.scenario !== null) scenarioNamed(choice.scenario);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'the embedded fleet cannot be made so');
  }
  if (env !== null) checkEnvironment(await demoFile(), env);
  return choice;
}

const demoFile = (): Promise<Fleet> => readFleet(join(projectRoot(), 'config', 'demo.yaml'));

async function openDemo(choice: DemoChoice, said: string | null): Promise<OpenFleet> {
  const { startDemo } = await import('../demo/start-demo.ts');
  const { fleetOnLoopback } = await import('../demo/fleet-on-loopback.ts');
  const written = await demoFile();
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
