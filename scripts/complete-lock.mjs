// npm leaves optional packages of other platforms out of the lock when it cannot resolve them while locking, and then `npm ci`
// refuses that lock. This adds the missing entries, with the platform their names say: scripts/complete-lock.mjs LOCKFILE
import { readFile, writeFile } from 'node:fs/promises';

const systems = ['android', 'darwin', 'linux', 'win32', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'aix', 'openharmony', 'openharmonyos'];
const processors = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'mips64', 'wasm32'];

function platformOf(name) {
  const words = name.split('/').at(-1).split('-');
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : words.includes('gnu') ? ['glibc'] : [];
  if (cpu.length === 0) return null;
  return { os: os.length > 0 ? os : ['none'], cpu, ...(libc.length > 0 ? { libc } : {}) };
}

const file = process.argv[2] ?? 'package-lock.json';
const lock = JSON.parse(await readFile(file, 'utf8'));
let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (lock.packages[place] || lock.packages[`${path}/${place}`]) continue;
    const platform = platformOf(name);
    if (platform === null) continue;
    lock.packages[place] = { version: range.replace(/^[\^~]/, ''), ...platform, ...(entry.dev ? { dev: true } : {}), optional: true };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
await writeFile(file, `${JSON.stringify(lock, null, 2)}\n`);
console.error(`${file}: ${added} entries added`);
