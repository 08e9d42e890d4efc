import { plainFleetSchema } from '../src/config/fleet-schema.ts';
import { fleetReference } from './fleet-reference.ts';
import { keysPage } from './keys-page.ts';

/** The generated pages of docs/: path and text. */
export function generatedPages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/keys.md', keysPage()],
    ['docs/fleet-file.md', fleetReference(plainFleetSchema())],
  ]);
}
