import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Fleet } from '../../src/fleet/definition.ts';
import { createNotifier, type Notifier, type Pace } from '../../src/notify/notifier.ts';
import { fleetThatTells } from './fleet.ts';
import { httpServer, smtpServer } from './servers.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'qd-notify-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

const quick: Partial<Pace> = { settle: 10, gap: 0, deadline: 400, retry: 50, longestRetry: 100, lease: 300 };

function notifierFor(fleet: Fleet, pace: Partial<Pace> = quick, redact?: (text: string) => string): Notifier {
  const notifier = createNotifier(fleet, dir, { now: Date.now, pace, ...(redact === undefined ? {} : { redact }) });
  onTestFinished(() => notifier.stop());
  return notifier;
}

const opsLog = (): string => readFileSync(join(dir, 'ops.log'), 'utf8');

describe('what is told', () => {
  test('is in the ops log first, then at the webhook, as JSON with its facts', async () => {
    const { url, posted } = await httpServer((_, response) => response.end('ok'));
    vi.stubEnv('HOOK', `${url}/notify?token=s3cret-token`);
    const notifier = notifierFor(fleetThatTells({ webhook: 'HOOK' }));
    notifier.tell('web1 is back', 'the team');
    await notifier.drain(5000);
    expect(posted).toHaveLength(1);
    expect(JSON.parse(posted[0]?.body ?? '')).toMatchObject({ text: 'web1 is back', fleet: 'aslo', source: 'quarterdeck' });
    expect(opsLog()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\dZ TELL the team: web1 is back\n$/);
    expect(statSync(join(dir, 'ops.log')).mode & 0o777).toBe(0o600);
    expect(notifier.status()).toMatchObject({ waiting: 0, dead: [], problem: null });
  });

  test('to Slack and its like is text alone, with its three signs escaped', async () => {
    const { url, posted } = await httpServer((_, response) => response.end('ok'));
    vi.stubEnv('HOOK', `${url}/services/T0/B0/x`);
    const notifier = notifierFor(fleetThatTells({ webhook: 'HOOK' }));
    notifier.tell('<!channel> a & b', null);
    await notifier.drain(5000);
    expect(posted.map(({ body }) => JSON.parse(body))).toEqual([{ text: '&lt;!channel&gt; a &amp; b' }]);
  });

  test('is mailed through the fleet’s server; a burst is one mail', async () => {
    const { smtp, mails } = await smtpServer();
    const notifier = notifierFor(fleetThatTells({ smtp }), { ...quick, settle: 200 });
    for (let each = 0; each < 30; each += 1) notifier.report(`2026-11-21T14:07Z END (ok, 3s) ann@deck restart web${each}`);
    for (let each = 0; each < 5; each += 1) notifier.report('2026-11-21T14:08Z END (ok, 3s) ann@deck restart web1');
    await vi.waitFor(() => expect(mails).toHaveLength(1), 8000);
    expect(mails[0]?.to).toEqual(['systems@example.org']);
    expect(mails[0]?.data).toMatch(/^Subject: \[aslo\] /m);
    expect(mails[0]?.data).toContain('Auto-Submitted: auto-generated');
    expect(mails[0]?.data).toContain('(5 times)');
    expect(opsLog().split('\n')).toHaveLength(36);
  });

  test('can go to one address, and no text can add a header', async () => {
    const { smtp, mails } = await smtpServer();
    const notifier = notifierFor(fleetThatTells({ smtp }));
    notifier.tell('disk full\r\nBcc: all@example.org\u001b[2J', 'ann@example.org');
    await notifier.drain(5000);
    expect(mails[0]?.to).toEqual(['ann@example.org']);
    expect(mails[0]?.data.split('\r\n\r\n', 1)[0]).not.toMatch(/^Bcc:/m);
    expect(mails[0]?.data).not.toContain('\u001b');
  });

  test('without a channel it is still in the ops log', async () => {
    const notifier = notifierFor(fleetThatTells({}));
    notifier.tell('nobody hears', null);
    await notifier.drain(2000);
    expect(opsLog()).toContain('nobody hears');
    expect(notifier.status().waiting).toBe(0);
  });
});

