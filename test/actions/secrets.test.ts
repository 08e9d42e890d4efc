import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram, ended, type Ended, startProgram } from '../commands/program.ts';
import { openConsole } from './console.ts';
import { type BenchHost, type Hosts, hostsMissing, startHosts } from './hosts.ts';
import { randomFrom } from './random.ts';

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const random = randomFrom(20_261_122);
const word = (length: number): string => Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('');

/** Twenty in settings of the fleet file, thirty that only its patterns know. Some hold what quoting and encoding must carry. */
const passwords = Array.from({ length: 20 }, (_, index) => `${word(9)}${['', '/+', ' é', '"\'', '%20&'][index % 5]}${word(9)}`);
const tokens = Array.from({ length: 25 }, () => word(24));
const typed = Array.from({ length: 5 }, () => word(24));

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** As a program on a host may print it: plain, in base64 alone and behind a user's name, in a URL. */
const spoken = (secret: string): string[] => [secret, base64(secret), base64(`user:${secret}`), encodeURIComponent(secret)];

/** What may not be found of it: the same without what base64 shares with its neighbours. */
const forms = (secret: string): string[] => [
  secret,
  base64(secret).slice(0, -4),
  base64(`user:${secret}`).slice(8, -4),
  encodeURIComponent(secret),
];

describe.skipIf(hostsMissing())('fifty secrets in settings, outputs and inputs', () => {
  let hosts: Hosts;
  let host: BenchHost;
  let fleet: string;
  let state: string;
  const env: Record<string, string> = {};
  let lines: string[] = [];
  const seenArgv = new Set<string>();

  beforeAll(async () => {
    buildProgram();
    hosts = await startHosts(68, 1);
    host = hosts.only;
    state = mkdtempSync(join(hosts.directory, 'state-'));
    const checks: Record<string, unknown> = {};
    for (const [index, password] of passwords.entries()) {
      env[`SECRET_${index}`] = password;
      if (index === 0) continue;
      checks[`db${index}`] = {
        on: 'web',
        every: '1h',
        mysql: { socket: '/run/none.sock', user: 'qd', password: { env: `SECRET_${index}` } },
      };
    }
    fleet = hosts.fleet({
      services: { nginx: { on: 'web', manager: 'systemd', hold: '0s' } },
      checks,
      notify: { webhook: { env: 'SECRET_0' } },
      redact: ['TOKEN=\\S+', 'key-[A-Za-z0-9]+'],
    });
    lines = [...passwords.flatMap(spoken).map((form) => `said ${form} here`), ...tokens.map((token) => `TOKEN=${token} ok`)];
    host.set('say', `${lines.join('\n')}\n`);
    host.set('complain', `${lines.toReversed().join('\n')}\n`);
  }, 120_000);
  afterAll(async () => hosts?.stop());

  async function act(...words: string[]): Promise<Ended> {
    const child = startProgram(['--fleet', fleet, '--state-dir', join(state, 'quarterdeck'), ...words], { home: hosts.directory, env });
    const watching = setInterval(() => argvOfAll().forEach((argv) => seenArgv.add(argv)), 20);
    const done = await ended(child);
    clearInterval(watching);
    return done;
  }

  /** Every secret that stands in a text, in any form. */
  function leaks(text: string): string[] {
    return [
      ...passwords.flatMap((secret) => forms(secret).filter((form) => text.includes(form))),
      ...[...tokens, ...typed].filter((secret) => text.includes(secret)),
    ];
  }

  test('none is in what act prints, whether the change ends well or badly', async () => {
    const outputs: Ended[] = [];
    outputs.push(await act('act', 'change', 'web1', '--input', 'tag=well', '--confirm', 'web1'));
    host.set('fail', `said ${passwords[3]} TOKEN=${tokens[3]}\n`);
    outputs.push(await act('act', 'change', 'web1', '--input', 'tag=bad', '--confirm', 'web1', '--reason', 'again'));
    outputs.push(await act('act', 'change', 'web1', '--input', 'tag=json', '--confirm', 'web1', '--reason', 'again', '--json'));
    outputs.push(await act('act', 'restart', 'web1/nginx', '--confirm', 'web1', '--json'));
    host.set('fail', null);
    expect(outputs.map((one) => one.status)).toEqual([0, 1, 1, 1]);
    expect(outputs.map((one) => one.stdout).join()).toContain('[redacted]');
    for (const one of outputs) expect(leaks(one.stdout + one.stderr)).toEqual([]);
    expect(host.times('well') + host.times('bad') + host.times('json')).toBe(3);
  }, 60_000);

  test('none that is typed into a change is kept or told, and the change gets it', async () => {
    Object.assign(process.env, env);
    const one = await openConsole({ fleet, state });
    for (const [index, secret] of typed.entries()) {
      // The journal keeps the beginning of an output: each part of the lines comes first once.
      const some = lines.filter((_, at) => at % typed.length === index);
      host.set('say', `${some.join('\n')}\n`);
      host.set('complain', `${some.toReversed().join('\n')}\n`);
      const told: string[] = [];
      const request = { action: 'custom', hostId: host.id, name: 'change', inputs: { tag: `key-${secret}` } } as const;
      const outcome = await one.change(request, { reason: `with key-${secret}` }, (progress) => told.push(progress.text));
      expect(outcome.kind).toBe('ok');
      expect(host.times(`key-${secret}`)).toBe(1);
      expect(leaks(JSON.stringify(outcome) + told.join())).toEqual([]);
    }
    // What was masked when it was written down cannot be run again with the mask in its place.
    const undo = await one.executor.planUndo();
    expect(undo.ok ? 'planned' : undo.refusal.message).toContain('was masked when it was written down');
    await one.close();
  }, 60_000);

  test('none is in the journal, its side files, its tail or the step directories', async () => {
    const files = readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((name) => /journal/.test(name));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      expect([file, leaks(readFileSync(join(state, file), 'latin1'))]).toEqual([file, []]);
      expect([file, leaks(readFileSync(join(state, file), 'utf8'))]).toEqual([file, []]);
    }
    const tail = await act('journal', 'tail', '--json');
    expect(tail.stdout).toContain('[redacted]');
    expect(leaks(tail.stdout + tail.stderr)).toEqual([]);
    expect([host.steps(), host.locks()]).toEqual([[], []]);
  });

  test('none is in the arguments of any process while all this ran', () => {
    expect(seenArgv.size).toBeGreaterThan(10);
    expect(leaks([...seenArgv].join('\n'))).toEqual([]);
  });
});

function argvOfAll(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    });
}
