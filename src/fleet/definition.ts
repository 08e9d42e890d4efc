/**
 * The checked content of one fleet file: what `config/` makes and every other room reads.
 * Durations are ms, sizes bytes, thresholds per cent (0–100) unless a field says otherwise.
 */

import type { Pattern, Redaction } from './pattern.ts';

/** A value that may stand outside the file; resolved only by the code that uses it. */
export type Setting =
  | { readonly kind: 'literal'; readonly value: string }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string };

export interface Environment {
  readonly name: string;
  /** `null` for the built-in `default`, which takes what matched nothing. */
  readonly match: { readonly label: LabelMatch | null; readonly name: Pattern | null } | null;
  readonly danger: boolean;
  readonly color: 'red' | 'yellow' | 'green' | 'blue' | 'magenta' | 'cyan' | 'gray';
}

export interface LabelMatch {
  readonly key: string;
  readonly value: string;
}

/** `tag:x` · `label:k=v` · `name:REGEX` */
export type RoleMatch =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'label'; readonly label: LabelMatch }
  | { readonly kind: 'name'; readonly pattern: Pattern };

interface SourceBase {
  /** Unique in the fleet: `static`, `gce:paris-code`, `azure:codalab`, `local`. */
  readonly name: string;
  readonly refreshMs: number;
  readonly deadlineMs: number;
}

interface CloudSourceBase extends SourceBase {
  readonly endpoint: string | null;
  readonly ca: string | null;
  readonly token: Setting | null;
  readonly roles: readonly { readonly role: string; readonly match: RoleMatch }[];
  readonly address: AddressChoice;
  /** Named groups fill env, role and labels. */
  readonly namePattern: Pattern | null;
}

export type AddressChoice =
  | { readonly kind: 'private' }
  | { readonly kind: 'public' }
  | { readonly kind: 'name' }
  | { readonly kind: 'label'; readonly key: string };

