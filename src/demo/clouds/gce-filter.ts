import { CloudFault } from './cloud-fault.ts';
import type { CloudMachine } from './cloud-machine.ts';

/**
 * The part of the API's list filter that fleet files use: `labels.env=prod`, `labels.owner:*`, `status=RUNNING`, `name!=web3`,
 * terms in parentheses side by side for AND, and the older `name eq REGEX` alone.
 * @throws CloudFault 400 for what it does not know, as the API does for what it cannot parse.
 */
export function matchesFilter(filter: string | null, machine: CloudMachine): boolean {
  const text = filter?.trim() ?? '';
  if (text === '') return true;
  const old = /^name (eq|ne) (\S+)$/.exec(text);
  if (old !== null) return new RegExp(`^(?:${old[2] ?? ''})$`).test(machine.name) === (old[1] === 'eq');
  const terms = text.startsWith('(') ? [...text.matchAll(/\(([^()]*)\)/g)].map((found) => found[1] ?? '') : text.split(/\s+AND\s+/);
  return terms.every((term) => holds(term.trim(), machine));
}

function holds(term: string, machine: CloudMachine): boolean {
  const [, field = '', operator = '', quoted = ''] = /^([\w.-]+)\s*(!=|=|:)\s*(.+)$/.exec(term) ?? [];
  const value = quoted.replace(/^"(.*)"$/, '$1');
  const has = valueOf(field, machine);
  if (operator === '') throw new CloudFault(400, 'invalid', `Invalid value for field 'filter': '${term}'. Invalid list filter expression.`);
  if (operator === ':') return value === '*' ? has !== null : (has?.includes(value) ?? false);
  return (has === value) === (operator === '=');
}

function valueOf(field: string, machine: CloudMachine): string | null {
  if (field.startsWith('labels.')) return machine.labels[field.slice('labels.'.length)] ?? null;
  if (field === 'name') return machine.name;
  if (field === 'status') return machine.power === 'running' ? 'RUNNING' : 'TERMINATED';
  if (field === 'zone') return machine.zone;
  throw new CloudFault(400, 'invalid', `Invalid value for field 'filter': '${field}'. Invalid list filter expression.`);
}