describe('when the other side does not do its part', () => {
  test('a server that answers 500 is tried again until it takes the message', async () => {
    const { url, posted } = await httpServer((request, response) => {
      response.statusCode = request < 3 ? 500 : 200;
      response.end();
    });
    vi.stubEnv('HOOK', url);
    const notifier = notifierFor(fleetThatTells({ webhook: 'HOOK' }));
    notifier.tell('again and again', null);
    await notifier.drain(8000);
    expect(posted).toHaveLength(3);
    expect(notifier.status()).toMatchObject({ waiting: 0, channels: [{ name: 'webhook', problem: null }] });
  });

  test('one that never answers delays nobody: calls return at once, mail goes out, and the message waits', async () => {
    const { url } = await httpServer(() => {});
    const { smtp, mails } = await smtpServer();
    vi.stubEnv('HOOK', url);
    const notifier = notifierFor(fleetThatTells({ webhook: 'HOOK', smtp }));
    notifier.tell('one hangs', null);
    await notifier.drain(1500);
    expect(mails).toHaveLength(1);
    expect(notifier.status().waiting).toBe(1);
    expect(notifier.status().channels[0]?.problem).toBe('no answer within 0 s');
  });

  test('a mail server that says nothing is given up for now', async () => {
    const { smtp, mails } = await smtpServer((mail) => (mail === 1 ? null : '250 ok'));
    const notifier = notifierFor(fleetThatTells({ smtp }));
    notifier.tell('second try', null);
    await notifier.drain(6000);
    expect(mails).toHaveLength(1);
  });

  test('what is refused for good is a dead letter, told in the ops log and in the status', async () => {
    const { smtp } = await smtpServer(() => '550 no such user');
    const { url } = await httpServer((_, response) => {
      response.statusCode = 404;
      response.end();
    });
    vi.stubEnv('HOOK', url);
    const notifier = notifierFor(fleetThatTells({ webhook: 'HOOK', smtp }));
    notifier.tell('to nobody', null);
    await notifier.drain(5000);
    expect(notifier.status().waiting).toBe(0);
    expect(
      notifier
        .status()
        .dead.map(({ channel, problem }) => `${channel}: ${problem}`)
        .toSorted(),
    ).toEqual(['mail: the mail server refused it (550)', 'webhook: it answered 404']);
    expect(opsLog()).toContain('NOT SENT webhook gave up: it answered 404: to nobody');
  });

  test('nothing that is too old is sent: it would be read as news', async () => {
    vi.stubEnv('HOOK', 'http://127.0.0.1:9/');
    const notifier = notifierFor(fleetThatTells({ webhook: 'HOOK' }), { ...quick, giveUp: 200 });
    notifier.tell('stale', null);
    await notifier.drain(3000);
    expect(notifier.status().dead).toMatchObject([{ text: 'stale' }]);
  });

  test('a redirection is not followed: the text goes nowhere else', async () => {
    const other = await httpServer((_, response) => response.end());
    const { url } = await httpServer((_, response) => {
      response.writeHead(307, { location: `${other.url}/steal` });
      response.end();
    });
    vi.stubEnv('HOOK', url);
    const notifier = notifierFor(fleetThatTells({ webhook: 'HOOK' }));
    notifier.tell('ours', null);
    await notifier.drain(600);
    expect(other.posted).toHaveLength(0);
    expect(notifier.status().waiting).toBe(1);
  });
});

