import { BaseAgent, type IdentityCallback, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2';
import ssh2 from 'ssh2';

const answerDeadlineMs = 2_000;
/** A login storm asks once; a key added with ssh-add is seen soon after. */
const keepForMs = 5_000;

/** The keys that ssh-agents hold, asked for at most every few seconds per socket. */
export class AgentKeys {
  readonly #answers = new Map<string, { readonly at: number; readonly keys: Promise<readonly ParsedKey[]> }>();

  /** Rejects with a plain Error when nobody answers at the socket. */
  list(socket: string, now = performance.now()): Promise<readonly ParsedKey[]> {
    const known = this.#answers.get(socket);
    if (known !== undefined && now - known.at < keepForMs) return known.keys;
    const keys = askAgent(socket);
    this.#answers.set(socket, { at: now, keys });
    return keys;
  }
}

function askAgent(socket: string): Promise<readonly ParsedKey[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly ParsedKey[]>();
  const timer = setTimeout(() => reject(new Error('did not answer in time')), answerDeadlineMs);
  new ssh2.OpenSSHAgent(socket).getIdentities((error, keys) => {
    clearTimeout(timer);
    if (error) return reject(error);
    const parsed: ParsedKey[] = [];
    for (const key of keys ?? []) {
      const one = 'pubKey' in key ? key.pubKey : key;
      const readable = typeof one === 'string' || Buffer.isBuffer(one) ? ssh2.utils.parseKey(one) : 'pubKey' in one ? null : one;
      if (readable !== null && !(readable instanceof Error)) parsed.push(readable);
    }
    resolve(parsed);
  });
  return promise;
}

/** An ssh-agent seen through a choice of its keys. Never forwarded to a host. */
export class ChosenAgentKeys extends BaseAgent<ParsedKey> {
  readonly #agent: InstanceType<typeof ssh2.OpenSSHAgent>;
  readonly #keys: readonly ParsedKey[];

  constructor(socket: string, keys: readonly ParsedKey[]) {
    super();
    this.#agent = new ssh2.OpenSSHAgent(socket);
    this.#keys = keys;
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(null, [...this.#keys]);
  }

  override sign(key: ParsedKey, data: Buffer, options: SigningRequestOptions | SignCallback, callback?: SignCallback): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, callback);
  }
}
