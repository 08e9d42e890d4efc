import type { Complaint } from '../config/issues.ts';

/** What to write at a key, where the complaint itself names no remedy. */
const examples: Readonly<Record<string, string>> = {
  playbook: 'web-node-down',
  format: '1',
  title: '"A web node is down"',
  owner: 'ops',
  reviewed: '"2026-11-21"',
  when_to_use: '"When users see 502."',
  links: '["https://…"]',
  suggest: '[{ alert: "^web-down$" }]',
  alert: '"^web-down$"',
  pattern: '"^[a-z]+$"',
  labels: '{ role: web }',
  text: '["502"]',
  inputs: '{ node: { type: host } }',
  vars: '{ most: 5 }',
  lock: '["node:{{ node }}"]',
  limits: '{ timeout: 30m }',
  keep_in_pool: '"50%"',
  report: '{ to: ops, at: [end] }',
  at: '[start, end]',
  type: 'text',
  choices: '[small, large]',
  steps: '[{ tell: "…" }]',
  finally: '[{ tell: "…" }]',
  options: '{ yes: { label: "Yes" }, no: { label: "No" } }',
  branch: '[{ when: "out != \'\'", steps: […] }, { else: true, steps: […] }]',
  each: '{ var: host, in: nodes }',
  batch: '[1, "25%"]',
  stop_after: '1',
  confirm: 'each-batch',
  timeout: '30s',
  lock_ttl: '10m',
  every: '5s',
  hold: '10s',
  wait: '{ port: 80 }',
  pause: '30s',
  sleep: '10s',
  host: '"{{ node }}"',
  undo: 'none',
  run: '"systemctl restart nginx"',
  preview: '"systemctl status nginx"',
  check: '{ port: 80 }',
  skip_if: '{ port: 80 }',
  port: '80',
  retry: '{ times: 2, wait: 5s }',
  times: '2',
  count: '1',
  on_fail: 'ask',
  on_unreachable: 'ask',
  result: 'failed',
  risk: 'change',
  rerun: 'safe',
  evidence: 'keep',
  temporary: 'true',
  else: 'true',
  secret_output: 'true',
  optional: 'true',
  id: 'restart-nginx',
  save: 'before',
  var: 'host',
};

/** What people bring from other tools, and how it is called here. */
const otherNames: Readonly<Record<string, string>> = {
  on: 'host',
  true: 'host',
  name: 'id',
  if: 'when',
  command: 'run',
  cmd: 'run',
  shell: 'run',
  assert: 'expect',
  loop: 'each',
  include: 'play',
  rollback: 'undo',
};

/** A complaint of a playbook with what to do about it: its own remedy, an example of what stands at its key, or where the keys are told. */
export function withRemedy<Told extends Pick<Complaint, 'path' | 'message' | 'remedy'>>(complaint: Told): Told {
  const key = complaint.path.findLast((step) => typeof step === 'string') ?? '';
  const other = complaint.message.startsWith('Unknown key ') && Object.hasOwn(otherNames, key) ? otherNames[key] : undefined;
  if (other !== undefined) return { ...complaint, remedy: `Here it is called ${other}.` };
  if (complaint.remedy !== null) return complaint;
  const example = Object.hasOwn(examples, key) ? examples[key] : undefined;
  if (complaint.message.startsWith('The key '))
    return { ...complaint, remedy: 'Name it with small letters, digits and _, such as web_node.' };
  const remedy =
    example === undefined ? 'What may stand here tells: quarterdeck schema playbook.' : `Write, for instance, ${key}: ${example}.`;
  return { ...complaint, remedy };
}
