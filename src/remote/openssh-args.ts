import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { knownHostName } from './known-hosts.ts';
import { shellCommand } from './quote.ts';
import type { Target } from './target.ts';

/** Where things of one connector lie: its private directory of control sockets. */
export interface OpensshPlace {
  readonly ssh: string;
  readonly directory: string;
  /** Whole seconds between pings of a silent connection. */
  readonly keepaliveSeconds: number;
}

export interface HostKeyFiles {
  readonly user: readonly string[];
  readonly checking: 'yes' | 'accept-new';
}

/** A bastion's shared master ends this long after its last user, s. */
const jumpPersistSeconds = 15;

/**
 * Options of `ssh` for a target: everything that the fleet file or we ourselves decide, so that the user's ssh_config only adds.
 * Never a prompt, never a forwarded agent, never a change to known_hosts.
 */
export function targetArgs(
  target: Target,
  place: OpensshPlace,
  keys: HostKeyFiles = { user: target.knownHostsFiles, checking: 'yes' },
): string[] {
  const options: Record<string, string> = {
    BatchMode: 'yes',
    StrictHostKeyChecking: keys.checking,
    UserKnownHostsFile: keys.user.map(quoted).join(' '),
    UpdateHostKeys: 'no',
    HostName: escapeTokens(target.address),
    ForwardAgent: 'no',
    ForwardX11: 'no',
    PermitLocalCommand: 'no',
    RemoteCommand: 'none',
    ServerAliveInterval: String(place.keepaliveSeconds),
    ServerAliveCountMax: '2',
    ConnectTimeout: '5',
    ConnectionAttempts: '1',
    LogLevel: 'ERROR',
    IdentityAgent: target.agentSocket === null ? 'none' : quoted(target.agentSocket),
  };
  if (keys.checking === 'accept-new' || target.knownAs !== knownHostName(target.address, target.port))
    options.HostKeyAlias = target.knownAs;
  if (target.via !== null) options.ProxyCommand = proxyThrough(target.via, place);
  else if (target.proxy !== null) options.ProxyCommand = escapeTokens(shellCommand(target.proxy));
  else if (target.proxyCommand !== null) options.ProxyCommand = target.proxyCommand;
  else options.ProxyJump = 'none';
  const args = ['-T', '-a', '-x', ...configArgs(target.config), '-p', String(target.port), '-l', target.user];
  for (const [key, value] of Object.entries(options)) args.push('-o', `${key}=${value}`);
  if (target.identitiesOnly) args.push('-o', 'IdentitiesOnly=yes', ...target.identities.flatMap((file) => ['-i', file]));
  return args;
}

/** The default file is left to ssh itself, which then reads the system's ssh_config too; a file that is missing says nothing. */
function configArgs(config: string | null): string[] {
  if (config === join(homedir(), '.ssh', 'config')) return [];
  return ['-F', config !== null && existsSync(config) ? config : 'none'];
}

/** The name ssh matches against the user's `Host` lines; where we dial is said by HostName. */
export function destination(target: Target): string {
  return /^[A-Za-z0-9][\w.:-]*$/.test(target.name) ? target.name : 'host';
}

/** Path of the shared master of a jump host. */
function jumpControlPath(jump: Target, place: OpensshPlace): string {
  let hash = 0;
  for (const character of JSON.stringify([jump.user, jump.address, jump.port, jump.via]))
    hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return `${place.directory}/j${hash.toString(16)}`;
}

/** Options of an `ssh` that talks to the master at `control` and can do nothing without it. */
export function muxArgs(control: string): string[] {
  return [
    '-T',
    '-F',
    'none',
    '-S',
    control,
    '-o',
    'ControlMaster=no',
    '-o',
    'ProxyCommand=false',
    '-o',
    'BatchMode=yes',
    '-o',
    'LogLevel=ERROR',
  ];
}

/** Options of an `ssh` to a jump host, whose login is shared by all that go through it for as long as they need it. */
export function jumpArgs(jump: Target, place: OpensshPlace): string[] {
  const shared = [
    '-o',
    'ControlMaster=auto',
    '-o',
    `ControlPath=${jumpControlPath(jump, place)}`,
    '-o',
    `ControlPersist=${jumpPersistSeconds}`,
  ];
  return [...targetArgs(jump, place), ...shared];
}

function proxyThrough(jump: Target, place: OpensshPlace): string {
  return `${escapeTokens(shellCommand([place.ssh, ...jumpArgs(jump, place)]))} -W '[%h]:%p' -- ${destination(jump)}`;
}

/** ssh_config takes words apart at spaces unless in double quotes. */
function quoted(path: string): string {
  return /\s/.test(path) ? `"${path}"` : path;
}

function escapeTokens(text: string): string {
  return text.replaceAll('%', '%%');
}
