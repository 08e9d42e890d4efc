import { isIP } from 'node:net';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Source, SshSettings } from '../fleet/definition.ts';
import type { Host } from '../fleet/host.ts';
import { iapCommand, type IapRoute, iapRoute } from './iap.ts';
import { knownHostName } from './known-hosts.ts';
import { askOpenssh } from './openssh-query.ts';
import { expandHome, expandPath, expandTokens } from './path-tokens.ts';
import { ReachError } from './reach-error.ts';
import { visibleName } from './sanitize.ts';
import { type HostOptions, noHostOptions, SshConfigFile } from './ssh-config.ts';

/** Everything needed to dial one host, solved: the fleet file's own values first, then ssh_config, then OpenSSH's defaults. */
export interface Target {
  /** For messages; visible ASCII only. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Private key files, in the order they are tried. */
  readonly identities: readonly string[];
  /** Whether the agent may only offer the keys of `identities`. */
  readonly identitiesOnly: boolean;
  readonly agentSocket: string | null;
  /** The first is where accepted keys go. */
  readonly knownHostsFiles: readonly string[];
  /** Name under which known_hosts keeps the host: `web1`, `[web1]:2222` or its HostKeyAlias. */
  readonly knownAs: string;
  /** Names that may also vouch for a key (the host without its port). */
  readonly alsoKnownAs: readonly string[];
  readonly hostKeys: SshSettings['hostKeys'];
  readonly transport: SshSettings['transport'];
  /** The host this one is reached through, `null` when it is dialled straight. */
  readonly via: Target | null;
  /** Tokens not expanded; only the openssh transport runs it. */
  readonly proxyCommand: string | null;
  /** argv of a program that carries the connection to the host; run by both transports, without a shell. */
  readonly proxy: readonly string[] | null;
  /** The user's ssh_config, for the openssh transport. */
  readonly config: string | null;
}

export interface TargetOptions {
  /** Finds a host of the fleet by name, so that a jump host can be named as the fleet names it. */
  readonly findHost?: (name: string) => Host | null;
  /** Sources of the fleet, for what a host without address is reached by. */
  readonly sources?: readonly Source[];
  /** Settings of a host's role. */
  readonly settingsOf: (role: string | null) => SshSettings;
  /** Program name of OpenSSH's client. */
  readonly ssh: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** ssh(1): the names tried when nothing names a key. DSA is gone; `sk` keys need the openssh transport. */
const defaultIdentities = ['id_rsa', 'id_ecdsa', 'id_ed25519'];
const globalKnownHosts = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];
const queryDeadlineMs = 5_000;
const maxJumps = 8;

interface Dialled {
  /** Name matched against ssh_config. */
  readonly name: string;
  /** Address the source gave, `null` when ssh_config or DNS must find it. */
  readonly address: string | null;
  readonly user: string | null;
  readonly port: number | null;
}

/** Solves hosts into targets; ssh_config files are parsed once. */
export class TargetResolver {
  readonly #options: TargetOptions;
  readonly #configs = new Map<string, SshConfigFile>();
  readonly #answers = new Map<string, Promise<HostOptions>>();

  constructor(options: TargetOptions) {
    this.#options = options;
  }

