import { describe, expect, test } from 'vitest';
import { parseHaproxy } from '../../../src/probe/pools/haproxy-answer.ts';
import { readHaproxy } from '../../../src/probe/pools/haproxy-script.ts';
import { readPool } from '../../../src/probe/pools/read-pool.ts';
import type { PoolReading } from '../../../src/probe/pools/reader.ts';
import { decodeOutput } from '../../../src/remote/sanitize.ts';
import { PoolBench } from './bench.ts';

const head = '# pxname,svname,qcur,scur,status,weight,check_status,addr,uweight,last_chk,';
const table = '1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight';

function answer(stat: readonly string[], servers: readonly string[] = [], config: readonly string[] = []): string {
  return `#quarterdeck stat\n${[head, ...stat].join('\n')}\n\n#quarterdeck servers\n${[table, ...servers].join('\n')}\n\n${config
    .map((text) => `#quarterdeck config\n${text}\n`)
    .join('')}\n#quarterdeck end\n`;
}

const pool = { kind: 'haproxy', on: 'lb', socket: '/run/h.sock', backend: 'web', members: { role: 'web' } };

/** A pool whose balancer says this. */
async function said(text: string, names: readonly string[] = ['web1']): Promise<PoolReading> {
  const bench = new PoolBench([...names.map((name) => ({ name })), { name: 'lb1', role: 'lb' }], { web: pool });
  try {
    const context = bench.context();
    const result = {
      exit: 0,
      signal: null,
      stdout: decodeOutput(Buffer.from(text)),
      stderr: '',
      droppedBytes: 0,
      durationMs: 1,
      end: 'exit',
    } as const;
    return await readPool(bench.spec(), { ...context, run: () => Promise.resolve(result) });
  } finally {
    bench.stop();
  }
}

describe('what HAProxy says of a server', () => {
  test.each([
    ['UP', 'L7OK', 0, 'in', 'up'],
    ['UP', '* L7OK', 0, 'in', 'up'],
    ['UP', '', 0, 'in', 'unknown'],
    ['UP', 'INI', 0, 'in', 'unknown'],
    ['UP 1/2', 'L7OK', 0, 'in', 'unknown'],
    ['DOWN', 'L4CON', 0, 'in', 'down'],
    ['DOWN 1/2', 'L7OK', 0, 'in', 'down'],
    ['NOLB', 'L7OKC', 0, 'out', 'unknown'],
    ['DRAIN', 'L7OK', 8, 'out', 'up'],
    ['DOWN', 'L4CON', 8, 'out', 'down'],
    ['MAINT', '', 5, 'out', 'unknown'],
    ['MAINT (via web/web9)', '', 2, 'out', 'unknown'],
    ['no check', '', 0, 'in', 'unknown'],
    ['SOMETHING NEW', 'L7OK', 0, 'unknown', 'unknown'],
  ])('%s with %s and admin state %d is %s and %s', async (status, check, admin, state, health) => {
    const { members } = await said(answer([`web,web1,0,0,${status},1,${check},10.0.0.1:80,1,,`], [`3 web 1 web1 10.0.0.1 2 ${admin} 1`]));
    expect(members[0]).toMatchObject({ state, health, connections: 0 });
  });

  test('columns are found by name, quoted fields may hold commas, quotes and newlines, and sums count the queue', async () => {
    const text =
      '#quarterdeck stat\n# pxname,last_chk,status,svname,scur,qcur,check_status\nweb,"a ""b"", c\nd",UP,web1,3,2,L7OK\n#quarterdeck end\n';
    const { members } = await said(text);
    expect(members[0]).toMatchObject({ state: 'in', health: 'up', connections: 5, weight: null });
  });

  test('sessions under way and those in the queue of the server are counted together', () => {
    const read = parseHaproxy(answer(['web,web1,1,4,DRAIN,1,L7OK,,1,,']), 'web');
    expect(read).toMatchObject({ ok: true, servers: [{ connections: 5, status: 'DRAIN' }] });
  });

  test('a backend that is not there, an answer cut short and an answer of something else are errors with members unknown', async () => {
    for (const [text, why] of [
      ['#quarterdeck stat\nNo such proxy.\n#quarterdeck servers\n#quarterdeck end\n', 'lb1: HAProxy has no backend web'],
      [answer(['web,web1,0,0,UP,1,L7OK,,1,,']).replace('#quarterdeck end\n', ''), 'lb1: the answer of HAProxy has no end'],
      ['#quarterdeck stat\nPermission denied\n#quarterdeck end\n', 'lb1: HAProxy said Permission denied'],
    ] as const) {
      const reading = await said(text);
      expect(reading.error).toBe(why);
      expect(reading.members).toMatchObject([{ state: 'unknown', health: 'unknown', server: null }]);
    }
  });

  test('escape sequences and names with newlines reach nobody, and such a server is never matched', async () => {
    const reading = await said(answer(['web,"we\nb1",0,0,UP,1,L7OK,,1,,', 'web,web1,0,0,UP\u001b]52;c;AAAA\u0007,1,L7OK\u202e,,1,,']), [
      'we\nb1',
      'web1',
    ]);
    expect(reading.members[0]).toMatchObject({ state: 'unknown', text: 'its server has a name that HAProxy would not take' });
    expect(reading.members[1]).toMatchObject({ state: 'in', health: 'unknown' });
    expect(JSON.stringify(reading)).not.toMatch(/[\u001b\u0007\u202e]/);
  });

  test('a hundred thousand rows are read, and one more server than the host fits is unclear', async () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => `web,other${index},0,0,UP,1,L7OK,10.0.0.1:${index},1,,`);
    const { members } = await said(answer([...rows, 'web,web1,0,7,UP,1,L7OK,10.0.0.2:80,1,,']));
    expect(members[0]).toMatchObject({ state: 'in', connections: 7 });
  });
});

