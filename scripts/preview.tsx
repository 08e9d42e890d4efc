import { fakeExecutor } from '../test/views/fake-executor.ts';
import { createPromptQueue } from '../views/prompt-queue.ts';
import {
  fleetState,
  hostView,
  type HostSpec,
  manyHosts,
  pencilAlerts,
  pencilFleet,
  pencilHosts,
  testConsole,
} from '../test/views/fixture.ts';
import { runConsole } from '../views/terminal/run-console.tsx';
import type { FleetState } from '../src/fleet/view.ts';

/**
 * The console on a made-up fleet, to look at: `preview [pencil|many|empty|loading|unknown|odd|failing] [N] [--ascii] [--no-color] [--colour-blind] [--word] [--ask]`.
 * Bundle it as the console itself is bundled (esbuild, platform node, format esm, `react-devtools-core` aliased to an empty module,
 * NODE_ENV production, a `createRequire` banner) and run it in a terminal.
 */
const [kind = 'pencil', size = '1000'] = process.argv.slice(2).filter((one) => !one.startsWith('--'));
const flags = new Set(process.argv.filter((one) => one.startsWith('--')));

const odd: readonly HostSpec[] = [
  {
    name: 'a-very-long-virtual-machine-name-that-nobody-should-ever-choose-but-somebody-did-0001',
    role: 'web-frontend-and-more',
    services: [
      ['a-service-with-a-remarkably-long-name', 'crit'],
      ['nginx', 'ok'],
    ],
    health: 'crit',
    reasons: [
      'a-service-with-a-remarkably-long-name failed with exit code 137 and was killed by the kernel because the machine had no memory left at all',
    ],
  },
  { name: '日本語ホスト名', role: 'ウェブ', services: [['nginx', 'warn']], health: 'warn', reasons: ['遅延が大きい'] },
  { name: 'café-☕', role: 'web', services: [['nginx', 'ok']] },
  { name: 'gone1', role: 'web', gone: true, health: 'unknown' },
  { name: 'refused1', role: 'web', reach: 'refused', why: 'port 22 is closed (ECONNREFUSED)', health: 'unknown' },
  { name: 'key1', role: 'web', reach: 'host-key', why: 'the host key changed; nothing was sent', health: 'unknown' },
  { name: 'paused', role: 'db', health: 'maintenance', services: [['mysql', 'maintenance']] },
  { name: 'off', role: 'db', health: 'stopped', nfs: null, services: [['mysql', 'stopped', { state: 'stopped' }]] },
  {
    name: 'hung1',
    role: 'web',
    health: 'crit',
    reasons: ['NFS mount /mnt/data hangs'],
    nfs: { iops: 0, ms: 0, hung: true },
    services: [['nginx', 'ok']],
  },
];

function make(at: number): FleetState {
  const pencil = pencilFleet(at);
  switch (kind) {
    case 'many':
      return manyHosts(Number(size), at);
    case 'empty':
      return fleetState([], [], at);
    case 'loading':
      return { ...fleetState([], [], at), sources: [] };
    case 'failing':
      return {
        ...fleetState([], [], at),
        sources: [{ name: 'gce:paris-code', ok: false, listedAt: null, hosts: 0, error: 'the token was refused (401)', missing: [] }],
      };
    case 'unknown':
      return fleetState(
        pencilHosts.map((spec, index) =>
          hostView(
            { ...spec, health: 'unknown', unasked: true, reach: index % 2 === 0 ? 'connecting' : 'unknown', reasons: [] },
            at,
            index + 1,
          ),
        ),
        [],
        at,
      );
    case 'odd':
      return fleetState(
        odd.map((spec, index) => hostView(spec, at, index + 1)),
        pencilAlerts,
        at,
      );
    default:
      return {
        ...pencil,
        demo: true,
        checksHere: [
          { name: 'site', kind: 'http', ok: true, health: 'ok', ms: 120, detail: '200', value: null, text: null, at },
          { name: 'tls', kind: 'tls', ok: true, health: 'warn', ms: 30, detail: 'ends in 12 days', value: 12, text: null, at },
        ],
      };
  }
}

const base = testConsole(make(Date.now()), { demo: true });
const clock = (): number => Date.now();
const { queue, prompts } = createPromptQueue();
const executor = fakeExecutor(clock, {
  pauseMs: 700,
  ...(flags.has('--word') ? { confirmation: { kind: 'word', word: 'web1', what: 'host name' } } : {}),
});
const publish = setInterval(
  () => {
    const at = Date.now();
    const next = make(at);
    base.store.setState(kind === 'many' ? { ...next, hosts: next.hosts } : next, true);
  },
  kind === 'many' ? 2000 : 1000,
);
if (flags.has('--ask')) {
  const question = {
    hostName: 'web1',
    knownAs: '[web1]:2222',
    keyType: 'ssh-ed25519',
    fingerprint: 'SHA256:0p3nS5hF1ngerpr1ntOfThisVeryHostKeyAbcdefgh',
    file: '~/.ssh/known_hosts',
  };
  setTimeout(() => {
    void prompts.hostKey(question, new AbortController().signal);
    void prompts.passphrase({ keyFile: '~/.ssh/id_ed25519', again: true }, new AbortController().signal);
  }, 500);
}

await runConsole(
  { ...base, clock, executor, prompts: queue, quit: () => clearInterval(publish), refresh: () => {} },
  {
    stdin: process.stdin,
    stdout: process.stdout,
    color: !flags.has('--no-color'),
    ascii: flags.has('--ascii'),
    palette: flags.has('--colour-blind') ? 'colour-blind' : 'default',
    interactive: true,
  },
);
process.exit(0);
