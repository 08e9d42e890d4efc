import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';

export const projectRoot = join(import.meta.dirname, '..', '..');

/** The bundle that a person runs. Built when it is missing or older than the source, one build at a time. */
export function freshBundle(): string {
  const setUp = 'root=$1; . "$root/scripts/setup.sh"; ensure_node; ensure_bundle';
  execFileSync('sh', ['-euc', setUp, 'sh', projectRoot], {
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(projectRoot, 'dist', 'main.js');
}
