import { resolveSetting } from '../config/resolve-setting.ts';
import type { Fleet, Setting } from '../fleet/definition.ts';
import { redactor } from '../journal/redact.ts';

/** What takes secrets out of a text before it is shown or kept: the fleet file's `redact` patterns and the values of its secret settings. */
export async function maskOf(fleet: Fleet): Promise<(text: string) => string> {
  const settled = await Promise.allSettled(secretSettings(fleet).map((setting) => resolveSetting(setting)));
  // One that cannot be resolved is nobody's secret yet; who needs it says so.
  return redactor(
    fleet.redact,
    settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
  );
}

function secretSettings(fleet: Fleet): Setting[] {
  const tokens = fleet.sources.map((source) => (source.kind === 'gce' || source.kind === 'azure' ? source.token : null));
  const passwords = fleet.checks.map((check) => (check.kind === 'mysql' ? check.password : null));
  return [...tokens, ...passwords, fleet.notify.webhook].filter((setting) => setting !== null);
}
