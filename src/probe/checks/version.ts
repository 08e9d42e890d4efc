import type { CheckSpec } from '../../fleet/definition.ts';
import type { HostConnection } from '../../remote/connection.ts';
import type { CheckAnswer } from './answer.ts';
import { NotAsked } from './answer.ts';
import { httpFetch } from './http-fetch.ts';

/** What a host says it runs: the text of a page, to be compared between hosts. */
export async function versionCheck(
  spec: Extract<CheckSpec, { kind: 'version' }>,
  host: HostConnection | null,
  signal: AbortSignal,
): Promise<CheckAnswer> {
  const answer = await httpFetch({ ...spec, headers: {}, follow: true, minBytes: null }, host, signal);
  if (answer.status < 200 || answer.status >= 300) throw new NotAsked(`status ${String(answer.status)}`);
  const text = answer.body.trim();
  if (text === '') throw new NotAsked('the page is empty');
  return { health: 'ok', detail: text, text };
}