  /** @throws ReachError when the host has no address or ssh_config cannot be followed. */
  async resolve(host: Host): Promise<Target> {
    const settings = this.#options.settingsOf(host.role);
    if (host.address === null) {
      const route = iapRoute(host, settings, this.#options.sources ?? []);
      if (route !== null) return this.#throughIap(host, settings, route);
      throw new ReachError(
        'unreachable',
        `${visibleName(host.name)} has no address to dial.`,
        'Its inventory source gave none; a stopped machine has none.',
      );
    }
    const dialled = { name: host.name, address: host.address, user: host.ssh.user, port: host.ssh.port };
    return this.#target(dialled, settings, settings.jump, 0);
  }

  /** By its name, unless the user's own ssh_config knows a way to it. */
  async #throughIap(host: Host, settings: SshSettings, route: IapRoute): Promise<Target> {
    const dialled = { name: host.name, address: null, user: host.ssh.user, port: host.ssh.port };
    const target = await this.#target(dialled, settings, [], 0);
    if (target.address !== host.name || target.via !== null || target.proxyCommand !== null) return target;
    return { ...target, proxy: await iapCommand(route, target.port, this.#options.env) };
  }

  async #target(dialled: Dialled, settings: SshSettings, jumps: readonly string[], depth: number): Promise<Target> {
    if (depth > maxJumps) {
      throw new ReachError(
        'unreachable',
        `The jump hosts before ${visibleName(dialled.name)} lead in a circle.`,
        'See ssh.jump in the fleet file and ProxyJump in ~/.ssh/config.',
      );
    }
    const user = dialled.user ?? settings.user;
    const config = await this.#config(dialled, settings.config, user);
    const explicitAddress = dialled.address !== null && dialled.address !== dialled.name ? dialled.address : null;
    const original = dialled.address ?? dialled.name;
    const address = explicitAddress ?? expandTokens(config.hostName ?? original, { h: original });
    const port = dialled.port ?? settings.port ?? config.port ?? 22;
    const login = user ?? config.user ?? userInfo().username;
    refuseUnsafe(dialled.name, address, login);
    const tokens = {
      h: address,
      n: original,
      p: String(port),
      r: login,
      u: userInfo().username,
      d: homedir(),
      L: hostname().split('.')[0] ?? '',
      l: hostname(),
      k: config.hostKeyAlias ?? original,
    };
    const explicitJumps = withoutSelf(jumps, dialled);
    const proxyJump = config.proxyJump?.split(',').map((jump) => expandTokens(jump.trim(), tokens)) ?? [];
    const chain = explicitJumps.length > 0 ? explicitJumps : jumps.length > 0 ? [] : withoutSelf(proxyJump, dialled);
    return {
      name: visibleName(dialled.name),
      address,
      port,
      user: login,
      ...this.#identities(settings, config, tokens),
      knownHostsFiles: [...knownHostsFiles(settings, config, tokens), ...globalKnownHosts],
      knownAs: config.hostKeyAlias?.toLowerCase() ?? knownHostName(address, port),
      alsoKnownAs: config.hostKeyAlias === null && port !== 22 ? [knownHostName(address, 22)] : [],
      hostKeys: settings.hostKeys,
      transport: settings.transport,
      via: await this.#via(chain, settings, depth),
      proxyCommand: chain.length > 0 || jumps.length > 0 ? null : config.proxyCommand,
      proxy: null,
      config: settings.config === null ? null : expandHome(settings.config),
    };
  }

  /** The last jump of a chain, itself reached through those before it. */
  async #via(chain: readonly string[], settings: SshSettings, depth: number): Promise<Target | null> {
    const last = chain.at(-1);
    if (last === undefined) return null;
    const written = parseJump(last);
    const fleetHost = this.#options.findHost?.(written.name) ?? null;
    const own = fleetHost === null ? settings : this.#options.settingsOf(fleetHost.role);
    const dialled: Dialled = {
      name: written.name,
      address: fleetHost?.address ?? null,
      user: written.user ?? fleetHost?.ssh.user ?? null,
      // The fleet's port is for its hosts; a jump host's is its own, ssh_config's or 22.
      port: written.port ?? fleetHost?.ssh.port ?? null,
    };
    return this.#target(dialled, fleetHost === null ? { ...own, port: null } : own, chain.slice(0, -1), depth + 1);
  }

