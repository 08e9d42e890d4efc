import type { ParsedKey } from 'ssh2';
import type { Secret } from '../fleet/secret.ts';
import { AgentKeys, ChosenAgentKeys } from './agent.ts';
import type { Prompts } from './connection.ts';
import { type KeyFile, parsePrivateKey, publicBlob, readKeyFile } from './key-file.ts';
import { sanitizeLine } from './sanitize.ts';
import type { Target } from './target.ts';

/** One thing to offer a server, in order. A locked file is opened only when the login gets to it. */
export type KeyOffer =
  | { readonly kind: 'agent'; readonly agent: ChosenAgentKeys; readonly count: number }
  | { readonly kind: 'key'; readonly key: ParsedKey }
  | { readonly kind: 'locked'; readonly file: string };

export interface KeyOffers {
  readonly offers: readonly KeyOffer[];
  /** Why something cannot be offered; said when the login fails. */
  readonly notes: readonly string[];
}

const maxPassphraseTries = 3;

/** Keys of agents and files. Passphrases and opened keys live in memory only, per key file. */
export class Identities {
  readonly #prompts: Prompts;
  readonly #closing: AbortSignal;
  readonly #agents = new AgentKeys();
  readonly #files = new Map<string, KeyFile>();
  readonly #unlocking = new Map<string, Promise<void>>();
  readonly #declined = new Set<string>();
  readonly #builtIn: KeyFile | null;

  /**
   * @param identityPem a private key in memory that takes the place of every other (the embedded demo fleet).
   * @param closing ends open questions; a host's own attempt may be given up while the person still types.
   */
  constructor(prompts: Prompts, identityPem: string | null, closing: AbortSignal) {
    this.#prompts = prompts;
    this.#closing = closing;
    this.#builtIn = identityPem === null ? null : parsePrivateKey(identityPem, 'the built-in key', null);
  }

  /**
   * What to offer this host, as OpenSSH orders it: agent keys that the settings name, other agent keys, then files.
   * Waits while a passphrase that this host needs too is being asked for.
   */
  async offersFor(target: Target): Promise<KeyOffers> {
    if (this.#builtIn !== null) return builtInOffers(this.#builtIn);
    await Promise.allSettled(target.identities.map((file) => this.#unlocking.get(file)));
    const notes: string[] = [];
    const agentKeys = await this.#agentKeys(target, notes);
    const named: ParsedKey[] = [];
    const fromFiles: KeyOffer[] = [];
    const locked: KeyOffer[] = [];
    for (const file of target.identities) {
      const found = this.#file(file);
      const blob = found.kind === 'key' ? found.key.getPublicSSH() : publicBlob(file);
      const inAgent = blob === null ? undefined : agentKeys.find((key) => key.getPublicSSH().equals(blob));
      if (inAgent !== undefined) named.push(inAgent);
      else if (found.kind === 'key') fromFiles.push({ kind: 'key', key: found.key });
      else if (found.kind === 'locked' && !this.#declined.has(file)) locked.push({ kind: 'locked', file });
      else notes.push(...noteOf(file, found, target.identitiesOnly));
    }
    const others = target.identitiesOnly ? [] : agentKeys.filter((key) => !named.includes(key));
    const chosen = [...named, ...others];
    const agent: KeyOffer[] =
      target.agentSocket === null || chosen.length === 0
        ? []
        : [{ kind: 'agent', agent: new ChosenAgentKeys(target.agentSocket, chosen), count: chosen.length }];
    return { offers: [...agent, ...fromFiles, ...locked], notes };
  }

  /** Asks for a key file's passphrase, once for all hosts that need it. Without an answer the file is not offered again in this run. */
  unlock(file: string): Promise<void> {
    if (this.#files.has(file) || this.#declined.has(file)) return Promise.resolve();
    const pending = this.#unlocking.get(file) ?? this.#ask(file).finally(() => this.#unlocking.delete(file));
    this.#unlocking.set(file, pending);
    return pending;
  }

  async #ask(file: string): Promise<void> {
    for (let tries = 0; tries < maxPassphraseTries; tries += 1) {
      const passphrase: Secret | null = await this.#prompts.passphrase({ keyFile: sanitizeLine(file), again: tries > 0 }, this.#closing);
      if (passphrase === null) break;
      const opened = readKeyFile(file, passphrase);
      if (opened.kind === 'key') {
        this.#files.set(file, opened);
        return;
      }
    }
    this.#declined.add(file);
  }

  #file(file: string): KeyFile {
    const known = this.#files.get(file);
    // Only what can serve is kept: a file that is mended while the console runs must be seen.
    if (known !== undefined) return known;
    const found = readKeyFile(file, null);
    if (found.kind === 'key') this.#files.set(file, found);
    return found;
  }

  async #agentKeys(target: Target, notes: string[]): Promise<readonly ParsedKey[]> {
    if (target.agentSocket === null) return [];
    try {
      return await this.#agents.list(target.agentSocket);
    } catch {
      notes.push(`the ssh-agent at ${sanitizeLine(target.agentSocket)} does not answer`);
      return [];
    }
  }
}

function builtInOffers(key: KeyFile): KeyOffers {
  return key.kind === 'key'
    ? { offers: [{ kind: 'key', key: key.key }], notes: [] }
    : { offers: [], notes: ['the built-in key cannot be read'] };
}

/** Default names that do not exist are no news; a named file that is missing is. */
function noteOf(file: string, found: KeyFile, named: boolean): string[] {
  switch (found.kind) {
    case 'missing':
      return named ? [`${sanitizeLine(file)} does not exist`] : [];
    case 'locked':
      return [`${sanitizeLine(file)} is encrypted and was not opened (ssh-add it)`];
    case 'unusable':
      return [found.note];
    case 'key':
      return [];
  }
}
