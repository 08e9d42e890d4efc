import * as z from 'zod';
import { duration, names, parseHostPort } from './values.ts';

/** Keys that every check may have. */
export const asked = {
  on: names.optional().describe('Role or roles whose hosts are asked'),
  from: z.literal('here').optional().describe('Asked once by this console instead'),
  every: duration.optional().describe('Time between two questions'),
  timeout: duration.optional().describe('Longest wait for the answer'),
};

export const oneLine = z.string().refine((value) => value !== '' && !/[\r\n]/.test(value), 'must be one line of text');

export const second = 1000;
export const minute = 60 * second;
export const day = 24 * 60 * minute;

interface GivenBase {
  readonly on?: string[] | undefined;
  readonly from?: 'here' | undefined;
  readonly every?: number | undefined;
  readonly timeout?: number | undefined;
}

/** What all kinds share; the usual times are used where the file gives none. */
export function baseOf(name: string, given: GivenBase, usual: { everyMs: number; timeoutMs: number }) {
  const everyMs = given.every ?? usual.everyMs;
  return {
    name,
    on: given.on ?? [],
    from: given.from ?? 'host',
    everyMs,
    timeoutMs: given.timeout ?? Math.min(usual.timeoutMs, everyMs),
  } as const;
}

/** Text of the form `host:port`; the port may be left out when it has a usual value. */
export function place(phrase: string, portNeeded: boolean) {
  return z.string({ error: phrase }).refine((value) => {
    const read = parseHostPort(value);
    return read !== null && (!portNeeded || read.port !== null);
  }, phrase);
}

export function placeOf(value: string, usualPort: number): { host: string; port: number } {
  const read = parseHostPort(value);
  return { host: read?.host ?? value, port: read?.port ?? usualPort };
}