describe('the end of a console', () => {
  test('a webhook and a mail server that hang keep nobody: what they did not take waits for the next console', async () => {
    const { url } = await httpServer(() => {});
    const { smtp } = await smtpServer(() => null);
    const ender = new URL('ender.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [ender, dir, smtp], {
      env: { ...process.env, QD_HOOK: url },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    // Their deadline is ten minutes; the test’s own is what this must keep.
    const [status] = await once(child, 'exit');
    expect(status).toBe(0);
    const waiting = ['new', 'cur'].flatMap((part) => readdirSync(join(dir, 'spool', 'aslo', part)));
    expect(waiting).toHaveLength(2);
  }, 15_000);

  test('what one fleet had to tell is not told where another one tells', async () => {
    vi.stubEnv('HOOK', 'http://127.0.0.1:9/');
    const first = notifierFor(fleetThatTells({ webhook: 'HOOK' }));
    first.tell('for aslo alone', null);
    await first.drain(300);
    await first.stop();
    const { url, posted } = await httpServer((_, response) => response.end());
    vi.stubEnv('HOOK', url);
    const other = notifierFor({ ...fleetThatTells({ webhook: 'HOOK' }), name: 'julia' });
    other.tell('for julia', null);
    await other.drain(3000);
    expect(posted.map(({ body }) => body).join('')).not.toContain('aslo alone');
    const again = notifierFor(fleetThatTells({ webhook: 'HOOK' }));
    await again.drain(3000);
    expect(posted.at(-1)?.body).toContain('for aslo alone');
  });
});

describe('the spool', () => {
  test('keeps what a killed console had told and had taken; the next one sends each of it', { timeout: 20_000 }, async () => {
    const { url: dead } = await httpServer(() => {});
    const child = spawn(process.execPath, [join(import.meta.dirname, 'teller.ts'), dir, '20'], {
      env: { ...process.env, QD_HOOK: dead },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    // Taken to be sent, to a server that does not answer.
    await vi.waitFor(() => expect(readdirSync(join(dir, 'spool', 'aslo', 'cur')).length).toBeGreaterThan(0), 5000);
    await vi.waitFor(
      () => expect(readdirSync(join(dir, 'spool', 'aslo', 'new')).length + readdirSync(join(dir, 'spool', 'aslo', 'cur')).length).toBe(20),
      5000,
    );
    child.kill('SIGKILL');
    await once(child, 'close');
    const { url, posted } = await httpServer((_, response) => response.end('ok'));
    vi.stubEnv('QD_HOOK', url);
    const notifier = notifierFor(fleetThatTells({ webhook: 'QD_HOOK' }));
    await vi.waitFor(async () => {
      await notifier.drain(500);
      const sent = posted
        .map(({ body }) => String(JSON.parse(body).text))
        .join('\n')
        .split('\n');
      expect(new Set(sent)).toEqual(new Set(Array.from({ length: 20 }, (_, index) => `message ${index}`)));
    }, 10_000);
  });

  test('is bounded: the oldest make room, and that is told', { timeout: 30_000 }, async () => {
    vi.stubEnv('HOOK', 'http://127.0.0.1:9/');
    const notifier = notifierFor(fleetThatTells({ webhook: 'HOOK' }), { ...quick, settle: 3_600_000 });
    for (let part = 0; part < 3; part += 1) {
      for (let each = 0; each < 340; each += 1) notifier.tell(`message ${part} ${each}`, null);
      await vi.waitFor(() => expect(readdirSync(join(dir, 'spool', 'aslo', 'cur'))).toEqual([]), 10_000);
      await vi.waitFor(() => expect(opsLog()).toContain(`message ${part} 339`), 10_000);
    }
    await vi.waitFor(() => expect(notifier.status().waiting).toBe(1000), 10_000);
    expect(readdirSync(join(dir, 'spool', 'aslo', 'new'))).toHaveLength(1000);
    expect(opsLog()).toContain('messages were given up: too many waited');
  });

  test('secrets are in no file: neither the address nor what the fleet file redacts', async () => {
    vi.stubEnv('HOOK', 'http://127.0.0.1:9/services/hook-s3cret');
    const notifier = notifierFor(fleetThatTells({ webhook: 'HOOK' }), quick, (text) => text.replaceAll('hunter2', '[redacted]'));
    notifier.tell('password hunter2', 'hunter2');
    await notifier.drain(1500);
    const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const kept = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
    expect(kept).toContain('password [redacted]');
    expect(kept + JSON.stringify(notifier.status())).not.toMatch(/hunter2|hook-s3cret/);
  });

  test('an unset address is a problem in words, and the message waits for it', async () => {
    const notifier = notifierFor(fleetThatTells({ webhook: 'NO_SUCH_HOOK' }));
    notifier.tell('later', null);
    await notifier.drain(500);
    expect(notifier.status().channels[0]?.problem).toBe('The environment variable NO_SUCH_HOOK, which the fleet file names, is not set');
    expect(notifier.status().waiting).toBe(1);
  });

  test('a state directory that takes nothing is a problem in the status, never an error', async () => {
    writeFileSync(join(dir, 'spool'), 'a file in its place');
    symlinkSync('/etc/hostname', join(dir, 'ops.log'));
    vi.stubEnv('HOOK', 'http://127.0.0.1:9/');
    const notifier = notifierFor(fleetThatTells({ webhook: 'HOOK' }));
    notifier.tell('x', null);
    await notifier.drain(500);
    expect(notifier.status().problem).not.toBeNull();
  });
});
