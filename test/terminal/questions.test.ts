import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeKey, type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { PtyConsole } from './pty-console.ts';

const passphrase = 'correct horse 7 battery';

describe.skipIf(sshdMissing())('questions of the connection, asked on the screen', () => {
  let sshd: RunningSshd;
  let lockedKey: string;
  let shown: PtyConsole | null = null;

  beforeAll(async () => {
    sshd = await startSshd();
    lockedKey = makeKey(sshd.directory, 'locked', { passphrase });
    const allowed = join(sshd.directory, 'authorized_keys');
    writeFileSync(allowed, `${readFileSync(allowed, 'utf8')}${readFileSync(`${lockedKey}.pub`, 'utf8')}`);
  });
  afterEach(async () => {
    await shown?.stop();
    shown = null;
  });
  afterAll(() => sshd.stop());

  /** A fleet of this one sshd, with the key and the file of known hosts given. */
  const openWith = (name: string, identity: string, knownHosts: string): PtyConsole => {
    const file = join(sshd.directory, `${name}.yaml`);
    writeFileSync(
      file,
      `fleet: ${name}
environments: { prod: { match: { name: "." }, danger: true } }
inventory: [{ static: [{ name: web1, address: 127.0.0.1, port: ${sshd.port}, user: ${sshd.user}, role: web, env: prod }] }]
ssh: { identity: [${identity}], agent: false, config: none, known_hosts: [${knownHosts}], host_keys: ask }
poll: { every: 1s, deadline: 5s }
`,
    );
    shown = new PtyConsole(['--fleet', file], { columns: 100, lines: 30 });
    return shown;
  };

  test('an unknown host key is asked about with its fingerprint, and a typed yes keeps it', { timeout: 60_000 }, async () => {
    const knownHosts = join(sshd.directory, 'known_empty');
    const console = openWith('asked', sshd.identityFile, knownHosts);
    const question = await console.until(/SHA256:/);
    expect(question).toContain('ssh-ed25519');
    expect(question).toContain(`[127.0.0.1]:${sshd.port}`);
    await console.press('y\r', 'Type yes in full');
    await console.press('\u0015yes\r', /● web1 /);
    expect(readFileSync(knownHosts, 'utf8')).toContain(sshd.hostKeys[0]?.publicKey ?? 'no host key');
    await console.stop();

    const again = openWith('asked', sshd.identityFile, knownHosts);
    const known = await again.until(/● web1 /);
    expect(known).not.toContain('SHA256:');
  });

  test('a refused host key stays unknown, nothing is written, and nobody is asked at every poll', { timeout: 60_000 }, async () => {
    const knownHosts = join(sshd.directory, 'known_never');
    const console = openWith('refused', sshd.identityFile, knownHosts);
    await console.until(/SHA256:/);
    await console.press('\u001b', (screen) => /\? web1 /.test(screen) && !screen.includes('SHA256:'));
    expect(existsSync(knownHosts) ? readFileSync(knownHosts, 'utf8') : '').toBe('');
  });

  test('a passphrase is typed hidden, is never on the screen, and opens the key', { timeout: 60_000 }, async () => {
    const console = openWith('locked', lockedKey, sshd.writeKnownHosts());
    await console.until(/passphrase/i);
    await console.press('wrong one\r', 'That was not the passphrase.');
    const typed = await console.press(passphrase, '•'.repeat(passphrase.length));
    expect(typed).not.toContain(passphrase.slice(0, 7));
    await console.press('\r', /● web1 /);
    expect(console.written).not.toContain(passphrase);
    expect(console.written).not.toContain('wrong one');
    for (let at = 0; at < passphrase.length - 3; at += 1) expect(console.written).not.toContain(passphrase.slice(at, at + 4));
  });
});
