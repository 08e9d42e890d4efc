import { longestTimerMs } from '../fleet/duration.ts';
import type { Host } from '../fleet/host.ts';
import type { SourceView } from '../fleet/view.ts';
import { abortable } from '../remote/abortable.ts';
import type { Provider } from './provider.ts';
import { failed, listed, recalled, type SourceState, unlisted } from './source-state.ts';

const stopped = new Error('The inventory was stopped.');

interface Entry {
  readonly provider: Provider;
  state: SourceState;
  /** Whether its last good listing was looked for on disk. */
  recalled: boolean;
  /** The listing under way. */
  running: Promise<void> | null;
  abort: AbortController | null;
  timer: NodeJS.Timeout | null;
}

/**
 * All hosts of all sources. Each source is listed on its own timer and with its own deadline, so that one that hangs or fails
 * delays no other; it keeps its last hosts and says why. Times come from `clock`, epoch ms.
 */
export class Inventory {
  readonly #entries: readonly Entry[];
  readonly #clock: () => number;
  readonly #listeners = new Set<() => void>();
  #started = false;
  #hosts: readonly Host[] = [];

  constructor(providers: readonly Provider[], clock: () => number) {
    this.#entries = providers.map((provider) => ({
      provider,
      state: unlisted(provider.name),
      recalled: false,
      running: null,
      abort: null,
      timer: null,
    }));
    this.#clock = clock;
  }

  /** Lists every source once and waits for all, each no longer than its deadline. Joins listings under way; never rejects. */
  async refreshAll(): Promise<void> {
    await Promise.all(this.#entries.map((entry) => this.#refresh(entry)));
  }

  /** Begins to list each source now and again after its refresh time. Its timers do not keep the process alive. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    for (const entry of this.#entries) void this.#refresh(entry);
  }

  /** Ends timers and listings; what is known stays. */
  stop(): void {
    this.#started = false;
    for (const entry of this.#entries) {
      if (entry.timer !== null) clearTimeout(entry.timer);
      entry.timer = null;
      entry.abort?.abort(stopped);
    }
  }

  /** Hosts of all sources, in the order of the sources. A new array only when something changed. */
  hosts(): readonly Host[] {
    return this.#hosts;
  }

  sources(): readonly SourceView[] {
    return this.#entries.map((entry) => entry.state.view);
  }

  /** Calls back after every listing, good or bad; returns the end of it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #refresh(entry: Entry): Promise<void> {
    entry.running ??= this.#list(entry).finally(() => {
      entry.running = null;
      this.#schedule(entry);
    });
    return entry.running;
  }

  #schedule(entry: Entry): void {
    if (entry.timer !== null) clearTimeout(entry.timer);
    entry.timer = null;
    if (!this.#started) return;
    entry.timer = setTimeout(() => void this.#refresh(entry), Math.min(entry.provider.refreshMs, longestTimerMs));
    entry.timer.unref();
  }

  /** What is kept on disk is shown while the first listing is under way. */
  async #recall(entry: Entry): Promise<void> {
    if (entry.recalled) return;
    entry.recalled = true;
    const found = (await entry.provider.remembered?.()) ?? null;
    if (found === null) return;
    entry.state = recalled(entry.state, found);
    this.#publish();
  }

  async #list(entry: Entry): Promise<void> {
    const { provider } = entry;
    const abort = new AbortController();
    entry.abort = abort;
    const late = setTimeout(() => abort.abort(new Error(lateSentence(provider))), Math.min(provider.deadlineMs, longestTimerMs));
    try {
      await this.#recall(entry);
      abort.signal.throwIfAborted();
      // Also a provider that does not heed its signal is waited for no longer.
      const listing = await abortable(provider.list(abort.signal), abort.signal, () => lateOr(abort.signal, provider));
      entry.state = listed(entry.state, listing, this.#clock());
    } catch (error) {
      if (abort.signal.reason === stopped) return;
      entry.state = failed(entry.state, sentenceOf(abort.signal.aborted ? abort.signal.reason : error));
    } finally {
      clearTimeout(late);
      entry.abort = null;
    }
    this.#publish();
  }

  #publish(): void {
    const hosts = this.#entries.flatMap((entry) => entry.state.hosts);
    const same = hosts.length === this.#hosts.length && hosts.every((host, index) => host === this.#hosts[index]);
    if (!same) this.#hosts = hosts;
    for (const listener of this.#listeners) listener();
  }
}

function lateOr({ reason }: AbortSignal, provider: Provider): Error {
  return reason instanceof Error ? reason : new Error(lateSentence(provider));
}

function lateSentence(provider: Provider): string {
  return `${provider.name} did not answer within ${provider.deadlineMs / 1000} s.`;
}

function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0]?.trim() || 'The source failed without saying why.';
}
