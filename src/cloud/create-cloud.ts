import { longestTimerMs } from '../fleet/duration.ts';
import { readBounded } from '../config/bounded-file.ts';
import { resolveSetting } from '../config/resolve-setting.ts';
import { sanitizeLine } from '../remote/sanitize.ts';
import { endSchemas } from './answer-schema.ts';
import type { CloudAccess, CloudAnswer, CloudAnswers, CloudCall, CloudError, CloudOptions } from './calls.ts';
import { childSpec } from './child-program.ts';
import { type ChildAnswer, CloudChild } from './cloud-child.ts';
import type { Cloud } from './cloud.ts';
import { providerName } from './provider-words.ts';
import type { RequestLine } from './request-schema.ts';

export interface CloudSettings {
  readonly env?: NodeJS.ProcessEnv;
  /** A child that serves pools and snapshots stays this long unasked, so that a drain's polling does not pay the SDK's start each time. */
  readonly idleMs?: number;
  /** Another program than our own child, for tests of what misbehaves. */
  readonly program?: string;
}

/** The child gives up this much earlier than it would be killed, ms, so that it can say why. */
const marginMs = 1000;
const maxCaBytes = 1024 * 1024;

interface Kept {
  readonly child: CloudChild;
  idleTimer: NodeJS.Timeout | null;
}

/**
 * The way to the clouds. Nothing of an SDK is loaded in this process: each access is asked through a child process of its own, started
 * when it is first asked. The child of a listing ends with it; one that serves other calls stays a while. Never rejects.
 */
export function createCloud(settings: CloudSettings = {}): Cloud {
  const pool = new ChildPool(settings);
  return {
    read: (access, call, options) => pool.ask(access, call, options, false),
    write: (access, call, options) => pool.ask(access, call, options, true),
    close: () => pool.close(),
  };
}

class ChildPool {
  readonly #env: NodeJS.ProcessEnv;
  readonly #idleMs: number;
  readonly #program: string | undefined;
  readonly #kept = new Map<string, Kept>();
  readonly #all = new Set<CloudChild>();
  #nextId = 0;
  #closed = false;

  constructor(settings: CloudSettings) {
    this.#env = settings.env ?? process.env;
    this.#idleMs = settings.idleMs ?? 15_000;
    this.#program = settings.program;
  }