export interface StaticHost {
  readonly name: string;
  readonly address: string;
  readonly port: number | null;
  readonly user: string | null;
  readonly role: string | null;
  readonly env: string | null;
  readonly zone: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

export type Source =
  | (CloudSourceBase & {
      readonly kind: 'gce';
      readonly project: Setting;
      readonly zones: readonly string[];
      readonly filter: string | null;
    })
  | (CloudSourceBase & {
      readonly kind: 'azure';
      readonly subscription: Setting;
      readonly resourceGroup: Setting | null;
    })
  | (SourceBase & { readonly kind: 'static'; readonly hosts: readonly StaticHost[] })
  | (SourceBase & { readonly kind: 'local'; readonly hostName: string; readonly role: string | null; readonly env: string | null });

/** How changes and privileged reads run: as the login user, `sudo -n`, or `sudo -n -u NAME`. */
export type Sudo = { readonly kind: 'no' } | { readonly kind: 'root' } | { readonly kind: 'user'; readonly user: string };

export interface SshSettings {
  /** `null`: ~/.ssh/config, else the login name. */
  readonly user: string | null;
  readonly port: number | null;
  /** Files as written, `~` expanded. Empty: the agent, then ~/.ssh/config and OpenSSH's default names. */
  readonly identity: readonly string[];
  readonly agent: boolean;
  /** `null`: no file. */
  readonly config: string | null;
  readonly knownHosts: readonly string[];
  readonly hostKeys: 'ask' | 'strict';
  /** Host names or `user@host:port`, outermost first. */
  readonly jump: readonly string[];
  readonly transport: 'ssh2' | 'openssh';
  /** Whether GCE hosts without an address are reached through Google's Identity-Aware Proxy. */
  readonly iap: 'auto' | 'never';
  readonly sudo: Sudo;
}

export interface PollSettings {
  readonly everyMs: number;
  readonly deadlineMs: number;
  readonly staleMs: number;
  /** Handshakes under way at once over the whole fleet. */
  readonly handshakes: number;
}

export type ServiceManager = 'systemd' | 'systemd-user' | 'sysv' | 'docker' | 'docker-compose' | 'supervisor';

export interface ServiceSpec {
  readonly name: string;
  /** Roles it runs on. */
  readonly on: readonly string[];
  readonly manager: ServiceManager;
  /** Unit, SysV script, container, compose service or supervisor program; the service's name when the file gives none. */
  readonly unit: string;
  /** Compose project, `null` otherwise. */
  readonly project: string | null;
  readonly port: number | null;
  /** Unix socket path, `null` when none. */
  readonly socket: string | null;
  /** Command that must exit 0 before a restart, e.g. `nginx -t`. */
  readonly precheck: string | null;
  /** Names of checks that prove a restart. */
  readonly verify: readonly string[];
  /** Second key after `r`. */
  readonly key: string | null;
  /** Forbids a plain restart. */
  readonly stateful: boolean;
  /** How long the proof must hold, ms. */
  readonly holdMs: number;
}

interface CheckBase {
  readonly name: string;
  /** Roles asked, or empty when `from` is `here`. */
  readonly on: readonly string[];
  /** `host`: asked on (or through) each host; `here`: asked once by this console. */
  readonly from: 'host' | 'here';
  readonly everyMs: number;
  readonly timeoutMs: number;
}

export type CheckSpec =
  | (CheckBase & { readonly kind: 'tcp'; readonly host: string; readonly port: number })
  | (CheckBase & {
      readonly kind: 'http';
      readonly url: string;
      /** Host header, `null` for the URL's own. */
      readonly hostHeader: string | null;
      readonly headers: Readonly<Record<string, string>>;
      /** Unix socket to connect to instead of the URL's address. */
      readonly unix: string | null;
      /** `null`: any 2xx (or 3xx when `follow` is false). */
      readonly status: number | null;
      /** Text the body must contain. */
      readonly body: string | null;
      readonly follow: boolean;
      readonly minBytes: number | null;
    })
  | (CheckBase & { readonly kind: 'version'; readonly url: string; readonly hostHeader: string | null; readonly unix: string | null })
  | (CheckBase & {
      readonly kind: 'tls';
      readonly host: string;
      readonly port: number;
      readonly serverName: string;
      readonly warnMs: number;
      readonly critMs: number;
    })
  | (CheckBase & {
      readonly kind: 'mysql';
      readonly socket: string | null;
      readonly host: string | null;
      readonly port: number | null;
      readonly user: string | null;
      readonly password: Setting | null;
      readonly defaultsFile: string | null;
      readonly replication: boolean;
      readonly lagWarnMs: number;
      readonly lagCritMs: number | null;
    })
  | (CheckBase & { readonly kind: 'memcached'; readonly host: string; readonly port: number; readonly hitRateWarn: number | null })
  | (CheckBase & {
      readonly kind: 'command';
      readonly command: string;
      readonly number: boolean;
      readonly warn: number | null;
      readonly crit: number | null;
      readonly below: boolean;
    })
  | (CheckBase & { readonly kind: 'file_age'; readonly path: string; readonly warnMs: number | null; readonly critMs: number | null });

/** Enter at `warn` or `crit`, leave below `leave`; `forMs` before it is an alert. All in the limit's own unit. */
export interface Limit {
  readonly warn: number | null;
  readonly crit: number | null;
  readonly leave: number | null;
  readonly forMs: number;
}

/** NFS server operations against what its disk can do. */
export interface IopsLimit {
  readonly on: readonly string[];
  /** Mount point of the export's filesystem, whose block device is compared. */
  readonly disk: string | null;
  readonly ceiling: number;
  readonly warnPct: number;
  readonly critPct: number | null;
  readonly forMs: number;
}

export interface Limits {
  readonly cpu: Limit;
  readonly iowait: Limit | null;
  readonly steal: Limit | null;
  readonly memory: Limit;
  readonly swap: Limit | null;
  readonly disk: Limit;
  readonly inodes: Limit;
  readonly nfsMs: Limit;
  readonly nfsIops: readonly IopsLimit[];
  readonly load: Limit | null;
}

export interface PoolSpec {
  readonly name: string;
  readonly kind:
    | 'gce-target-pool'
    | 'gce-instance-group'
    | 'gce-neg'
    | 'azure-lb'
    | 'haproxy'
    | 'nginx-upstream'
    | 'health-file'
    | 'command';
  readonly memberRoles: readonly string[];
  /** Fewest members, and smallest share of them in per cent, that stay healthy and in. */
  readonly floor: { readonly count: number; readonly ratio: number };
  readonly drain: { readonly ports: readonly number[]; readonly atMost: number; readonly timeoutMs: number } | null;
  readonly remindMs: number | null;
  /** Keys of this kind as the file gives them (pool, region, zone, socket, backend, file, check, …). */
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

export interface BackupSpec {
  readonly name: string;
  /** `watch`: watched, never triggered. */
  readonly kind: 'gce-snapshot' | 'azure-snapshot' | 'rsync' | 'mysqldump' | 'mariadb-dump' | 'rsnapshot' | 'command' | 'watch';
  readonly on: readonly string[];
  readonly maxAgeMs: number;
  readonly keep: number | null;
  readonly sameHost: boolean;
  readonly key: string | null;
  /** Longest that one may take on its host. */
  readonly timeoutMs: number;
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

export interface ReleaseSpec {
  readonly name: string;
  readonly on: readonly string[];
  readonly root: string;
  readonly restart: string | null;
  readonly warnMigrations: string | null;
}

/** How a stateful node is emptied: it stops accepting, and its count falls to zero by itself; nothing is ever killed. */
export interface DrainSpec {
  readonly name: string;
  readonly on: readonly string[];
  readonly stopAccepting: string;
  /** Takes new work again; `null` when the file names no way back. */
  readonly resume: string | null;
  /** Command that prints the number still there. */
  readonly active: string;
  readonly timeoutMs: number;
}

export interface ActionInput {
  readonly name: string;
  readonly type: 'text' | 'int' | 'number' | 'bool' | 'choice' | 'host' | 'secret' | 'url' | 'duration';
  readonly choices: readonly string[];
  readonly pattern: Pattern | null;
  readonly optional: boolean;
  readonly help: string | null;
}

export interface CustomAction {
  readonly name: string;
  readonly on: readonly string[];
  /** Command with `{{ input }}` places, quoted where they land. */
  readonly run: string;
  readonly inputs: readonly ActionInput[];
  readonly risk: 'safe' | 'change' | 'danger';
  readonly undo: string | null;
  readonly why: string | null;
  readonly key: string | null;
}

/** One fleet file, checked. */
export interface Fleet {
  readonly name: string;
  readonly title: string;
  /** Path as given by the user; shown in messages. */
  readonly file: string;
  /** In file order, `default` last. */
  readonly environments: readonly Environment[];
  readonly sources: readonly Source[];
  readonly ssh: SshSettings;
  readonly sshByRole: ReadonlyMap<string, SshSettings>;
  readonly poll: PollSettings;
  readonly services: readonly ServiceSpec[];
  readonly checks: readonly CheckSpec[];
  readonly limits: Limits;
  /** Role → roles it depends on. */
  readonly depends: ReadonlyMap<string, readonly string[]>;
  readonly approve: { readonly over: number | null; readonly danger: boolean };
  readonly bulk: { readonly canary: number; readonly batch: number; readonly healthy: number; readonly stopAfter: number };
  readonly pools: readonly PoolSpec[];
  readonly backups: readonly BackupSpec[];
  readonly releases: readonly ReleaseSpec[];
  readonly drains: readonly DrainSpec[];
  readonly maintenanceMode: ReadonlyMap<string, { readonly on: string; readonly off: string; readonly check: string | null }>;
  readonly actions: readonly CustomAction[];
  /** Command texts refused wherever they would be run from. */
  readonly never: readonly string[];
  readonly redact: readonly Redaction[];
  readonly playbooks: string | null;
  readonly contacts: string | null;
  readonly notify: {
    readonly webhook: Setting | null;
    readonly mail: { readonly to: readonly string[]; readonly smtp: string } | null;
    readonly bell: boolean;
  };
  readonly routines: { readonly daily: readonly string[]; readonly weekly: readonly string[] };
}

/** SSH settings of a host by its role. */
export function sshOf(fleet: Fleet, role: string | null): SshSettings {
  return (role === null ? undefined : fleet.sshByRole.get(role)) ?? fleet.ssh;
}

/** Services of the fleet that run on a role. */
export function servicesOn(fleet: Fleet, role: string | null): readonly ServiceSpec[] {
  return role === null ? [] : fleet.services.filter((service) => service.on.includes(role));
}

/** Checks asked of each host of a role. */
export function checksOn(fleet: Fleet, role: string | null): readonly CheckSpec[] {
  return role === null ? [] : fleet.checks.filter((check) => check.from === 'host' && check.on.includes(role));
}

/** Environment by name; `default` when the file names no such one. */
export function environmentOf(fleet: Fleet, name: string): Environment {
  const found = fleet.environments.find((environment) => environment.name === name);
  if (found !== undefined) return found;
  return { name, match: null, danger: true, color: 'red' };
}
