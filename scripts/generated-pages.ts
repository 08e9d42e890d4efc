import { fleetJsonSchema } from '../src/config/fleet-schema.ts';
import { bindingsOf, keyTable } from '../views/keymap.ts';
import { fleetReference } from './fleet-reference.ts';

/** The generated pages of docs/: path and text. */
export function generatedPages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/keys.md', keysPage()],
    ['docs/fleet-file.md', fleetReference(fleetJsonSchema())],
  ]);
}

/** The demo's services stand for any fleet's: the second key after `r` comes from the fleet file. */
function keysPage(): string {
  const serviceKeys = new Map([
    ['nginx', 'n'],
    ['pencils', 'p'],
    ['uwsgi', 'u'],
  ]);
  return `# Keys

Made from the list of bindings that the console itself reads (\`npm run docs\`). In the console \`?\` shows the same, with the reason where a key cannot be used now. The chords \`r …\` come from \`key:\` of the fleet file's services; these are Pencil Code's.

${keyTable(bindingsOf({ serviceKeys }))}`;
}
