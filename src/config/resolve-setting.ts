import type { Setting } from '../fleet/definition.ts';
import { Secret } from '../fleet/secret.ts';
import { readBounded } from './bounded-file.ts';

const maxSecretBytes = 64 * 1024;
const othersMayRead = 0o004;

/**
 * The value of a setting, whole but for one line end of a file. Rejects with one plain sentence that never holds the value:
 * the variable is unset or empty, the file is unreadable, empty, or readable by everyone on this machine.
 */
export async function resolveSetting(setting: Setting, env: Readonly<Record<string, string | undefined>> = process.env): Promise<Secret> {
  if (setting.kind === 'literal') return new Secret(setting.value);
  if (setting.kind === 'env') {
    const value = env[setting.name];
    if (value === undefined) throw new Error(`The environment variable ${setting.name}, which the fleet file names, is not set.`);
    if (value === '') throw new Error(`The environment variable ${setting.name}, which the fleet file names, is empty.`);
    return new Secret(value);
  }
  const file = await readBounded(setting.path, maxSecretBytes);
  if (!file.ok) throw new Error(`The file ${setting.path}, which the fleet file names, ${file.text}.`);
  if ((file.mode & othersMayRead) !== 0) {
    throw new Error(`The file ${setting.path} holds a secret but may be read by everyone on this machine; run chmod 600 on it.`);
  }
  const value = file.bytes.toString('utf8').replace(/\r?\n$/, '');
  if (value === '') throw new Error(`The file ${setting.path}, which the fleet file names, is empty.`);
  return new Secret(value);
}
