import { readFile } from 'node:fs/promises';

/** How the console is bundled; the benchmarks bundle their own entries the same way, so that they measure what is shipped. */
// Ink's layout engine fetches its own WebAssembly from a data: address, which loads Node's whole HTTP client (about 50 ms) before the
// first frame. Without a `fetch` to be seen it decodes the text itself.
const layoutWithoutFetch = {
  name: 'layout-without-fetch',
  setup(bundle) {
    bundle.onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async ({ path }) => ({
      contents: `const fetch = undefined;\n${await readFile(path, 'utf8')}`,
    }));
  },
};

// An `import` of node:http looks at everything it exports, and its browser classes load the HTTP client of `fetch` (about 50 ms);
// `require` takes only what is asked for.
const httpByRequire = {
  name: 'http-by-require',
  setup(bundle) {
    bundle.onResolve({ filter: /^node:https?$/ }, ({ path, kind }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace: 'by-require' },
    );
    bundle.onLoad({ filter: /.*/, namespace: 'by-require' }, ({ path }) => ({ contents: `module.exports = require('${path}');` }));
  },
};

export const bundleOptions = {
  plugins: [layoutWithoutFetch, httpByRequire],
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
  external: ['*.node', 'systeminformation', '@google-cloud/compute', 'google-auth-library', '@azure/*', 'cpu-features'],
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
};
