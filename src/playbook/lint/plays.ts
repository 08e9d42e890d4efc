import { suggestion } from '../../config/nearest.ts';
import { quoted } from '../../config/visible.ts';
import type { Library } from '../library.ts';
import type { Playbook } from '../playbook.ts';
import { playedBy, stepsWithin } from '../runs.ts';
import type { Findings } from './finding.ts';

/** Playbooks that this one goes on with exist, take what they are given, and do not lead back to it. */
export function lintPlays(playbook: Playbook, library: Library, findings: Findings): void {
  const byId = new Map(library.files.map((file) => [file.playbook.id, file.playbook]));
  byId.set(playbook.id, playbook);
  for (const step of [...playbook.steps, ...playbook.finally].flatMap(stepsWithin)) {
    if (step.verb !== 'play') continue;
    const other = byId.get(step.playbook);
    if (other === undefined) {
      findings.atStep(step, {
        rule: 'play',
        message: `There is no playbook ${quoted(step.playbook)}.`,
        remedy: suggestion(step.playbook, byId.keys(), 'Playbooks are') ?? null,
        under: [step.playbook],
      });
      continue;
    }
    const way = wayBack(other, playbook.id, byId);
    if (way !== null)
      findings.atStep(step, {
        rule: 'play-cycle',
        message: `This playbook plays itself: ${[playbook.id, ...way].join(' → ')}.`,
        remedy: 'End it with a stop that names the next playbook.',
        under: [step.playbook],
      });
    const inputs = other.inputs.map((input) => input.name);
    for (const name of Object.keys(step.with)) {
      if (inputs.includes(name)) continue;
      findings.atStep(step, {
        rule: 'play-with',
        message: `${step.playbook} has no input ${quoted(name)}.`,
        remedy: suggestion(name, inputs, 'Its inputs are') ?? 'It has none.',
        under: [`${name}:`],
      });
    }
  }
}

/** Ids from a playbook to the one sought; `null` when none of what it plays leads there. */
function wayBack(from: Playbook, to: string, byId: ReadonlyMap<string, Playbook>): readonly string[] | null {
  const ways: (readonly string[])[] = [[from.id]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const id = way.at(-1) ?? '';
    if (id === to) return way;
    if (seen.has(id)) continue;
    seen.add(id);
    const playbook = byId.get(id);
    if (playbook !== undefined) ways.push(...playedBy(playbook).map((next) => [...(way ?? []), next]));
  }
  return null;
}
