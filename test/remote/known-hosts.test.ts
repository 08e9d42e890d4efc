import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KnownHosts, keyFingerprint, keyTypeOf, knownHostName, parseKnownHosts } from '../../src/remote/known-hosts.ts';
import { KnownHostsFiles } from '../../src/remote/known-hosts-files.ts';
import { makeKey, sshdMissing } from '../sshd/sshd.ts';

/** A key blob of a type, told apart by `seed`. */
function key(type: string, seed: string): Buffer {
  const name = Buffer.from(type);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return Buffer.concat([length, name, Buffer.from(seed)]);
}

const ed = key('ssh-ed25519', 'one');
const edOther = key('ssh-ed25519', 'two');
const rsa = key('ssh-rsa', 'three');
const b64 = (blob: Buffer): string => blob.toString('base64');

function hosts(...lines: string[]): KnownHosts {
  return new KnownHosts(parseKnownHosts(lines.join('\n'), 'known_hosts'));
}

describe('known_hosts', () => {
  it('knows a host by name, by one of several names, by wildcard and by [name]:port', () => {
    const known = hosts(
      `web1,10.0.0.1 ssh-ed25519 ${b64(ed)} comment`,
      `*.example.org,!bad.example.org ssh-rsa ${b64(rsa)}`,
      `[web1]:2222 ssh-ed25519 ${b64(edOther)}`,
    );
    expect(known.judge(['web1'], ed).kind).toBe('known');
    expect(known.judge(['10.0.0.1'], ed).kind).toBe('known');
    expect(known.judge(['a.example.org'], rsa).kind).toBe('known');
    expect(known.judge(['bad.example.org'], rsa).kind).toBe('unknown');
    expect(known.judge(['[web1]:2222'], edOther).kind).toBe('known');
    expect(known.judge(['web2'], ed).kind).toBe('unknown');
  });

  it('tells a changed key from a new host, with file and line', () => {
    const known = hosts('# comment', '', `web1 ssh-ed25519 ${b64(ed)}`);
    expect(known.judge(['web1'], edOther)).toMatchObject({ kind: 'changed', at: { file: 'known_hosts', line: 3 } });
    expect(known.judge(['web2'], edOther)).toEqual({ kind: 'unknown' });
  });

  it('takes another type of key than the known one for changed, not for new', () => {
    expect(hosts(`web1 ssh-ed25519 ${b64(ed)}`).judge(['web1'], rsa).kind).toBe('changed');
  });

  it('accepts any of several keys of one host', () => {
    const known = hosts(`web1 ssh-ed25519 ${b64(ed)}`, `web1 ssh-ed25519 ${b64(edOther)}`, `web1 ssh-rsa ${b64(rsa)}`);
    for (const one of [ed, edOther, rsa]) expect(known.judge(['web1'], one).kind).toBe('known');
    expect(known.plainKeyTypes('web1')).toEqual(['ssh-ed25519', 'ssh-rsa']);
  });

  it('lets a name without port confirm a key but never make it a changed one', () => {
    const known = hosts(`web1 ssh-ed25519 ${b64(ed)}`);
    expect(known.judge(['[web1]:2222', 'web1'], ed).kind).toBe('known');
    expect(known.judge(['[web1]:2222', 'web1'], edOther).kind).toBe('unknown');
  });

  it('puts revocation above everything', () => {
    const known = hosts(`web1 ssh-ed25519 ${b64(ed)}`, `@revoked * ssh-ed25519 ${b64(ed)}`);
    expect(known.judge(['web1'], ed)).toMatchObject({ kind: 'revoked', at: { line: 2 } });
    expect(known.judge(['web9'], ed).kind).toBe('revoked');
  });

  it('recognises a host that only a certificate authority vouches for', () => {
    const known = hosts(`@cert-authority *.example.org ssh-rsa ${b64(rsa)}`);
    expect(known.judge(['web1.example.org'], ed)).toMatchObject({ kind: 'cert-authority', at: { line: 1 } });
    expect(known.judge(['other'], ed).kind).toBe('unknown');
  });

  it('leaves out lines it cannot read, and unknown markers', () => {
    expect(parseKnownHosts('web1\nweb1 ssh-rsa\n@future web1 ssh-rsa AAAA\n|2|a|b ssh-rsa AAAA\n\x00\n', 'f')).toEqual([]);
  });

  it('names hosts as known_hosts does', () => {
    expect([knownHostName('Web1', 22), knownHostName('web1', 2222), knownHostName('::1', 2222)]).toEqual([
      'web1',
      '[web1]:2222',
      '[::1]:2222',
    ]);
    expect(keyTypeOf(ed)).toBe('ssh-ed25519');
    expect(keyTypeOf(Buffer.from('short'))).toBe('');
  });

  it('hashes one line, not five thousand, for a known key', () => {
    const lines = Array.from({ length: 5_000 }, (_, n) => ({
      file: 'f',
      line: n,
      marker: 'none' as const,
      keyType: 'ssh-ed25519',
      key: b64(key('ssh-ed25519', `host ${n}`)),
      patterns: null,
      hash: {
        get salt(): Buffer {
          hashed += 1;
          return Buffer.from('salt');
        },
        digest: 'none',
      },
    }));
    let hashed = 0;
    const known = new KnownHosts([...lines, ...parseKnownHosts(`web1 ssh-ed25519 ${b64(ed)}`, 'g')]);
    expect(known.judge(['web1'], ed).kind).toBe('known');
    expect(hashed).toBe(0);
  });
});

