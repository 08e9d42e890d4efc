import { resolveSetting } from '../config/resolve-setting.ts';
import type { Setting, Source, SshSettings } from '../fleet/definition.ts';
import type { Host } from '../fleet/host.ts';
import { ReachError } from './reach-error.ts';
import { sanitizeLine, visibleName } from './sanitize.ts';

/** Google's Identity-Aware Proxy in front of one machine. */
export interface IapRoute {
  readonly instance: string;
  readonly zone: string;
  readonly project: Setting;
}

/** How a host without an address is reached through IAP: only a GCE one with a known zone, and only when the settings let us. */
export function iapRoute(host: Host, settings: Pick<SshSettings, 'iap'>, sources: readonly Source[]): IapRoute | null {
  if (settings.iap === 'never' || host.address !== null || host.zone === null) return null;
  const source = sources.find(({ name }) => name === host.source);
  return source?.kind === 'gce' ? { instance: host.name, zone: host.zone, project: source.project } : null;
}

/** What a project, a zone and an instance may be called (RFC 1035 labels; a project may carry its domain): nothing that gcloud takes for an option. */
const plainName = /^[a-z0-9][a-z0-9.:-]*$/;

/**
 * The program that carries a connection to a port of the machine on its standard input and output, as argv. `--listen-on-stdin` is
 * what gcloud's own `compute ssh --tunnel-through-iap` uses as ProxyCommand; it is hidden from its help.
 * @throws ReachError
 */
export async function iapCommand(
  route: IapRoute,
  port: number,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const project = await projectOf(route, env);
  for (const name of [route.instance, route.zone, project]) {
    if (plainName.test(name)) continue;
    throw new ReachError(
      'unreachable',
      `${visibleName(route.instance)} cannot be reached through IAP: “${visibleName(name)}” is no name that gcloud takes.`,
      'Correct project in the fleet file.',
    );
  }
  const { instance, zone } = route;
  return ['gcloud', 'compute', 'start-iap-tunnel', instance, String(port), '--listen-on-stdin', '--zone', zone, '--project', project];
}

/** The project's name is no secret, though the file may keep it elsewhere. */
async function projectOf({ instance, project }: IapRoute, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  try {
    return (await resolveSetting(project, env)).reveal();
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown reason';
    throw new ReachError('unreachable', `The project of ${visibleName(instance)} is not known: ${sanitizeLine(why)}`, null);
  }
}

/** gcloud would otherwise ask whether to enable an API. */
export const iapEnvironment = { CLOUDSDK_CORE_DISABLE_PROMPTS: '1' } as const;

/** gcloud cannot be started. */
export function gcloudMissing(name: string): ReachError {
  return new ReachError(
    'unreachable',
    `${name} has no address and is reached through IAP, but gcloud cannot be started here.`,
    'Install the Google Cloud CLI, or set `iap: never` under ssh in the fleet file.',
  );
}

const tryYourself = 'Try it yourself: gcloud compute ssh --tunnel-through-iap.';

/** gcloud ended without an error that we know, before the machine had said anything. */
export function iapEnded(stderr: string, name: string): ReachError {
  const last = sanitizeLine(stderr.trim().split('\n').at(-1) ?? '', 200);
  const words = last === '' ? 'without a word' : `with “${last}”`;
  return new ReachError('unreachable', `gcloud, which reaches ${name} through IAP, ended ${words}.`, tryYourself);
}

/** Why gcloud gave up, out of its own words; `null` when it said nothing of the kind. Codes: cloud.google.com/iap, Testing TCP forwarding. */
export function iapFailure(stderr: string, name: string, port: number): ReachError | null {
  if (/gcloud: (?:command )?not found|exec: gcloud|gcloud.*No such file/i.test(stderr)) return gcloudMissing(name);
  const said = /ERROR: (?:\([\w.-]+\) )?(.+)/.exec(stderr)?.[1];
  if (said === undefined) return null;
  const words = sanitizeLine(said, 200).replace(/\.+$/, '');
  if (/\b4003\b|failed to connect to backend/i.test(said)) {
    return new ReachError(
      'unreachable',
      `IAP cannot connect to port ${port} of ${name}.`,
      'Its firewall must let 35.235.240.0/20 in, and sshd must run there.',
    );
  }
  if (/\b4033\b|not authorized|PERMISSION_DENIED/i.test(said)) {
    return new ReachError(
      'auth',
      `IAP does not let this Google account through to ${name}.`,
      'It takes the role IAP-secured Tunnel User (roles/iap.tunnelResourceAccessor).',
    );
  }
  if (/active account|reauth|refreshing|credential|login/i.test(said)) {
    return new ReachError('auth', `gcloud is not logged in, which reaching ${name} through IAP needs: ${words}.`, 'Run gcloud auth login.');
  }
  return new ReachError('unreachable', `IAP does not reach ${name}: ${words}.`, tryYourself);
}
