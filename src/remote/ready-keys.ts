import { createSecretKey } from 'node:crypto';
import type { Client } from 'ssh2';

/**
 * Without its native part ssh2 makes a cipher for every AES-GCM packet from the raw key, and Node spends three quarters of that time on
 * finding out what kind of key it was given. This hands it the keys of a finished handshake as key objects: a poll costs a quarter less.
 * ssh2 keeps them in fields it does not document, so whatever looks otherwise than in 1.17 is left as it is, and stays as correct.
 */
export function readyKeys(client: Client): void {
  const protocol = objectAt(client, '_protocol');
  replaceKey(objectAt(protocol, '_cipher'), '_encKey');
  replaceKey(objectAt(protocol, '_decipher'), '_decipherKey');
}

function objectAt(holder: object | null, field: string): object | null {
  const value: unknown = holder === null ? null : Reflect.get(holder, field);
  return typeof value === 'object' ? value : null;
}

/** Only AES-GCM ciphers in JavaScript keep a key in these fields beside a name for OpenSSL. */
function replaceKey(cipher: object | null, field: '_encKey' | '_decipherKey'): void {
  const key = objectAt(cipher, field);
  if (cipher !== null && Buffer.isBuffer(key)) Reflect.set(cipher, field, createSecretKey(key));
}
