import type { KeyOffers } from './identities.ts';
import { ReachError } from './reach-error.ts';
import { sanitizeLine } from './sanitize.ts';
import type { Target } from './target.ts';

/** The caller stopped waiting. */
export function givenUp(target: Target): ReachError {
  return new ReachError('unreachable', `The attempt to reach ${target.name} was given up.`, null);
}

/** No key was accepted. `methods` is what the server would take, empty when it did not say. */
export function keysRefused(target: Target, offers: KeyOffers, keysTried: number, methods: readonly string[]): ReachError {
  const notes = offers.notes.length === 0 ? '' : ` Not offered: ${offers.notes.join('; ')}.`;
  const tried = keysTried === 0 ? 'there is no key to offer' : `none of the ${keysTried} keys offered was accepted`;
  const wants =
    methods.length === 0 || methods.includes('publickey') ? '' : ` It asks for ${sanitizeLine(methods.join(' or '), 80)} instead.`;
  return new ReachError(
    'auth',
    `${target.name} does not let ${sanitizeLine(target.user)} in: ${tried}.${wants}${notes}`,
    'Name the right user and key under ssh in the fleet file, or ssh-add the key; FIDO keys and certificates need `transport: openssh`.',
  );
}

/** The server ended the login while keys were tried; `why` in its own words. */
export function loginEnded(target: Target, why: string): ReachError {
  const user = sanitizeLine(target.user);
  if (/too many authentication failures/i.test(why)) {
    const remedy = 'Name the right key under ssh.identity in the fleet file.';
    return new ReachError('auth', `${target.name} stopped the login of ${user}: too many keys were offered.`, remedy);
  }
  return new ReachError('auth', `${target.name} ended the login of ${user}: ${why}.`, 'See the log of sshd on the host.');
}

/** The server dropped us before it said who it is; `greeting` is what it said instead. */
export function droppedAtTheDoor(target: Target, greeting: string): ReachError {
  const said = sanitizeLine(greeting, 120);
  const what = said === '' ? 'without a word' : `with “${said}”`;
  return new ReachError(
    'throttled',
    `${target.name} closes new connections ${what}: too many logins at once (MaxStartups), or it shuts this address out for a while.`,
    'Lower poll.handshakes in the fleet file, or raise MaxStartups on the host.',
  );
}

/** What came was not the SSH we speak. */
export function protocolError(error: Error, target: Target): ReachError {
  if (/no matching|No matching/.test(error.message)) {
    return new ReachError(
      'unreachable',
      `${target.name} and this program share no ${sanitizeLine(error.message.replace(/^.*no matching /i, ''), 80)}.`,
      'Set `transport: openssh` for its role under ssh in the fleet file: OpenSSH knows more algorithms.',
    );
  }
  return new ReachError(
    'unreachable',
    `${target.name} does not speak SSH as expected: ${sanitizeLine(error.message, 200)}.`,
    'Check that its port is the one of sshd.',
  );
}