describe.skipIf(sshdMissing())('known_hosts files beside OpenSSH', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'qd-known-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('reads names hashed by ssh-keygen, and prints its fingerprints', () => {
    const file = makeKey(directory, 'hostkey');
    const [type = '', blob = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
    const path = join(directory, 'hashed');
    writeFileSync(path, `web1 ${type} ${blob}\n[10.0.0.9]:2222 ${type} ${blob}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', path], { stdio: 'ignore' });
    expect(readFileSync(path, 'utf8')).toMatch(/^\|1\|/);
    const known = new KnownHostsFiles().read([path]);
    const presented = Buffer.from(blob, 'base64');
    expect(known.judge(['web1'], presented).kind).toBe('known');
    expect(known.judge(['[10.0.0.9]:2222'], presented).kind).toBe('known');
    expect(known.judge(['web2'], presented).kind).toBe('unknown');
    expect(known.judge(['web1'], edOther).kind).toBe('changed');
    expect(known.allKeyTypes('web1')).toEqual(['ssh-ed25519']);
    expect(execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' })).toContain(keyFingerprint(presented));
  });

  it('makes the file private, appends whole lines, and sees its own additions', () => {
    const path = join(directory, 'new', 'known_hosts');
    const files = new KnownHostsFiles();
    expect(files.read([path]).judge(['web1'], ed).kind).toBe('unknown');
    files.append(path, 'web1', 'ssh-ed25519', ed);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(files.read([path]).judge(['web1'], ed).kind).toBe('known');
    writeFileSync(path, `web2 ssh-rsa ${b64(rsa)}`);
    files.append(path, '[web1]:2222', 'ssh-ed25519', ed);
    expect(readFileSync(path, 'utf8')).toBe(`web2 ssh-rsa ${b64(rsa)}\n[web1]:2222 ssh-ed25519 ${b64(ed)}\n`);
    expect(execFileSync('ssh-keygen', ['-F', '[web1]:2222', '-f', path], { encoding: 'utf8' })).toContain('found');
  });

  it('does not take a file it cannot read for an empty one', () => {
    expect(() => new KnownHostsFiles().read([directory])).toThrow(/cannot be read \(EISDIR\)/);
  });

  it('counts lines given in memory as known', () => {
    expect(new KnownHostsFiles([`web1 ssh-ed25519 ${b64(ed)}`]).read([]).judge(['web1'], ed).kind).toBe('known');
  });
});
