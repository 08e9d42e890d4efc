import type { Host } from '../../fleet/host.ts';
import type { memberPlaces } from '../../fleet/pool.ts';
import { withinShell } from '../../fleet/shell-quotes.ts';
import { shq } from '../../remote/quote.ts';
import { visibleName } from '../../remote/sanitize.ts';

/** A command of the fleet file with its places filled, or why it cannot be. */
export type FilledCommand = { readonly ok: true; readonly command: string } | { readonly ok: false; readonly why: string };

/** Values that mean the same inside quotes of any kind as outside of them. */
const plainValue = /^[A-Za-z0-9_@%+:,./][A-Za-z0-9_@%+=:,./-]*$/;

/**
 * Fills `{{ member }}` (or `{{ host }}`), `{{ address }}` and `{{ zone }}`, each as one quoted word. Inside the template's own quotes only
 * values that need none may stand: a quoted word there would come apart again.
 */
export function fillCommand(template: string, host: Host): FilledCommand {
  const values: Readonly<Record<(typeof memberPlaces)[number], string | null>> = {
    member: host.name,
    host: host.name,
    address: host.address,
    zone: host.zone,
  };
  let out = '';
  let at = 0;
  for (const match of template.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)) {
    const before = template.slice(at, match.index);
    const within = withinShell(template.slice(0, match.index));
    const place = match[1] ?? '';
    if (!isPlace(values, place)) return { ok: false, why: `its command names {{ ${place} }}; there are member, address and zone` };
    const value = values[place];
    if (value === null || value === '') return { ok: false, why: `the inventory gives ${visibleName(host.name)} no ${place}` };
    if (value.startsWith('-') || /\p{Cc}/u.test(value)) {
      return { ok: false, why: `the ${place} ${visibleName(value)} cannot be put into a command` };
    }
    if (within === 'glued') return { ok: false, why: `write {{ ${place} }} without $ or \\ before it: that would take it as its own` };
    if (within !== null && !plainValue.test(value)) {
      return {
        ok: false,
        why: `write {{ ${place} }} without quotes around it: it is quoted where it lands, and ${visibleName(value)} needs that`,
      };
    }
    out += before + (within === null ? shq(value) : value);
    at = match.index + match[0].length;
  }
  return { ok: true, command: out + template.slice(at) };
}

function isPlace<Place extends string>(values: Readonly<Record<Place, unknown>>, place: string): place is Place {
  return Object.hasOwn(values, place);
}