  #identities(
    settings: SshSettings,
    config: HostOptions,
    tokens: Readonly<Record<string, string>>,
  ): Pick<Target, 'identities' | 'identitiesOnly' | 'agentSocket'> {
    const agentSocket = settings.agent ? this.#agentSocket(config.identityAgent, tokens) : null;
    if (settings.identity.length > 0) return { identities: settings.identity.map(expandHome), identitiesOnly: true, agentSocket };
    const named = config.identityFiles.map((file) => expandPath(file, tokens));
    const identities = named.length > 0 ? named : defaultIdentities.map((name) => join(homedir(), '.ssh', name));
    return { identities, identitiesOnly: config.identitiesOnly, agentSocket };
  }

  #agentSocket(identityAgent: string | null, tokens: Readonly<Record<string, string>>): string | null {
    const inherited = this.#options.env.SSH_AUTH_SOCK ?? null;
    if (identityAgent === null || identityAgent === 'SSH_AUTH_SOCK') return inherited;
    if (identityAgent.toLowerCase() === 'none') return null;
    if (identityAgent.startsWith('$') && !identityAgent.startsWith('${')) return this.#options.env[identityAgent.slice(1)] ?? null;
    return expandPath(identityAgent, tokens);
  }

  async #config(dialled: Dialled, file: string | null, user: string | null): Promise<HostOptions> {
    if (file === null) return noHostOptions;
    const path = expandHome(file);
    const config = this.#configs.get(path) ?? new SshConfigFile(path);
    this.#configs.set(path, config);
    const names = [...new Set([dialled.name, dialled.address ?? dialled.name])];
    const answer = config.answer({ names, user });
    if (answer.kind === 'options') return answer.options;
    // `ssh -G` takes one name; an IP address says less than the name that stands for it.
    const asked = dialled.address === null || isIP(dialled.address) !== 0 ? dialled.name : dialled.address;
    const id = [path, asked, user ?? ''].join('\0');
    const pending =
      this.#answers.get(id) ?? askOpenssh(path, asked, user, answer.criterion, { deadlineMs: queryDeadlineMs, ssh: this.#options.ssh });
    this.#answers.set(id, pending);
    pending.catch(() => this.#answers.delete(id));
    return pending;
  }
}

function knownHostsFiles(settings: SshSettings, config: HostOptions, tokens: Readonly<Record<string, string>>): readonly string[] {
  if (settings.knownHosts.length > 0) return settings.knownHosts.map(expandHome);
  if (config.userKnownHostsFiles.length > 0) return config.userKnownHostsFiles.map((file) => expandPath(file, tokens));
  return [join(homedir(), '.ssh', 'known_hosts'), join(homedir(), '.ssh', 'known_hosts2')];
}

/**
 * Addresses and users come from inventories and end in command lines of ssh and of ProxyCommands.
 * The rules are OpenSSH's own since 9.6 (ssh_valid_hostname, valid_ruser in ssh.c).
 * @throws ReachError
 */
function refuseUnsafe(name: string, address: string, user: string): void {
  const remedy = 'Correct it in the fleet file, the inventory source or ~/.ssh/config.';
  if (!/^[A-Za-z0-9_:][\w.:%-]*$/.test(address)) {
    throw new ReachError(
      'unreachable',
      `“${visibleName(address)}”, the address of ${visibleName(name)}, is not a host name or IP address.`,
      remedy,
    );
  }
  if (!/^[^-\s'"`$\\;&<>|(){}][^\s'"`$\\;&<>|(){}]*$/.test(user)) {
    throw new ReachError('unreachable', `“${visibleName(user)}”, the user for ${visibleName(name)}, is not a login name.`, remedy);
  }
}

/** A fleet-wide jump host is not reached through itself: the chain ends before its own entry. */
function withoutSelf(jumps: readonly string[], dialled: Dialled): readonly string[] {
  const own = jumps.findIndex((jump) => {
    const { name } = parseJump(jump);
    return name === dialled.name || name === dialled.address;
  });
  return own === -1 ? jumps : jumps.slice(0, own);
}

/** `user@host:port`, `host`, `[::1]:22` or `ssh://user@host:port` as ProxyJump takes them. */
export function parseJump(text: string): { readonly name: string; readonly user: string | null; readonly port: number | null } {
  const bare = text.replace(/^ssh:\/\//, '').replace(/\/$/, '');
  const at = bare.lastIndexOf('@');
  const rest = bare.slice(at + 1);
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(rest);
  const plain = /^([^:]+)(?::(\d+))?$/.exec(rest);
  const [, name = rest, port] = bracketed ?? plain ?? [];
  return { name, user: at === -1 ? null : bare.slice(0, at), port: port === undefined ? null : Number(port) };
}
