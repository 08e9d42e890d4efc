import * as z from 'zod';
import type { SshSettings, Sudo } from '../../fleet/definition.ts';
import { isName, name, parseHostPort, port, text, texts } from './values.ts';

const jumpPhrase = 'must be a host name or user@host:port, several with commas';

/** `user@host:port` as its parts, `null` when it is none. */
export function parseJump(item: string): { user: string | null; host: string; port: number | null } | null {
  const at = item.lastIndexOf('@');
  const user = at === -1 ? null : item.slice(0, at);
  const place = parseHostPort(item.slice(at + 1));
  return place === null || (user !== null && !isName(user)) ? null : { user, ...place };
}

function jumpItems(value: string): string[] {
  return value.split(',').map((item) => item.trim());
}

const user = z.string().refine(isName, 'must be a user name');

const keys = {
  user: user.optional().describe('Login name; else ~/.ssh/config, else your own'),
  port: port.optional().describe('SSH port; else ~/.ssh/config, else 22'),
  identity: texts.optional().describe('Key files; else the agent, else the defaults of ~/.ssh/config'),
  agent: z.boolean().optional().describe('Whether the SSH agent is asked (true)'),
  config: text.optional().describe('ssh_config file that is honoured (~/.ssh/config), or none'),
  known_hosts: texts.optional().describe('Files of known host keys (~/.ssh/known_hosts)'),
  host_keys: z.enum(['ask', 'strict']).optional().describe('What to do about an unknown host key (ask)'),
  jump: z
    .string({ error: jumpPhrase })
    .refine((value) => jumpItems(value).every((item) => parseJump(item) !== null), jumpPhrase)
    .transform(jumpItems)
    .optional()
    .describe('Jump hosts, outermost first: NAME or user@host:port, several with commas'),
  transport: z.enum(['ssh2', 'openssh']).optional().describe('ssh2, or openssh: your own ssh program with a shared master'),
  iap: z
    .enum(['auto', 'never'])
    .optional()
    .describe('auto: GCE hosts whose chosen address is missing are reached through Identity-Aware Proxy by gcloud; never (auto)'),
  sudo: z
    .union([z.boolean(), z.strictObject({ user: user.describe('Account that sudo -u becomes') })], {
      error: 'must be true, false or { user: NAME }',
    })
    .transform((value): Sudo => {
      if (typeof value === 'object') return { kind: 'user', user: value.user };
      return { kind: value ? 'root' : 'no' };
    })
    .optional()
    .describe('How changes and privileged reads run: false, true (sudo -n) or { user: NAME }'),
};

const sshOverrideSchema = z.strictObject(keys);
export const sshSchema = z.strictObject({ ...keys, roles: z.record(name, sshOverrideSchema).optional().describe('Overrides by role') });

type Given = z.output<typeof sshOverrideSchema>;

/** Settings of the file over `under`; `local` makes a path of this machine absolute. */
export function sshSettingsOf(given: Given, under: SshSettings, local: (path: string) => string): SshSettings {
  return {
    user: given.user ?? under.user,
    port: given.port ?? under.port,
    identity: given.identity?.map(local) ?? under.identity,
    agent: given.agent ?? under.agent,
    config: given.config === undefined ? under.config : given.config === 'none' ? null : local(given.config),
    knownHosts: given.known_hosts?.map(local) ?? under.knownHosts,
    hostKeys: given.host_keys ?? under.hostKeys,
    jump: given.jump ?? under.jump,
    transport: given.transport ?? under.transport,
    iap: given.iap ?? under.iap,
    sudo: given.sudo ?? under.sudo,
  };
}

/** What holds when the file says nothing. */
export function defaultSsh(local: (path: string) => string): SshSettings {
  return {
    user: null,
    port: null,
    identity: [],
    agent: true,
    config: local('~/.ssh/config'),
    knownHosts: [local('~/.ssh/known_hosts')],
    hostKeys: 'ask',
    jump: [],
    transport: 'ssh2',
    iap: 'auto',
    sudo: { kind: 'no' },
  };
}
