import type { Entry, JsonValue } from '../../src/journal/entry.ts';
import { planFor } from './fake-executor.ts';
import { start } from './fixture.ts';

let seq = 0;

function entry(kind: Entry['kind'], more: Partial<Entry>, at: number): Entry {
  seq += 1;
  const hash = seq.toString(16).padStart(64, '0');
  const plain = { actionId: null, who: 'kim@desk', env: 'prod', targets: [], command: null, outcome: null, detail: {} };
  return { ...plain, kind, seq, at: new Date(at).toISOString(), prev: '', hash, ...more };
}

const plan: JsonValue = JSON.parse(JSON.stringify(planFor({ action: 'restart', hostId: 'static/web1', service: 'nginx' }, start)));
export const command = 'sudo -n systemctl restart --no-block nginx.service';

/** An arming, a change that went well, a refusal, a change without an outcome, and a run that was aborted. */
export const entries: readonly Entry[] = [
  entry('arm', { outcome: 'armed' }, start - 60_000),
  entry(
    'intent',
    { actionId: 'a1', targets: ['web1/nginx'], command, detail: { title: 'restart nginx on web1', plan, reason: 'it hangs' } },
    start - 50_000,
  ),
  entry('refused', { targets: ['web2/nginx'], outcome: 'lock', detail: { message: 'web2 is locked by lee@desk' } }, start - 45_000),
  entry(
    'outcome',
    {
      actionId: 'a1',
      targets: ['web1/nginx'],
      command,
      outcome: 'ok',
      detail: {
        summary: 'nginx runs anew',
        evidence: ['port 80 listens'],
        commands: [{ end: 'exit', exit: 0, ms: 812, stdout: 'done here', stderr: '' }],
      },
    },
    start - 38_000,
  ),
  entry(
    'intent',
    { actionId: 'a2', who: 'lee@desk', targets: ['nfs1'], command: 'reboot', detail: { title: 'Reboot nfs1' } },
    start - 20_000,
  ),
  entry('bulk', { detail: { run: 'b1', title: 'restart nginx on 4 hosts' } }, start - 10_000),
  entry('bulk-item', { targets: ['web3/nginx'], outcome: 'ok', detail: { run: 'b1', text: 'fine' } }, start - 8000),
  entry('bulk-end', { outcome: 'aborted', detail: { run: 'b1', why: 'aborted by a key' } }, start - 7000),
];
