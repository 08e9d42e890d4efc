import { existsSync } from 'node:fs';
import { changedKeyError, revokedKeyError } from './host-key-check.ts';
import { iapFailure } from './iap.ts';
import { ReachError } from './reach-error.ts';
import { sanitizeLine } from './sanitize.ts';
import type { Target } from './target.ts';

/** Why ssh gave up, out of its own English words (it runs under LC_ALL=C). `unknown-key` may be asked about. */
export type OpensshFailure = { readonly kind: 'failed' | 'throttled' | 'unknown-key'; readonly error: ReachError };

export function opensshFailure(stderr: string, target: Target): OpensshFailure {
  const failed = (error: ReachError): OpensshFailure => ({ kind: 'failed', error });
  const place = `${sanitizeLine(target.address)} port ${target.port}`;
  const jump = target.via === null ? '' : `, tried from jump host ${target.via.name}`;
  const proxyError = target.proxy === null ? null : iapFailure(stderr, target.name, target.port);
  if (proxyError !== null) return failed(proxyError);
  const offending = /Offending (\S+) key in (.+):(\d+)/.exec(stderr);
  if (/REVOKED HOST KEY DETECTED|is marked as revoked|revoked by file/i.test(stderr)) {
    return failed(revokedKeyError(target, target.knownHostsFiles[0] ?? 'known_hosts'));
  }
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(stderr)) {
    const fingerprint = /SHA256:[\w+/]+/.exec(stderr)?.[0] ?? 'another';
    const [, keyType = 'host', file = target.knownHostsFiles[0] ?? '', line = '?'] = offending ?? [];
    return failed(changedKeyError(target, fingerprint, keyType, `${file}:${line}`, file));
  }
  if (/Host key verification failed|No \S+ host key is known/.test(stderr)) {
    const error = new ReachError(
      'host-key',
      `The host key of ${target.name} (${sanitizeLine(target.knownAs)}) is not known. Nothing was sent.`,
      'Accept it in the console, or add it to known_hosts.',
    );
    return { kind: 'unknown-key', error };
  }
  if (/Permission denied \(|Too many authentication failures|no more authentication methods/i.test(stderr)) {
    const methods = /Permission denied \(([^)]*)\)/.exec(stderr)?.[1];
    const asks = methods === undefined ? 'too many keys were offered' : `no key was accepted (it takes ${sanitizeLine(methods, 80)})`;
    return failed(
      new ReachError(
        'auth',
        `${target.name} does not let ${sanitizeLine(target.user)} in: ${asks}.${missingKeys(target)}`,
        'Name the right user and key under ssh in the fleet file, or ssh-add the key; nobody is asked for passphrases with `transport: openssh`.',
      ),
    );
  }
  if (/open failed: .*refused|Connection refused/.test(stderr)) {
    const atJump = target.via !== null && !/open failed: /.test(stderr);
    return failed(
      atJump
        ? new ReachError(
            'unreachable',
            `${target.name} is behind jump host ${target.via?.name ?? ''}, which refuses connections.`,
            'Check the jump host first.',
          )
        : new ReachError(
            'refused',
            `${target.name} refuses connections at ${place}${jump}: no SSH server listens there.`,
            'Check that sshd runs there and that the port is right.',
          ),
    );
  }
  if (target.via !== null && /stdio forwarding (?:request )?failed/i.test(stderr) && !/prohibited/.test(stderr)) {
    return failed(
      new ReachError(
        'unreachable',
        `The jump host ${target.via.name} cannot open a connection to ${target.name} at ${place}.`,
        'The machine is down, refuses connections, or has no route from there.',
      ),
    );
  }
  if (/administratively prohibited/.test(stderr)) {
    return failed(
      new ReachError(
        'unreachable',
        `The jump host ${target.via?.name ?? ''} does not forward connections, so ${target.name} cannot be reached.`,
        'Allow it in sshd_config there: AllowTcpForwarding yes.',
      ),
    );
  }
  if (/Could not resolve hostname|Name or service not known/i.test(stderr)) {
    return failed(
      new ReachError(
        'unreachable',
        `The address of ${target.name} cannot be found: no such name as in ${place}.`,
        'Check the address in the fleet file, HostName in ~/.ssh/config, and DNS.',
      ),
    );
  }
  if (/No route to host|Network is unreachable|Host is down/i.test(stderr)) {
    return failed(
      new ReachError('unreachable', `There is no route to ${target.name} at ${place}${jump}.`, 'Check your own network or VPN first.'),
    );
  }
  if (/timed out|not responding/i.test(stderr)) {
    return failed(
      new ReachError(
        'timeout',
        `${target.name} does not answer at ${place}${jump}.`,
        'The machine is down or hung, or a firewall drops the packets.',
      ),
    );
  }
  if (
    target.proxyCommand === null &&
    target.proxy === null &&
    /kex_exchange_identification: |Exceeded MaxStartups|Not allowed at this time/.test(stderr)
  ) {
    return {
      kind: 'throttled',
      error: new ReachError(
        'throttled',
        `${target.name} closes new connections: too many logins at once (MaxStartups), or it shuts this address out for a while.`,
        'Lower poll.handshakes in the fleet file, or raise MaxStartups on the host.',
      ),
    };
  }
  const said = sanitizeLine(stderr.slice(-300), 300);
  return failed(
    new ReachError(
      'unreachable',
      `${target.name} cannot be reached: ssh ${said === '' ? 'ended without a word' : `said “${said}”`}.`,
      `Try it yourself: ssh -p ${target.port} ${sanitizeLine(target.user)}@${sanitizeLine(target.address)}`,
    ),
  );
}

/** ssh says nothing of a key file that is not there when the fleet file or ssh_config names it. */
function missingKeys(target: Target): string {
  const missing = target.identitiesOnly ? target.identities.filter((file) => !existsSync(file)) : [];
  return missing.length === 0 ? '' : ` Not offered: ${missing.map((file) => `${sanitizeLine(file)} does not exist`).join('; ')}.`;
}
