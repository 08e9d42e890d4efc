import { suggestion } from '../../config/nearest.ts';
import { quoted } from '../../config/visible.ts';
import type { CustomAction, Fleet } from '../../fleet/definition.ts';
import type { CatalogueAction, Input, Playbook, Step } from '../playbook.ts';
import { stepsWithin } from '../runs.ts';
import type { Findings, Said } from './finding.ts';
import { actionsOf, probesOf } from './steps.ts';

/** Names of pools, services, checks, roles and own actions that the fleet file does not have. */
export function lintFleet(playbook: Playbook, fleet: Fleet, findings: Findings): void {
  const names = new FleetNames(fleet);
  const head = (key: string): Tell => {
    return (said) => findings.atHead(key, said);
  };
  for (const input of playbook.inputs) names.from(input, head('inputs'));
  for (const { check } of playbook.suggest) if (check !== null) names.known('check', check, head('suggest'));
  for (const lock of playbook.locks) if (lock.startsWith('pool:')) names.known('pool', lock.slice('pool:'.length), head('lock'));
  for (const step of [...playbook.steps, ...playbook.finally].flatMap(stepsWithin)) {
    const tell: Tell = (said) => findings.atStep(step, said);
    if (step.verb === 'ask') for (const field of step.fields) names.from(field, tell);
    for (const probe of probesOf(step)) {
      if (probe.kind === 'pool') names.known('pool', probe.pool, tell);
      if (probe.kind === 'service') names.known('service', probe.service, tell);
    }
    for (const action of actionsOf(step)) names.action(step, action, tell);
  }
}

type Tell = (said: Said) => void;

type Named = Readonly<Record<'pool' | 'service' | 'check' | 'backup' | 'drain' | 'release', readonly string[]>>;

class FleetNames {
  readonly #fleet: Fleet;
  readonly #of: Named;
  readonly #groups: readonly string[];
  /** Whether a role can come from outside the file: from the name of a cloud machine, or from its labels. */
  readonly #openRoles: boolean;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    const named = (all: readonly { readonly name: string }[]): readonly string[] => all.map(({ name }) => name);
    this.#of = {
      pool: named(fleet.pools),
      service: named(fleet.services),
      check: named(fleet.checks),
      backup: named(fleet.backups),
      drain: named(fleet.drains),
      release: named(fleet.releases),
    };
    const roles = new Set<string>([...fleet.sshByRole.keys(), ...fleet.depends.keys()]);
    for (const { on } of [...fleet.services, ...fleet.checks, ...fleet.backups, ...fleet.drains]) for (const role of on) roles.add(role);
    for (const source of fleet.sources) {
      if (source.kind === 'static') for (const { role } of source.hosts) if (role !== null) roles.add(role);
      if (source.kind === 'local' && source.role !== null) roles.add(source.role);
      if (source.kind === 'gce' || source.kind === 'azure') for (const { role } of source.roles) roles.add(role);
    }
    this.#openRoles = fleet.sources.some(
      (source) => (source.kind === 'gce' || source.kind === 'azure') && source.namePattern?.source.includes('(?<role>') === true,
    );
    this.#groups = [...roles, ...named(fleet.environments), ...this.#of.pool];
  }

  known(what: keyof Named, name: unknown, tell: Tell): void {
    const all = this.#of[what];
    if (typeof name !== 'string' || name.includes('{{') || all.includes(name)) return;
    tell({
      rule: what,
      message: `The fleet has no ${what} ${quoted(name)}.`,
      remedy: suggestion(name, all, `Its ${what}s are`) ?? 'The fleet file names none.',
      under: [name],
    });
  }

  from({ name, from }: Input, tell: Tell): void {
    if (from === null || this.#openRoles || this.#groups.includes(from)) return;
    tell({
      rule: 'role',
      message: `${quoted(name)} is to be of ${quoted(from)}, which is no role, environment or pool of the fleet.`,
      remedy: suggestion(from, this.#groups, 'There are') ?? null,
      under: [`from: ${from}`, from],
    });
  }

  action(step: Step, { action, with: given }: CatalogueAction, tell: Tell): void {
    if (action.startsWith('pool.')) this.known('pool', given['pool'], tell);
    if (action.startsWith('service.')) this.known('service', given['service'], tell);
    if (action.startsWith('drain.')) this.known('drain', given['name'], tell);
    if (action === 'backup.run') this.known('backup', given['name'], tell);
    if (action === 'release.rollback') this.known('release', given['release'], tell);
    if (!action.startsWith('custom.')) return;
    const name = action.slice('custom.'.length);
    const own = this.#fleet.actions.find((each) => each.name === name);
    if (own !== undefined) return ownAction(step, own, given, tell);
    const all = this.#fleet.actions.map((each) => `custom.${each.name}`);
    const remedy = suggestion(action, all, 'There are') ?? 'The fleet file has no actions of its own.';
    tell({ rule: 'action', message: `The fleet has no action ${quoted(name)}.`, remedy, under: [action] });
  }
}

function ownAction(step: Step, own: CustomAction, given: Readonly<Record<string, unknown>>, tell: Tell): void {
  const inputs = own.inputs.map(({ name }) => name);
  for (const key of Object.keys(given)) {
    if (key === 'host' || key === 'node' || inputs.includes(key)) continue;
    const remedy = suggestion(key, [...inputs, 'host'], 'It takes');
    tell({ rule: 'with', message: `custom.${own.name} takes no ${quoted(key)}.`, remedy, under: [`${key}:`] });
  }
  const needs = own.inputs.flatMap(({ name, optional }) => (optional ? [] : [name]));
  for (const key of given['node'] === undefined ? ['host', ...needs] : needs) {
    if (given[key] !== undefined) continue;
    tell({ rule: 'with', message: `custom.${own.name} needs ${quoted(key)}.`, remedy: `Add ${key} under "with".`, under: ['with:'] });
  }
  if (step.undo?.kind === 'auto' && own.undo === null)
    tell({
      rule: 'undo-auto',
      message: `custom.${own.name} has no undo in the fleet file.`,
      remedy: 'Say how it is taken back, or none and why.',
      under: ['undo:'],
    });
}
