import { readFileSync, statSync } from 'node:fs';
import ssh2, { type ParsedKey } from 'ssh2';
import type { Secret } from '../fleet/secret.ts';
import { sanitizeLine } from './sanitize.ts';
import { systemCode } from './socket-error.ts';

/** What a private key file turned out to be. `note` says in a few words why it cannot serve. */
export type KeyFile =
  | { readonly kind: 'key'; readonly key: ParsedKey }
  | { readonly kind: 'locked' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unusable'; readonly note: string };

/** Reads and parses a private key file; with a passphrase when it is encrypted. Parsing an encrypted key costs some 100 ms of CPU. */
export function readKeyFile(file: string, passphrase: Secret | null): KeyFile {
  const name = sanitizeLine(file);
  try {
    const { mode } = statSync(file);
    // As OpenSSH does: a key that others can read is no secret any more.
    if ((mode & 0o077) !== 0) return { kind: 'unusable', note: `${name} can be read by others (chmod 600 it)` };
    return parsePrivateKey(readFileSync(file), name, passphrase);
  } catch (error) {
    const code = systemCode(error);
    return code === 'ENOENT' ? { kind: 'missing' } : { kind: 'unusable', note: `${name} cannot be read (${code ?? 'unknown error'})` };
  }
}

/** A private key out of its text. */
export function parsePrivateKey(text: Buffer | string, name: string, passphrase: Secret | null): KeyFile {
  const parsed = ssh2.utils.parseKey(text, passphrase?.reveal());
  if (!(parsed instanceof Error)) {
    return parsed.isPrivateKey()
      ? { kind: 'key', key: parsed }
      : { kind: 'unusable', note: `${name} holds a public key, not a private one` };
  }
  if (parsed.message.includes('no passphrase given')) return { kind: 'locked' };
  if (/\bsk-/.test(parsed.message) || text.toString('latin1').includes('sk-ssh-')) {
    return { kind: 'unusable', note: `${name} is a FIDO key, which needs \`transport: openssh\`` };
  }
  return { kind: 'unusable', note: `${name} is not a private key this program can read: ${sanitizeLine(parsed.message)}` };
}

/** The public half beside a private key file (`.pub`), as a key blob; `null` when there is none. */
export function publicBlob(file: string): Buffer | null {
  try {
    const words = readFileSync(`${file}.pub`, 'utf8').trim().split(/\s+/);
    return words[1] === undefined ? null : Buffer.from(words[1], 'base64');
  } catch {
    return null;
  }
}
