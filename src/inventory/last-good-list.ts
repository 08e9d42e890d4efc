import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { cloudHostSchema } from '../cloud/answer-schema.ts';
import type { CloudHost } from '../cloud/calls.ts';
import { readBounded } from '../config/bounded-file.ts';

export const maxListBytes = 64 * 1024 * 1024;

const fileSchema = z.object({
  version: z.literal(1),
  source: z.string(),
  /** Epoch ms. */
  at: z.number().nonnegative(),
  hosts: z.array(cloudHostSchema),
});

/** A source's last good listing, before the fleet file's rules, so that changed rules apply to it too. */
export interface GoodList {
  readonly at: number;
  readonly hosts: readonly CloudHost[];
}

/**
 * Where a source's list is kept. Two fleets may name their sources alike, so that what is asked (`scope`) is part of the name; it is
 * hashed, since a project or subscription may come from a variable that nobody wrote down.
 */
export function goodListPath(stateDir: string, source: string, scope: string): string {
  const readable = source.replace(/[^A-Za-z0-9.-]+/g, '_').slice(0, 60);
  return join(stateDir, 'inventory', `${readable}-${createHash('sha256').update(scope).digest('hex').slice(0, 12)}.json`);
}

/** The kept list, every field checked and every text sanitized; `null` when there is none that can be used. */
export async function readGoodList(path: string, now: number): Promise<GoodList | null> {
  const file = await readBounded(path, maxListBytes);
  const list = file.ok ? goodListFile(file.bytes.toString('utf8')) : null;
  // A clock that was set back must not make it look younger than new.
  return list === null ? null : { at: Math.min(list.at, now), hosts: list.hosts };
}

/** The text of such a file; `null` when it is none. */
export function goodListFile(text: string): GoodList | null {
  try {
    const { at, hosts } = fileSchema.parse(JSON.parse(text));
    return { at, hosts };
  } catch {
    return null;
  }
}

/** Replaces the kept list as a whole: whoever reads meanwhile, or after a crash, finds the old one or the new one. Mode 0600. */
export async function writeGoodList(path: string, source: string, list: GoodList): Promise<void> {
  const folder = join(path, '..');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(fresh, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ version: 1, source, at: list.at, hosts: list.hosts })}\n`);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(fresh, { force: true });
    throw error;
  }
  await file.close();
  await rename(fresh, path);
}
