import * as z from 'zod';

/** What one call has sent so far: whether a change may have happened, and what the server said of its limits. */
export interface RequestLog {
  /** Changing requests sent, each attempt counted. */
  changesSent: number;
  /** Of those, how many were answered with a refusal (4xx), which changes nothing. */
  changesRefused: number;
  /** The server's last word was 429. */
  limited: boolean;
  /** Why requests were refused, by request id: the SDK's own errors leave out the server's words where a list fails. */
  readonly said: Map<string, string>;
}

export function emptyLog(): RequestLog {
  return { changesSent: 0, changesRefused: 0, limited: false, said: new Map() };
}

/** Whether a change may have happened although the call failed. */
export function mayHaveChanged(log: RequestLog): boolean {
  return log.changesSent > log.changesRefused;
}

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A request that changes nothing by its method; asking a rule's health is a POST (`…/health`). */
export function isReading(method: string, url: string): boolean {
  return reading.has(method.toUpperCase()) || (method.toUpperCase() === 'POST' && new URL(url).pathname.endsWith('/health'));
}

const refusal = z.object({ error: z.object({ code: z.string().catch(''), message: z.string().catch('') }) });

/** `AuthorizationFailed: The client …` out of an error's body, `null` when it is of another shape. */
export function saidIn(body: string | null | undefined): string | null {
  try {
    const { code, message } = refusal.parse(JSON.parse(body ?? '')).error;
    return [code, message].filter((part) => part !== '').join(': ');
  } catch {
    return null;
  }
}
