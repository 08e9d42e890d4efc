// Bundles the console: one small entry that turns the compile cache on, and chunks that load only when a command needs them.
import { mkdir, rename, rm } from 'node:fs/promises';
import { build } from 'esbuild';

const out = 'dist';
const fresh = `dist.${process.pid}`;

await build({
  entryPoints: { main: 'src/main.ts' },
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.13',
  jsx: 'automatic',
  minifySyntax: true,
  sourcemap: 'linked',
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"' },
  // Ink asks for the devtools only when DEV is set; leaving the import external would crash at start.
  alias: { 'react-devtools-core': './scripts/empty-module.mjs' },
  // The cloud SDKs and systeminformation are loaded from node_modules, in a child process or late; ssh2's native parts are optional.
  external: ['*.node', 'systeminformation', '@google-cloud/compute', '@azure/*', 'cpu-features'],
  // CommonJS packages expect these three in every chunk.
  banner: {
    js: [
      "import { createRequire as __createRequire } from 'node:module';",
      "import { fileURLToPath as __toPath } from 'node:url';",
      'const require = __createRequire(import.meta.url);',
      'const __filename = __toPath(import.meta.url);',
      "const __dirname = __toPath(new URL('.', import.meta.url));",
    ].join(' '),
  },
  logLevel: 'warning',
});
await rm(out, { recursive: true, force: true });
await mkdir('.', { recursive: true });
await rename(fresh, out);
