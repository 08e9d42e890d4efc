import * as z from 'zod';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallTime, CloudCallError } from '../provider-calls.ts';
import type { Gce } from './gce.ts';

export type Place = { readonly region: string } | { readonly zone: string } | 'global';

/** `wait` holds a request open for up to two minutes by itself. */
const longestWaitMs = 130_000;
const pauseMs = 500;

const operationSchema = z.object({
  name: z.string(),
  status: z.string().nullish(),
  httpErrorStatusCode: z.number().nullish(),
  httpErrorMessage: z.string().nullish(),
  error: z.object({ errors: z.array(z.object({ code: z.string().nullish(), message: z.string().nullish() })).nullish() }).nullish(),
});

type Operation = z.output<typeof operationSchema>;

/** What a changing call of the SDK answers: an array whose first member holds the operation in `latestResponse`, or the operation itself. */
export function operationOf(answer: unknown): Operation {
  const first: unknown = Array.isArray(answer) ? answer[0] : answer;
  const inner = typeof first === 'object' && first !== null && 'latestResponse' in first ? first.latestResponse : first;
  return operationSchema.parse(inner);
}

/** Waits until an operation is DONE and without error. Rejects with what the operation itself says, or `deadline`, uncertain. */
export async function finish(gce: Gce, started: Operation, place: Place, doing: string, time: CallTime): Promise<void> {
  const asked = gce.asked(`${doing} (operation ${started.name})`, true);
  let operation = started;
  while (operation.status !== 'DONE') {
    if (time.signal.aborted || time.endsAt - Date.now() < pauseMs) {
      throw new CloudCallError('deadline', `Google has taken the order to ${doing} but did not finish it in time.`, { uncertain: true });
    }
    operation = operationOf(await gce.ask(asked, time, (options) => waitOnce(gce, started.name, place, options), longestWaitMs));
    // It may come back early, with the operation still running.
    if (operation.status !== 'DONE') await sleep(pauseMs);
  }
  refuseError(operation, doing);
}

/** Throws when an operation holds an error. */
export function refuseError(operation: Operation, doing: string): void {
  const error = operation.error?.errors?.[0];
  const status = operation.httpErrorStatusCode ?? 0;
  if (error === undefined && status < 400) return;
  const said = error?.message ?? operation.httpErrorMessage ?? error?.code ?? `it failed with ${status}`;
  throw new CloudCallError(kindOf(error?.code ?? '', status), `Could not ${doing}: ${said.replace(/\.$/, '')}.`);
}

function kindOf(code: string, status: number): CloudCallError['kind'] {
  if (status === 404 || /NOT_FOUND/.test(code)) return 'not-found';
  if (status === 412 || status === 409 || /CONDITION_NOT_MET|RESOURCE_IN_USE|ALREADY_EXISTS|RESOURCE_NOT_READY/.test(code))
    return 'conflict';
  if (status === 429 || /RATE_LIMIT|RATE_EXCEEDED|QUOTA/.test(code)) return 'rate';
  if (status === 403 || /PERMISSION/.test(code)) return 'permission';
  return 'other';
}

async function waitOnce(gce: Gce, operation: string, place: Place, options: object): Promise<unknown> {
  const { project } = gce;
  if (place === 'global') return (await gce.write.globalOperations()).wait({ project, operation }, options);
  if ('zone' in place) return (await gce.write.zoneOperations()).wait({ project, zone: place.zone, operation }, options);
  return (await gce.write.regionOperations()).wait({ project, region: place.region, operation }, options);
}