  async ask<Call extends CloudCall>(access: CloudAccess, call: Call, options: CloudOptions, changing: boolean): Promise<CloudAnswer<Call>> {
    const deadlineMs = Math.min(options.deadlineMs, longestTimerMs);
    const endsAt = performance.now() + deadlineMs;
    const session = await resolveSession(access, this.#env);
    if ('kind' in session) return { ok: false, error: session };
    if (this.#closed) return refusal('other', 'The console is closing.');
    if (options.signal?.aborted === true)
      return refusal('deadline', `${providerName[access.provider]} was not asked: there was no time left.`);

    const id = this.#nextId;
    this.#nextId += 1;
    const leftMs = Math.max(0, endsAt - performance.now());
    const forMs = Math.max(leftMs / 2, leftMs - marginMs);
    const line: RequestLine = { id, forMs, session, call };
    const { child, done } = this.#childFor(access, call);
    const lateSentence = `${providerName[access.provider]} did not answer within ${deadlineMs / 1000} s.`;
    const late: ChildAnswer = { ok: false, kind: 'deadline', message: lateSentence, uncertain: changing };
    const given = (): void => child.forget(id, { ok: false, kind: 'deadline', message: 'The question was given up.', uncertain: changing });
    options.signal?.addEventListener('abort', given, { once: true });
    try {
      const answer = await child.ask(id, JSON.stringify(line), leftMs, late);
      return this.#checked(access, call, answer, changing, session.token, child);
    } finally {
      options.signal?.removeEventListener('abort', given);
      done();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const kept of this.#kept.values()) if (kept.idleTimer !== null) clearTimeout(kept.idleTimer);
    this.#kept.clear();
    const children = [...this.#all];
    for (const child of children) {
      if (child.idle) child.end();
      else child.kill('was ended with the console');
    }
    await Promise.all(children.map((child) => child.ended));
  }

  #childFor(access: CloudAccess, call: CloudCall): { readonly child: CloudChild; readonly done: () => void } {
    if (call.call === 'hosts') {
      const child = this.#start(access);
      return { child, done: () => child.end() };
    }
    const key = JSON.stringify([access.provider, access.scope, access.endpoint, access.ca, access.token]);
    let kept = this.#kept.get(key);
    if (kept === undefined || !kept.child.usable) {
      kept = { child: this.#start(access), idleTimer: null };
      this.#kept.set(key, kept);
    }
    const mine = kept;
    if (mine.idleTimer !== null) clearTimeout(mine.idleTimer);
    return { child: mine.child, done: () => this.#rest(key, mine) };
  }

  #start(access: CloudAccess): CloudChild {
    const child = new CloudChild(childSpec(access, this.#env, this.#program));
    this.#all.add(child);
    void child.ended.then(() => this.#all.delete(child));
    return child;
  }

  #rest(key: string, kept: Kept): void {
    if (!kept.child.idle) return;
    if (kept.idleTimer !== null) clearTimeout(kept.idleTimer);
    kept.idleTimer = setTimeout(() => {
      if (this.#kept.get(key) === kept) this.#kept.delete(key);
      kept.child.end();
    }, this.#idleMs);
    kept.idleTimer.unref();
  }

  #checked<Call extends CloudCall>(
    access: CloudAccess,
    call: Call,
    answer: ChildAnswer,
    changing: boolean,
    token: string | null,
    child: CloudChild,
  ): CloudAnswer<Call> {
    if (answer.ok) {
      const value = checkedValue(call, answer);
      if (value !== null) return { ok: true, value };
      child.kill('wrote what is no answer');
    }
    const failed = answer.ok ? { kind: 'broken' as const, message: 'wrote what is no answer', uncertain: null } : answer;
    const plain = token === null ? failed.message : failed.message.replaceAll(token, '[secret]');
    const message = failed.kind === 'broken' ? `The helper process for ${providerName[access.provider]} ${plain}.` : plain;
    return { ok: false, error: { kind: failed.kind, message: sanitizeLine(message), uncertain: failed.uncertain ?? changing } };
  }
}

function checkedValue<Call extends CloudCall>(call: Call, answer: Extract<ChildAnswer, { ok: true }>): CloudAnswers[Call['call']] | null {
  const name: Call['call'] = call.call;
  const end = endSchemas[name].safeParse(answer.value);
  if (!end.success) return null;
  return (name === 'hosts' ? { hosts: answer.hosts, ...end.data } : end.data) as CloudAnswers[Call['call']];
}

function refusal<Call extends CloudCall>(kind: CloudError['kind'], message: string): CloudAnswer<Call> {
  return { ok: false, error: { kind, message, uncertain: false } };
}

/** The access with its settings resolved, or why they cannot be. Only the line to the child's standard input may hold what this returns. */
async function resolveSession(access: CloudAccess, env: NodeJS.ProcessEnv): Promise<RequestLine['session'] | CloudError> {
  const { provider, endpoint, ca } = access;
  try {
    const [scope, token] = await Promise.all([
      resolveSetting(access.scope, env),
      access.token === null ? null : resolveSetting(access.token, env),
    ]);
    if (ca !== null) {
      // Node only warns of an unreadable file and goes on without it.
      const file = await readBounded(ca, maxCaBytes);
      const wrong = !file.ok ? file.text : file.bytes.includes('-----BEGIN ') ? null : 'holds no PEM certificate';
      if (wrong !== null) return { kind: 'endpoint', message: `The certificate file ${ca}, named as \`ca\`, ${wrong}.`, uncertain: false };
    }
    return { provider, scope: scope.reveal(), endpoint, ca, token: token?.reveal() ?? null };
  } catch (error) {
    const message = error instanceof Error ? error.message : 'the access to the cloud could not be resolved';
    return { kind: 'credentials', message: sanitizeLine(message), uncertain: false };
  }
}
