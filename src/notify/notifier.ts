import { join } from 'node:path';
import type { Fleet } from '../fleet/definition.ts';
import { sanitizeLine, sanitizeText } from '../remote/sanitize.ts';
import type { Delivery, OutgoingText } from './delivery.ts';
import { sendMail } from './mail.ts';
import { appendOpsLog } from './ops-log.ts';
import { mergeBurst } from './report-line.ts';
import { type Channel, type Claimed, type DeadLetter, Spool } from './spool.ts';
import { postWebhook } from './webhook.ts';

export interface NotifierOptions {
  /** Epoch ms. */
  readonly now: () => number;
  /** Takes secrets out of every text before it is written anywhere. */
  readonly redact?: (text: string) => string;
  readonly pace?: Partial<Pace>;
}

/** All in ms. */
export interface Pace {
  /** How long the first message of a burst waits for others. */
  readonly settle: number;
  /** Shortest time between two messages of a channel: what comes in between is merged. */
  readonly gap: number;
  /** Of one attempt. */
  readonly deadline: number;
  /** Between attempts, doubled each time. */
  readonly retry: number;
  readonly longestRetry: number;
  /** What is older is given up. */
  readonly giveUp: number;
  /** How long another console leaves a message to the one that took it. */
  readonly lease: number;
}

const usualPace: Pace = {
  settle: 2000,
  gap: 30_000,
  deadline: 10_000,
  retry: 5000,
  longestRetry: 10 * 60_000,
  giveUp: 24 * 3_600_000,
  lease: 60_000,
};

export interface ChannelStatus {
  readonly name: Channel;
  /** Why the last attempt failed; `null` when it did not, or there was none. */
  readonly problem: string | null;
  /** Epoch ms. */
  readonly sentAt: number | null;
  /** Not before, epoch ms. */
  readonly nextAt: number;
}

export interface NotifierStatus {
  readonly waiting: number;
  /** What could not be sent at all, newest last. */
  readonly dead: readonly DeadLetter[];
  /** Why the ops log or the spool cannot be written; `null` while they can. */
  readonly problem: string | null;
  readonly channels: readonly ChannelStatus[];
}

/** Tells people. No call waits, none throws; what was told is in the ops log first and in the spool until it is sent. */
export interface Notifier {
  /**
   * `to`: `webhook`, `mail`, an address of mail; anything else (a team's name) and null mean every channel of the fleet file.
   * Dry runs must not call it.
   */
  tell(text: string, to: string | null): void;
  /** A line of report-line.ts: into the ops log, and to the channels that `to` means, as of `tell`; default: all. */
  report(line: string, to?: string | null): void;
  status(): NotifierStatus;
  /** Sends what waits without waiting for bursts; resolves when nothing waits any more or the time is over. */
  drain(deadlineMs: number): Promise<void>;
  /** Stops sending; what waits stays for the next start. */
  stop(): Promise<void>;
}

/** Messages merged into one. */
const mostMerged = 50;
const lookEveryMs = 30_000;
/** Calls whose writing has not ended; beyond that the disk hangs and what is told is only counted. */
const mostUnwritten = 1000;

export function createNotifier(fleet: Fleet, stateDir: string, options: NotifierOptions): Notifier {
  return new SpoolingNotifier(fleet, stateDir, options);
}

interface ChannelState {
  readonly name: Channel;
  problem: string | null;
  sentAt: number | null;
  nextAt: number;
  failures: number;
}

class SpoolingNotifier implements Notifier {
  readonly #fleet: Fleet;
  readonly #dir: string;
  readonly #now: () => number;
  readonly #redact: (text: string) => string;
  readonly #pace: Pace;
  readonly #spool: Spool;
  readonly #channels: readonly ChannelState[];
  readonly #timer: NodeJS.Timeout;
  #work: Promise<void> = Promise.resolve();
  #unwritten = 0;
  #waiting = 0;
  #dead: readonly DeadLetter[] = [];
  #problem: string | null = null;
  #deadChanged = true;
  #nextLook = 0;
  #sending = false;
  #stopped = false;
  #sendingNow: Promise<void> = Promise.resolve();
  readonly #end = new AbortController();

