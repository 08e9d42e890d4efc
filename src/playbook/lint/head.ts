import { basename } from 'node:path';
import { suggestion } from '../../config/nearest.ts';
import { quoted } from '../../config/visible.ts';
import type { PlaybookFile } from '../library.ts';
import { placesIn } from '../template.ts';
import type { Findings } from './finding.ts';
import { asWritten } from './names.ts';

const dayMs = 86_400_000;
const reviewedForDays = 180;

/** What the file says of itself. */
export function lintHead({ playbook, file }: PlaybookFile, nowMs: number, findings: Findings): void {
  const name = basename(file).replace(/\.ya?ml$/, '');
  if (name !== playbook.id)
    findings.atHead('playbook', {
      rule: 'id',
      message: `The id ${quoted(playbook.id)} is not the file's name.`,
      remedy: `Call the file ${playbook.id}.yaml, or the playbook ${name}.`,
      under: [playbook.id],
    });
  const days = Math.floor((nowMs - Date.parse(playbook.reviewed)) / dayMs);
  if (days > reviewedForDays)
    findings.atHead('reviewed', {
      rule: 'reviewed',
      severity: 'warning',
      message: `Nobody has walked this playbook for ${days} days.`,
      remedy: 'Walk it in a dry run and write the day under "reviewed".',
      under: [playbook.reviewed],
    });
  for (const lock of playbook.locks) {
    if (/^(node|pool):./.test(lock)) continue;
    findings.atHead('lock', {
      rule: 'lock',
      message: `The lock ${quoted(lock)} is of nothing.`,
      remedy: 'Lock node:NAME or pool:NAME.',
      under: [lock],
    });
  }
  const inputs = playbook.inputs.map((input) => input.name);
  for (const suggested of playbook.suggest) {
    for (const [input, template] of Object.entries(suggested.fill)) {
      if (!inputs.includes(input))
        findings.atHead('suggest', {
          rule: 'fill',
          message: `${quoted(input)} is filled in and is no input.`,
          remedy: suggestion(input, inputs, 'Inputs are') ?? 'Make it an input.',
          under: [`${input}:`],
        });
      for (const place of placesIn(template)) {
        if (/^alert\.(labels\.[A-Za-z_][\w-]*|[a-z]+)$/i.test(place)) continue;
        findings.atHead('suggest', {
          rule: 'fill',
          message: `{{ ${place} }} has no value where an alert fills in an input.`,
          remedy: 'It may name alert.host or alert.labels.NAME.',
          under: asWritten(place),
        });
      }
    }
  }
}
