import { parseFleet } from '../../src/config/parse-fleet.ts';
import type { Fleet } from '../../src/fleet/definition.ts';

/** A fleet that tells these. */
export function fleetThatTells(notify: { readonly webhook?: string; readonly smtp?: string }): Fleet {
  const webhook = notify.webhook === undefined ? '' : `webhook: { env: ${notify.webhook} }`;
  const mail = notify.smtp === undefined ? '' : `mail: { to: systems@example.org, smtp: "${notify.smtp}" }`;
  const parsed = parseFleet(
    `fleet: aslo\ninventory: [{ static: [{ name: web1, role: web }] }]\nnotify: { ${[webhook, mail].filter((part) => part !== '').join(', ')} }\n`,
    'fleet.yaml',
    '/home/x',
  );
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => problem.message).join('; '));
  return parsed.fleet;
}
