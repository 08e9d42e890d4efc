import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Secret } from '../src/fleet/secret.ts';
import type { HostKeyQuestion, PassphraseQuestion, Prompts } from '../src/remote/connection.ts';

/** A question waiting for the person at the console. Answering takes it out of the queue; later answers do nothing. */
export type PendingPrompt =
  | { readonly kind: 'host-key'; readonly id: number; readonly question: HostKeyQuestion; answer(value: 'accept' | 'reject'): void }
  | { readonly kind: 'passphrase'; readonly id: number; readonly question: PassphraseQuestion; answer(value: Secret | null): void };

export type PromptQueue = StoreApi<{ readonly pending: readonly PendingPrompt[] }>;

/** The queue the screens show, and the side the connector asks. An aborted question leaves the queue and answers `null`. */
export function createPromptQueue(): { queue: PromptQueue; prompts: Prompts } {
  const queue: PromptQueue = createStore(() => ({ pending: [] as readonly PendingPrompt[] }));
  let nextId = 1;

  function ask<Value>(signal: AbortSignal, make: (id: number, answer: (value: Value) => void) => PendingPrompt): Promise<Value | null> {
    if (signal.aborted) return Promise.resolve(null);
    const id = nextId;
    nextId += 1;
    return new Promise((resolve) => {
      const settle = (value: Value | null): void => {
        signal.removeEventListener('abort', abort);
        queue.setState((state) => ({ pending: state.pending.filter((one) => one.id !== id) }));
        resolve(value);
      };
      const abort = (): void => settle(null);
      signal.addEventListener('abort', abort, { once: true });
      const prompt = make(id, settle);
      queue.setState((state) => ({ pending: [...state.pending, prompt] }));
    });
  }

  return {
    queue,
    prompts: {
      hostKey: (question, signal) => ask<'accept' | 'reject'>(signal, (id, answer) => ({ kind: 'host-key', id, question, answer })),
      passphrase: (question, signal) => ask<Secret | null>(signal, (id, answer) => ({ kind: 'passphrase', id, question, answer })),
    },
  };
}
