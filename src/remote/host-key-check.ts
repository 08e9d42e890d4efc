import { abortable } from './abortable.ts';
import type { HostKeyQuestion, Prompts } from './connection.ts';
import { type HostKeyVerdict, keyFingerprint, keyTypeOf } from './known-hosts.ts';
import type { KnownHostsFiles } from './known-hosts-files.ts';
import { givenUp } from './login-errors.ts';
import { shellCommand } from './quote.ts';
import { ReachError } from './reach-error.ts';
import { sanitizeLine } from './sanitize.ts';
import type { Target } from './target.ts';

/** What to do about a presented key before anything else is sent. */
export type HostKeyDecision =
  | { readonly kind: 'trust' }
  /** Known, but by other types: dial again and ask for those first. */
  | { readonly kind: 'prefer'; readonly keyTypes: readonly string[] }
  | { readonly kind: 'ask'; readonly question: HostKeyQuestion }
  | { readonly kind: 'refuse'; readonly error: ReachError };

/** Checks host keys for all connections: what the files say, what the person was asked, and what was accepted. */
export class HostKeyCheck {
  readonly #files: KnownHostsFiles;
  readonly #prompts: Prompts;
  readonly #closing: AbortSignal;
  /** Accepted in this run, until the server has proved to own the key and it is in the file. */
  readonly #accepted = new Set<string>();
  readonly #asking = new Map<string, Promise<'accept' | 'reject' | null>>();

  /** @param closing ends open questions; a host's own attempt may be given up while the person still compares. */
  constructor(files: KnownHostsFiles, prompts: Prompts, closing: AbortSignal) {
    this.#files = files;
    this.#prompts = prompts;
    this.#closing = closing;
  }

  /** Key types to ask the server for first. @throws ReachError when a file cannot be read. */
  preferredTypes(target: Target): readonly string[] {
    return this.#files.read(target.knownHostsFiles).plainKeyTypes(target.knownAs);
  }

  /** @param preferred types that were already asked for first: when the key is still another one, the host has changed. */
  decide(target: Target, key: Buffer, preferred: readonly string[]): HostKeyDecision {
    try {
      const known = this.#files.read(target.knownHostsFiles);
      const verdict = known.judge([target.knownAs, ...target.alsoKnownAs], key);
      if (verdict.kind === 'changed') {
        const types = known.allKeyTypes(target.knownAs);
        const untried = !types.includes(keyTypeOf(key)) && types.some((type) => !preferred.includes(type));
        if (untried) return { kind: 'prefer', keyTypes: types };
      }
      return this.#judge(target, key, verdict);
    } catch (error) {
      if (error instanceof ReachError) return { kind: 'refuse', error };
      throw error;
    }
  }

  #judge(target: Target, key: Buffer, verdict: HostKeyVerdict): HostKeyDecision {
    switch (verdict.kind) {
      case 'known':
        return { kind: 'trust' };
      case 'unknown': {
        if (this.#accepted.has(acceptedId(target, key))) return { kind: 'trust' };
        const question = questionOf(target, key);
        if (target.hostKeys === 'strict') return { kind: 'refuse', error: unknownKeyError(question, 'ssh.host_keys is strict') };
        return { kind: 'ask', question };
      }
      case 'changed':
        return {
          kind: 'refuse',
          error: changedKeyError(target, keyFingerprint(key), keyTypeOf(key), `${verdict.at.file}:${verdict.at.line}`, verdict.at.file),
        };
      case 'revoked':
        return { kind: 'refuse', error: revokedKeyError(target, `${verdict.at.file}:${verdict.at.line}`) };
      case 'cert-authority':
        return {
          kind: 'refuse',
          error: new ReachError(
            'host-key',
            `${target.name} is vouched for by a certificate authority (${sanitizeLine(verdict.at.file)}:${verdict.at.line}), which the ssh2 transport cannot check. Nothing was sent.`,
            'Set `transport: openssh` for its role under ssh in the fleet file.',
          ),
        };
    }
  }

  /**
   * Puts the question to the person; the same question from several connections is asked once.
   * @throws ReachError when the answer is no, or when there is nobody to answer.
   */
  async ask(target: Target, key: Buffer, question: HostKeyQuestion, signal: AbortSignal): Promise<void> {
    // Another connection may have been told in the meantime.
    if (this.decide(target, key, []).kind === 'trust') return;
    const id = acceptedId(target, key);
    const pending = this.#asking.get(id) ?? this.#question(id, question);
    this.#asking.set(id, pending);
    const answer = await abortable(pending, signal, () => givenUp(target));
    if (answer !== 'accept') throw unknownKeyError(question, answer === 'reject' ? 'it was not accepted' : 'nobody could be asked');
  }

  async #question(id: string, question: HostKeyQuestion): Promise<'accept' | 'reject' | null> {
    try {
      const answer = await this.#prompts.hostKey(question, this.#closing);
      if (answer === 'accept') this.#accepted.add(id);
      return answer;
    } finally {
      this.#asking.delete(id);
    }
  }

  /** Called when the server has proved to own the key: an accepted one goes to the first file. */
  proved(target: Target, key: Buffer): void {
    const file = target.knownHostsFiles[0];
    if (!this.#accepted.has(acceptedId(target, key)) || file === undefined) return;
    try {
      this.#files.append(file, target.knownAs, keyTypeOf(key), key);
      this.#accepted.delete(acceptedId(target, key));
    } catch {
      // Not writable: it stays accepted for this run, as OpenSSH does, and is asked again in the next.
    }
  }
}

function acceptedId(target: Target, key: Buffer): string {
  return [target.knownHostsFiles[0] ?? '', target.knownAs, key.toString('base64')].join('\0');
}

/** The question about a key nobody knows. */
export function questionOf(target: Target, key: Buffer): HostKeyQuestion {
  return {
    hostName: target.name,
    knownAs: sanitizeLine(target.knownAs),
    keyType: sanitizeLine(keyTypeOf(key)),
    fingerprint: keyFingerprint(key),
    file: sanitizeLine(target.knownHostsFiles[0] ?? ''),
  };
}

function unknownKeyError(question: HostKeyQuestion, why: string): ReachError {
  return new ReachError(
    'host-key',
    `The host key of ${question.hostName} (${question.knownAs}, ${question.keyType} ${question.fingerprint}) is not known, and ${why}. Nothing was sent.`,
    `Compare the fingerprint with its owner's, then accept it in the console or add it to ${question.file}.`,
  );
}

/** A key other than the known one. The advice is OpenSSH's, in our words. */
export function changedKeyError(target: Target, fingerprint: string, keyType: string, place: string, file: string): ReachError {
  return new ReachError(
    'host-key',
    `HOST KEY CHANGED: ${target.name} (${sanitizeLine(target.knownAs)}) presents the ${sanitizeLine(keyType)} key ${fingerprint}, not the one in ${sanitizeLine(place)}. Someone may be listening in between, or the machine was made anew. Nothing was sent.`,
    `Ask its owner for the new fingerprint. Only if it is the same, remove the old key: ${shellCommand(['ssh-keygen', '-R', target.knownAs, '-f', file])}`,
  );
}

/** A key that known_hosts marks as revoked. */
export function revokedKeyError(target: Target, place: string): ReachError {
  return new ReachError(
    'host-key',
    `REVOKED HOST KEY: ${target.name} presents a key that ${sanitizeLine(place)} marks as revoked; it may be stolen. Nothing was sent.`,
    'Have the machine given a new host key; do not remove the line.',
  );
}
