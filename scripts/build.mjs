// Bundles the console: one small entry that turns the compile cache on, and chunks that load only when a command needs them.
import { rename, rm } from 'node:fs/promises';
import { build } from 'esbuild';
import { bundleOptions } from './bundle-options.mjs';

const out = 'dist';
const fresh = `dist.${process.pid}`;

await build({ ...bundleOptions, entryPoints: { main: 'src/main.ts' }, outdir: fresh });
await rm(out, { recursive: true, force: true });
await rename(fresh, out);