describe('where a reload finds the states', () => {
  const row = ['web,web1,0,0,UP,1,L7OK,,1,,'];
  const stateFile = (...config: readonly string[]): unknown => {
    const read = parseHaproxy(answer(row, [], config), 'web');
    return read.ok ? read.stateFile : read;
  };
  const web = 'backend web';

  test.each([
    [
      ['global\nserver-state-file /var/s\ndefaults\nload-server-state-from-file global\nbackend web'],
      { kind: 'file', path: '/var/s', of: 'all' },
    ],
    [
      ['global\nserver-state-base /var/b\ndefaults\nload-server-state-from-file local', web],
      { kind: 'file', path: '/var/b/web', of: 'backend' },
    ],
    [
      ['global\nserver-state-base /var/b\nbackend web\nload-server-state-from-file local\nserver-state-file-name x'],
      { kind: 'file', path: '/var/b/x', of: 'backend' },
    ],
    [['global\nserver-state-file /var/s\nbackend web'], { kind: 'none' }],
    [
      ['global\nserver-state-file /var/s\ndefaults\nload-server-state-from-file global\nbackend web\nload-server-state-from-file none'],
      { kind: 'none' },
    ],
    [['global\nserver-state-file s\ndefaults\nload-server-state-from-file global\nbackend web'], null],
    [['global\nserver-state-file /var/s\ndefaults\nload-server-state-from-file global\ndefaults\nbackend web'], { kind: 'none' }],
    [['global\nbackend other'], null],
    [[], null],
  ])('%j is %j', (config, expected) => expect(stateFile(...config)).toEqual(expected));
});

test('no backend name that could end a socket command is ever sent', () => {
  for (const backend of ['web;set server a/b state maint', 'web\nshow', '', 'we b', '$(x)', 'x'.repeat(200)]) {
    expect(readHaproxy('/run/h.sock', backend)).toBe(null);
  }
  expect(readHaproxy('/run/h\n.sock', 'web')).toBe(null);
});
