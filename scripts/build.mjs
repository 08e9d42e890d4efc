// Bundles the console: one small entry that turns the compile cache on, and chunks that load only when a command needs them. The child
// process that holds a cloud's SDK is an entry of its own; src/cloud/child-program.ts finds it by this name.
import { rename, rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { bundleOptions } from './bundle-options.mjs';

const out = 'dist';
const fresh = `dist.${process.pid}`;

await build({ ...bundleOptions, entryPoints: { main: 'src/main.ts', 'cloud-child': 'src/cloud/child-main.ts' }, outdir: fresh });
await rm(out, { recursive: true, force: true });
await rename(fresh, out);
