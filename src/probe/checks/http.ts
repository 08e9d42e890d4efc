import type { CheckSpec } from '../../fleet/definition.ts';
import type { HostConnection } from '../../remote/connection.ts';
import type { CheckAnswer } from './answer.ts';
import { bodyCap } from './http-exchange.ts';
import { httpFetch } from './http-fetch.ts';

type HttpSpec = Extract<CheckSpec, { kind: 'http' }>;

function statusIsRight(spec: HttpSpec, status: number): boolean {
  if (spec.status !== null) return status === spec.status;
  return (status >= 200 && status < 300) || (!spec.follow && status >= 300 && status < 400);
}

/** What brings quotes of its own gets no second ones. */
const quoted = (text: string): string => (text.includes('"') ? text : `"${text}"`);

/** Status, body text and size of an answer as the fleet file asserts them. */
export async function httpCheck(spec: HttpSpec, host: HostConnection | null, signal: AbortSignal): Promise<CheckAnswer> {
  const { status, body, bytes } = await httpFetch(spec, host, signal);
  const value = status;
  if (!statusIsRight(spec, status)) {
    const wanted = spec.status === null ? '' : `, not ${String(spec.status)}`;
    return { health: 'crit', detail: `status ${String(status)}${wanted}`, value };
  }
  if (spec.body !== null && !body.includes(spec.body)) {
    const where = bytes >= bodyCap ? `the first ${String(bodyCap / 1024)} KiB of the body` : 'the body';
    return { health: 'crit', detail: `status ${String(status)}, but ${where} has no ${quoted(spec.body)}`, value };
  }
  if (spec.minBytes !== null && bytes < spec.minBytes) {
    return { health: 'crit', detail: `status ${String(status)}, but only ${String(bytes)} of ${String(spec.minBytes)} bytes`, value };
  }
  return { health: 'ok', detail: `status ${String(status)}`, value };
}
