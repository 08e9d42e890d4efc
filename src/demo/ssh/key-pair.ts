import ssh2 from 'ssh2';

/** Both halves in OpenSSH's formats. */
export interface KeyPair {
  readonly private: string;
  readonly public: string;
}

/** More failures in a row than chance gives. */
const mostTries = 50;

/** A new ed25519 pair. About one in two hundred that ssh2 1.17 writes cannot be read back by anybody, itself included; those are thrown away. */
export function makeKeyPair(comment = ''): KeyPair {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    if (belongTogether(pair)) return pair;
  }
  throw new Error('no readable SSH key could be made for the embedded fleet');
}

/** Whether both halves can be read and one proves what the other signs. */
function belongTogether(pair: KeyPair): boolean {
  const secret = ssh2.utils.parseKey(pair.private);
  const known = ssh2.utils.parseKey(pair.public);
  if (secret instanceof Error || known instanceof Error) return false;
  const signature: Buffer | Error = secret.sign('any text');
  return Buffer.isBuffer(signature) && known.verify('any text', signature) === true;
}
