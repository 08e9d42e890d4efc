import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from '../scripts/bundle-options.mjs';

/** Programs of the benchmarks that run in a process of their own. */
const entries = {
  'bare-ssh2': 'bench/client/bare-ssh2.ts',
  quarterdeck: 'bench/client/quarterdeck.ts',
  screens: 'bench/client/screens.ts',
  'demo-hosts': 'bench/client/demo-hosts.ts',
  'large-fleet': 'bench/client/large-fleet.ts',
} as const;

export type Program = keyof typeof entries;

export interface Bundle {
  /** Path of a program's bundle. */
  file(program: Program): string;
  remove(): void;
}

/** Bundles the measured programs as the console is bundled. They lie inside the project, where packages that stay outside are found. */
export async function bundlePrograms(): Promise<Bundle> {
  const outdir = mkdtempSync('dist.bench-');
  await build({ ...bundleOptions, entryPoints: entries, outdir });
  return {
    file: (program) => join(outdir, `${program}.js`),
    remove: () => rmSync(outdir, { recursive: true, force: true }),
  };
}
