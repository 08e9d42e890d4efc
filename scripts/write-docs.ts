// Writes the generated pages, docs/keys.md and docs/fleet-file.md: npm run docs. A test fails when they have drifted.
import { writeFileSync } from 'node:fs';
import { generatedPages } from './generated-pages.ts';

for (const [path, text] of generatedPages()) writeFileSync(path, text);
