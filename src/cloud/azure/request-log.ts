/** What one call has sent so far: whether a change may have happened, and what the server said of its limits. */
export interface RequestLog {
  /** Changing requests sent, each attempt counted. */
  changesSent: number;
  /** Of those, how many were answered with a refusal (4xx), which changes nothing. */
  changesRefused: number;
  /** The server's last word was 429. */
  limited: boolean;
}

export function emptyLog(): RequestLog {
  return { changesSent: 0, changesRefused: 0, limited: false };
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
