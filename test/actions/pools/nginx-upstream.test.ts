import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nginxUpstream } from '../../../src/actions/pools/kinds/nginx-upstream.ts';
import { lacks } from '../../probe/needs.ts';
import { PoolBench, refusalOf } from '../../probe/pools/bench.ts';
import { Backend, fetched, Nginx, until, whoAnswers } from '../../probe/pools/servers.ts';

const missing = lacks('/usr/sbin/nginx', '-v');

describe.skipIf(missing)('an nginx upstream', () => {
  let web1: Backend;
  let web2: Backend;
  let bench: PoolBench;
  let nginx: Nginx;
  let file: string;

  /** Blanks, tabs, comments and bytes that are no UTF-8, which all must stay as they are. */
  const text = (): Buffer =>
    Buffer.concat([
      Buffer.from('# kept by hand: \u00e9 \u001b[31m '),
      Buffer.from([0xff, 0xfe, 0x0a]),
      Buffer.from('upstream web {\r\n'),
      Buffer.from(`\tserver   127.0.0.1:${web1.port}  max_fails=1   weight=2 ;   # the first; server too\n`),
      Buffer.from(`  server 127.0.0.2:${web2.port};\n\n`),
      Buffer.from('  # server 127.0.0.3:80;\n  keepalive 4;\n}   \n\n'),
    ]);

  beforeAll(async () => {
    web1 = await new Backend('web1').start();
    web2 = await new Backend('web2', '127.0.0.2').start();
    bench = new PoolBench(
      [
        { name: 'web1', address: '127.0.0.1' },
        { name: 'web2', address: '127.0.0.2' },
        { name: 'lb1', role: 'lb' },
      ],
      { web: { kind: 'nginx-upstream', on: 'lb', file: '~/upstreams/web.conf', members: { role: 'web' } } },
    );
    const home = bench.home('lb1');
    mkdirSync(join(home, 'upstreams'));
    file = join(home, 'upstreams', 'web.conf');
    writeFileSync(file, text());
    // Everything in the folder is included: a copy beside the file must not be.
    nginx = await Nginx.start(home, `include ${home}/upstreams/*;`);
    bench.path = `${nginx.bin}:${process.env['PATH']}`;
  });
  afterAll(async () => {
    await nginx?.stop();
    bench?.stop();
    web1?.stop();
    web2?.stop();
  });
  beforeEach(async () => {
    writeFileSync(file, text());
    await bench.run('lb1', 'nginx -s reload');
    await until(async () => {
      const { state, text: said } = await bench.member('web1');
      return state === 'in' && said?.includes('old') === false;
    });
  });
  afterEach(() => {
    for (const backend of [web1, web2]) backend.release();
    expect(readdirSync(join(bench.home('lb1'), 'upstreams'))).toEqual(['web.conf']);
  });

  const drain = async (host: string): Promise<void> => bench.done(nginxUpstream.drain(bench.driverContext(), await bench.target(host)));

  test('loses no request while a member is taken out and put back, and its old worker is counted until its last request ends', async () => {
    const before = await bench.target('web1');
    expect(before.member).toMatchObject({ server: `127.0.0.1:${web1.port}`, state: 'in', weight: 2, health: 'unknown' });
    const slow: Promise<string>[] = [];
    while (web1.waiting === 0) {
      slow.push(fetched(nginx.port, '/slow'));
      const held = slow.length;
      await until(() => web1.waiting + web2.waiting === held);
    }
    await drain('web1');
    expect(await bench.member('web1')).toMatchObject({
      state: 'draining',
      connections: web1.waiting,
      text: expect.stringMatching(/ down ;.* old workers? shutting down$/),
    });
    expect(await whoAnswers(nginx.port)).toEqual(new Set(['web2']));
    web1.release();
    web2.release();
    expect(new Set(await Promise.all(slow))).toContain('web1');
    await until(async () => (await bench.member('web1')).state === 'out');
    expect(await bench.member('web2')).toMatchObject({ state: 'in' });

    await bench.done(nginxUpstream.restore(bench.driverContext(), await bench.target('web1'), before.member.saved));
    expect(readFileSync(file).equals(text())).toBe(true);
    await until(async () => (await whoAnswers(nginx.port)).size === 2);
  });

  test('is changed on one line alone: every other byte, the owner and the mode stay', async () => {
    chmodSync(file, 0o640);
    chownSync(file, 65534, 65534);
    const lines = text().toString('latin1').split('\n');
    await drain('web1');
    const after = readFileSync(file).toString('latin1').split('\n');
    expect(after.map((line, index) => (line === lines[index] ? null : line)).filter((line) => line !== null)).toEqual([
      `\tserver   127.0.0.1:${web1.port}  max_fails=1   weight=2 down ;   # the first; server too`,
    ]);
    expect(statSync(file)).toMatchObject({ uid: 65534, gid: 65534 });
    expect(statSync(file).mode & 0o777).toBe(0o640);
    chownSync(file, 0, 0);
  });

  test.each([[['bash', '--posix']], [['busybox', 'ash']], [['mksh']]])('is read and changed by %s', async (shell) => {
    if (lacks(shell[0] ?? '', '--help')) return;
    bench.shell = shell;
    try {
      const { member } = await bench.target('web2');
      await drain('web2');
      await until(async () => (await bench.member('web2')).state === 'out');
      await bench.done(nginxUpstream.restore(bench.driverContext(), await bench.target('web2'), member.saved));
      expect(readFileSync(file).equals(text())).toBe(true);
    } finally {
      bench.shell = ['sh'];
    }
  });

  test('keeps a last line without a newline without one, and a link a link', async () => {
    const real = join(bench.home('lb1'), 'real.conf');
    const own = new PoolBench(bench.hosts, {
      web: { kind: 'nginx-upstream', on: 'lb', file: join(bench.home('lb1'), 'link.conf'), members: { role: 'web' } },
    });
    own.path = bench.path;
    const link = join(bench.home('lb1'), 'link.conf');
    symlinkSync(real, link);
    writeFileSync(real, `server 127.0.0.1:${web1.port};\nserver 127.0.0.2:${web2.port};`);
    utimesSync(real, 1, 1);
    await own.done(nginxUpstream.drain(own.driverContext(), await own.target('web2')));
    expect(readFileSync(link, 'utf8')).toBe(`server 127.0.0.1:${web1.port};\nserver 127.0.0.2:${web2.port} down;`);
    own.stop();
  });

  test('is put back as it was when nginx refuses it', async () => {
    const change = nginxUpstream.drain(bench.driverContext(), await bench.target('web1'));
    if (change.kind === 'refused') throw new Error(change.why);
    expect(change.commands.map(({ purpose, command }) => [purpose, command.split('\n')[0]])).toEqual([
      ['precheck', 'nginx -t'],
      ['change', expect.stringMatching(/^# quarterdeck pool nginx-upstream: line 3 of ~\/upstreams\/web\.conf becomes server .* down ;/)],
    ]);
    const other = join(bench.home('lb1'), 'upstreams', 'zz.conf');
    writeFileSync(other, 'nonsense here;\n');
    try {
      expect((await bench.send(change)).map(({ exit }) => exit)).toEqual([1]);
      const [result] = await bench.send({ ...change, commands: change.commands.slice(1) });
      expect(result).toMatchObject({ exit: 1, stderr: expect.stringMatching(/^nginx refuses it, and the file is as it was: .*nonsense/s) });
      expect(readFileSync(file).equals(text())).toBe(true);
    } finally {
      await bench.run('lb1', `rm ${other}`);
    }
  });

  test('is put back when the running nginx does not take what it tested', async () => {
    const change = nginxUpstream.drain(bench.driverContext(), await bench.target('web1'));
    const deaf = join(bench.directory, 'deaf');
    mkdirSync(deaf);
    // What a master does that cannot bind a new address: it goes on as it was.
    writeFileSync(join(deaf, 'nginx'), `#!/bin/sh\n[ "$1" = -s ] && exit 0\nexec ${nginx.bin}/nginx "$@"\n`, { mode: 0o755 });
    writeFileSync(join(deaf, 'date'), '#!/bin/sh\necho $(($(/bin/date +%s) * 20))\n', { mode: 0o755 });
    bench.path = `${deaf}:${bench.path}`;
    try {
      const results = await bench.send(change);
      expect(results.at(-1)).toMatchObject({ exit: 1, stderr: expect.stringContaining('nginx goes on with the configuration it had') });
      expect(readFileSync(file).equals(text())).toBe(true);
    } finally {
      bench.path = bench.path.slice(deaf.length + 1);
    }
    expect(await bench.member('web1')).toMatchObject({ state: 'in' });
  });

  test('is not changed when its line is no longer what was read', async () => {
    const change = nginxUpstream.drain(bench.driverContext(), await bench.target('web1'));
    const changed = text().toString('latin1').replace('weight=2', 'weight=3');
    writeFileSync(file, changed, 'latin1');
    const results = await bench.send(change);
    expect(results.at(-1)).toMatchObject({ exit: 1, stderr: expect.stringContaining('is no longer what was read; nothing was changed') });
    expect(readFileSync(file, 'latin1')).toBe(changed);
  });

  test('is unknown when the file was changed and nginx has not loaded it', async () => {
    const soon = Date.now() / 1000 + 60;
    utimesSync(file, soon, soon);
    const reading = await bench.read();
    expect(reading.members.map(({ state }) => state)).toEqual(['unknown', 'unknown']);
    expect(reading.warnings).toEqual([expect.stringContaining('was changed after nginx loaded it')]);
  });

  test('refuses a member that two lines fit, and one whose line holds more than a statement', async () => {
    writeFileSync(
      file,
      `upstream web {\n server 127.0.0.1:${web1.port};\n server 127.0.0.1:81 backup;\nserver 127.0.0.2:${web2.port}; server 127.0.0.9;\n}\n`,
    );
    utimesSync(file, 1, 1);
    const context = bench.driverContext();
    expect(refusalOf(nginxUpstream.drain(context, await bench.target('web1')))).toContain('2 servers fit it');
    expect(refusalOf(nginxUpstream.drain(context, await bench.target('web2')))).toContain(
      'line 4 of ~/upstreams/web.conf on lb1 holds more than one plain server',
    );
  });

  test('wants the upstream named where the file has several, and changes only that one', async () => {
    writeFileSync(file, `upstream web { server 127.0.0.9:1; }\nupstream api {\n server 127.0.0.1:${web1.port};\n}\n`);
    expect((await bench.read()).error).toBe('lb1: the file has several upstreams (web, api): name one with "upstream: …"');
    expect(existsSync(file)).toBe(true);
  });
});
