import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2';

/** Best first; ssh-rsa (SHA-1) and ssh-dss are not offered. */
const hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** The key type that an algorithm signs with. */
function keyTypeOfAlgorithm(algorithm: ServerHostKeyAlgorithm): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm;
}

/**
 * What we offer a server, fastest first: aes128-gcm costs 100 µs per host and poll with ssh2's native part and 275 without, curve25519
 * 5 ms a connect; Diffie-Hellman group exchange blocks the event loop for more than a second and is left out.
 * @param knownTypes key types under which known_hosts has the host: those algorithms go first, as OpenSSH orders them, so that a
 * server with several keys presents the one we can check.
 */
export function ssh2Algorithms(knownTypes: readonly string[]): Algorithms {
  const known = hostKeyAlgorithms.filter((algorithm) => knownTypes.includes(keyTypeOfAlgorithm(algorithm)));
  const others = hostKeyAlgorithms.filter((algorithm) => !known.includes(algorithm));
  return {
    kex: [
      'curve25519-sha256',
      'curve25519-sha256@libssh.org',
      'ecdh-sha2-nistp256',
      'ecdh-sha2-nistp384',
      'ecdh-sha2-nistp521',
      'diffie-hellman-group14-sha256',
      'diffie-hellman-group16-sha512',
      'diffie-hellman-group18-sha512',
    ],
    cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr', 'chacha20-poly1305@openssh.com'],
    hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
    serverHostKey: [...known, ...others],
    compress: ['none'],
  };
}
