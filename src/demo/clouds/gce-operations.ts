import type { DemoClock } from '../clock.ts';
import { type CloudCall, type CloudReply, type Route, route } from './cloud-call.ts';
import { CloudFault } from './cloud-fault.ts';
import { numericId } from './cloud-machine.ts';

/** Longest that `wait` holds an answer back (Compute API, zoneOperations.wait). */
const longestWaitMs = 120_000;

interface Operation {
  readonly name: string;
  /** `zones/Z`, `regions/R` or `global`. */
  readonly scope: string;
  readonly type: string;
  readonly targetLink: string;
  /** Epoch ms. */
  readonly insertedAt: number;
  doneAt: number | null;
  error: { readonly code: string; readonly message: string } | null;
}

/** Changes of the Compute API: each is an operation that goes PENDING, RUNNING, DONE. */
export class GceOperations {
  readonly #clock: DemoClock;
  readonly #project: string;
  readonly #takesMs: number;
  readonly #all = new Map<string, Operation>();
  readonly #requests = new Map<string, Operation>();

  /** @param takesMs from the order to DONE; the first third of it is PENDING. */
  constructor(clock: DemoClock, project: string, takesMs: number) {
    this.#clock = clock;
    this.#project = project;
    this.#takesMs = takesMs;
  }

  /**
   * Takes an order. `apply` is run when the operation is done; what it throws becomes the operation's error.
   * A `requestId` that was seen before gives the operation of then and does nothing.
   */
  order(call: CloudCall, scope: string, type: string, targetLink: string, apply: () => void): CloudReply {
    const requestId = call.query.get('requestId');
    const known = requestId === null ? undefined : this.#requests.get(requestId);
    if (known !== undefined) return { body: this.#json(call, known) };
    const insertedAt = this.#clock.now();
    const name = `operation-${insertedAt}-${numericId(`${type} ${targetLink} ${this.#all.size}`).slice(0, 12)}`;
    const operation: Operation = { name, scope, type, targetLink, insertedAt, doneAt: null, error: null };
    this.#all.set(name, operation);
    if (requestId !== null) this.#requests.set(requestId, operation);
    this.#clock.after(this.#takesMs, () => {
      try {
        apply();
      } catch (error) {
        operation.error = { code: 'INVALID_USAGE', message: error instanceof Error ? error.message : 'The operation failed.' };
      }
      operation.doneAt = this.#clock.now();
    });
    return { body: this.#json(call, operation) };
  }

  /** The operation that a request id already stands for. */
  known(call: CloudCall): CloudReply | null {
    const requestId = call.query.get('requestId');
    const operation = requestId === null ? undefined : this.#requests.get(requestId);
    return operation === undefined ? null : { body: this.#json(call, operation) };
  }

  routes(prefix: string): Route[] {
    return ['zones/{place}', 'regions/{place}', 'global'].flatMap((scope) => [
      route('GET', `${prefix}/${scope}/operations/{operation}`, (call) => ({ body: this.#json(call, this.#find(call)) })),
      route('POST', `${prefix}/${scope}/operations/{operation}/wait`, (call) => this.#wait(call)),
    ]);
  }

  async #wait(call: CloudCall): Promise<CloudReply> {
    const operation = this.#find(call);
    const until = this.#clock.now() + longestWaitMs;
    while (operation.doneAt === null && this.#clock.now() < until) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#clock.after(Math.max(20, this.#takesMs / 8), resolve);
      await promise;
    }
    return { body: this.#json(call, operation) };
  }

  #find(call: CloudCall): Operation {
    const asked = call.param('operation');
    // An operation is known by its name and by its number; the SDK's own wrapper knows only the number.
    const found = this.#all.get(asked) ?? [...this.#all.values()].find(({ name }) => numericId(name) === asked);
    if (found !== undefined) return found;
    throw new CloudFault(404, 'notFound', `The resource '${call.path.replace(/^.*?\/projects\//, 'projects/')}' was not found`);
  }

  #json(call: CloudCall, { name, scope, type, targetLink, insertedAt, doneAt, error }: Operation): unknown {
    const ageMs = this.#clock.now() - insertedAt;
    const status = doneAt !== null ? 'DONE' : ageMs < this.#takesMs / 3 ? 'PENDING' : 'RUNNING';
    const base = `${call.base}/compute/v1/projects/${this.#project}`;
    return {
      kind: 'compute#operation',
      id: numericId(name),
      name,
      ...(scope.startsWith('zones/') ? { zone: `${base}/${scope}` } : scope === 'global' ? {} : { region: `${base}/${scope}` }),
      operationType: type,
      targetLink,
      targetId: numericId(targetLink),
      status,
      user: 'demo@example.org',
      progress: doneAt !== null ? 100 : status === 'PENDING' ? 0 : Math.min(99, Math.round((ageMs / this.#takesMs) * 100)),
      insertTime: new Date(insertedAt).toISOString(),
      ...(status === 'PENDING' ? {} : { startTime: new Date(insertedAt + this.#takesMs / 3).toISOString() }),
      ...(doneAt === null ? {} : { endTime: new Date(doneAt).toISOString() }),
      ...(error === null ? {} : { httpErrorStatusCode: 400, httpErrorMessage: 'BAD REQUEST', error: { errors: [error] } }),
      selfLink: `${base}/${scope}/operations/${name}`,
    };
  }
}