  constructor(fleet: Fleet, stateDir: string, { now, redact, pace }: NotifierOptions) {
    this.#fleet = fleet;
    this.#dir = stateDir;
    this.#now = now;
    this.#redact = redact ?? ((text) => text);
    this.#pace = { ...usualPace, ...pace };
    // Of its own: what one fleet has to tell is never sent where another one tells.
    this.#spool = new Spool(join(stateDir, 'spool', encodeURIComponent(fleet.name)), this.#pace.lease);
    const has = { webhook: fleet.notify.webhook !== null, mail: fleet.notify.mail !== null };
    const names = (['webhook', 'mail'] as const).filter((name) => has[name]);
    this.#channels = names.map((name) => ({ name, problem: null, sentAt: null, nextAt: 0, failures: 0 }));
    // Also what an earlier console left is found by this.
    this.#timer = setInterval(() => void this.#send(false), Math.min(1000, this.#pace.settle));
    this.#timer.unref();
  }

  tell(text: string, to: string | null): void {
    const clean = sanitizeText(this.#redact(text)).trim().slice(0, 8000);
    const named = to === null ? '' : ` ${sanitizeLine(this.#redact(to), 100)}`;
    const channels = this.#channelsFor(to);
    const stamp = `${new Date(this.#now()).toISOString().slice(0, 16)}Z`;
    this.#keep(`${stamp} TELL${named}: ${clean.replaceAll('\n', ' ')}`, clean, channels);
  }

  report(line: string, to: string | null = null): void {
    const clean = sanitizeLine(this.#redact(line), 2000);
    this.#keep(clean, clean, this.#channelsFor(to));
  }

  status(): NotifierStatus {
    return {
      waiting: this.#waiting + this.#unwritten,
      dead: this.#dead,
      problem: this.#problem,
      channels: this.#channels.map(({ name, problem, sentAt, nextAt }) => ({ name, problem, sentAt, nextAt })),
    };
  }

  async drain(deadlineMs: number): Promise<void> {
    const timer = new AbortController();
    const over = setTimeout(() => timer.abort(), deadlineMs);
    const late = new Promise<void>((resolve) => timer.signal.addEventListener('abort', () => resolve()));
    await Promise.race([this.#work, late]);
    while (!timer.signal.aborted) {
      await Promise.race([this.#send(true), late]);
      if (this.status().waiting === 0 || this.#channels.length === 0) break;
      await Promise.race([late, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
    clearTimeout(over);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    // An attempt under way is given up, and its message put back.
    this.#end.abort();
    // A disk that hangs must not keep the console.
    await Promise.race([Promise.all([this.#work, this.#sendingNow]), new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
  }

  #channelsFor(to: string | null): readonly { readonly name: Channel; readonly to: readonly string[] }[] {
    const address = to !== null && /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(to) ? [to] : [];
    const wanted = address.length > 0 ? 'mail' : to === 'mail' || to === 'webhook' ? to : null;
    const found = this.#channels.filter(({ name }) => wanted === null || name === wanted);
    // Somebody hears of it, even where the fleet file has no mail.
    return (found.length === 0 ? this.#channels : found).map(({ name }) => ({ name, to: name === 'mail' ? address : [] }));
  }

  /** The local log first, then the spool; one after the other, so that the order of the calls is kept. */
  #keep(logged: string, text: string, channels: readonly { readonly name: Channel; readonly to: readonly string[] }[]): void {
    if (this.#unwritten >= mostUnwritten) {
      this.#problem = 'the state directory takes no more: what is told now is lost';
      return;
    }
    this.#unwritten += 1;
    const at = this.#now();
    this.#work = this.#work.then(async () => {
      this.#problem = await appendOpsLog(this.#dir, [logged]);
      for (const { name, to } of channels) {
        try {
          const dropped = await this.#spool.put({ channel: name, to, text, at });
          if (dropped > 0) await this.#log(`${dropped} messages were given up: too many waited`);
        } catch {
          this.#problem = `${this.#dir} takes no messages: its disk may be full`;
        }
      }
      this.#unwritten -= 1;
      this.#waiting = await this.#spool.waiting();
    });
  }

  #send(now: boolean): Promise<void> {
    if (this.#sending || this.#stopped) return this.#sendingNow;
    this.#sendingNow = this.#sendAll(now);
    return this.#sendingNow;
  }

  async #sendAll(now: boolean): Promise<void> {
    // What another console left behind is looked for more seldom than what this one was told.
    if (!now && this.#waiting === 0 && this.#now() < this.#nextLook) return;
    this.#sending = true;
    this.#nextLook = this.#now() + lookEveryMs;
    try {
      await Promise.all(this.#channels.map((channel) => this.#sendOn(channel, now)));
      this.#waiting = await this.#spool.waiting();
      if (this.#deadChanged) this.#dead = await this.#spool.deadLetters();
      this.#deadChanged = false;
    } finally {
      this.#sending = false;
    }
  }

  async #sendOn(channel: ChannelState, hurried: boolean): Promise<void> {
    const now = this.#now();
    const { settle, gap, giveUp } = this.#pace;
    if (now < channel.nextAt) return;
    if (!hurried && channel.sentAt !== null && now - channel.sentAt < gap) return;
    const oldest = await this.#spool.oldest(channel.name, now);
    if (oldest === null || (!hurried && now - oldest < settle)) return;
    const claimed = await this.#spool.claim(channel.name, now, mostMerged);
    const old = claimed.filter((message) => now - message.at > giveUp);
    for (const message of old) await this.#give(message, `it waited longer than ${Math.round(giveUp / 3_600_000)} h`);
    const groups = Map.groupBy(
      claimed.filter((message) => !old.includes(message)),
      (message) => message.to.join(' '),
    );
    for (const messages of groups.values()) await this.#deliver(channel, messages);
  }

  async #deliver(channel: ChannelState, messages: readonly Claimed[]): Promise<void> {
    const [first] = messages;
    if (first === undefined) return;
    const out = { fleet: this.#fleet.name, at: first.at, text: mergeBurst(messages.map(({ text }) => text)), id: first.id };
    const delivery = await this.#attempt(channel.name, first.to, out);
    const now = this.#now();
    channel.problem = delivery.kind === 'sent' ? null : delivery.problem;
    if (delivery.kind === 'sent') {
      channel.sentAt = now;
      channel.failures = 0;
      for (const message of messages) await this.#spool.sent(message);
    } else if (delivery.kind === 'refused') {
      for (const message of messages) await this.#give(message, delivery.problem);
    } else {
      const { retry, longestRetry } = this.#pace;
      const wait = Math.min(longestRetry, retry * 2 ** channel.failures) * (0.8 + 0.4 * Math.random());
      channel.failures += 1;
      channel.nextAt = now + Math.min(longestRetry, Math.max(wait, delivery.retryAfterMs ?? 0));
      for (const message of messages) await this.#spool.again(message, delivery.problem, now);
    }
  }

  async #attempt(channel: Channel, to: readonly string[], message: OutgoingText): Promise<Delivery> {
    const { webhook, mail } = this.#fleet.notify;
    const { deadline } = this.#pace;
    try {
      if (channel === 'webhook' && webhook !== null) return await postWebhook(webhook, message, deadline, this.#end.signal);
      if (channel === 'mail' && mail !== null)
        return await sendMail(mail.smtp, to.length === 0 ? mail.to : to, message, deadline, this.#end.signal);
    } catch {
      return { kind: 'failed', problem: 'it could not be sent', retryAfterMs: null };
    }
    return { kind: 'refused', problem: 'the fleet file has no such channel' };
  }

  /** A dead letter is told where people look: in the ops log and in the status. */
  async #give(message: Claimed, problem: string): Promise<void> {
    await this.#spool.dead(message, problem, this.#now());
    this.#deadChanged = true;
    await this.#log(`${message.channel} gave up: ${problem}: ${message.text.split('\n', 1)[0] ?? ''}`);
  }

  async #log(text: string): Promise<void> {
    const stamp = `${new Date(this.#now()).toISOString().slice(0, 16)}Z`;
    this.#problem = (await appendOpsLog(this.#dir, [`${stamp} NOT SENT ${sanitizeLine(text, 1000)}`])) ?? this.#problem;
  }
}
