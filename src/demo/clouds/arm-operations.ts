import type { DemoClock } from '../clock.ts';
import { type CloudCall, type Route, route } from './cloud-call.ts';
import { CloudFault } from './cloud-fault.ts';
import { uuidOf } from './cloud-machine.ts';

/** Changes that ARM takes and ends later: the caller is told where to ask after them. */
export class ArmOperations {
  readonly #clock: DemoClock;
  readonly #prefix: string;
  readonly #takesMs: number;
  readonly #all = new Map<string, { result: unknown; done: boolean }>();

  constructor(clock: DemoClock, subscription: string, location: string, takesMs: number) {
    this.#clock = clock;
    this.#prefix = `/subscriptions/${subscription}/providers/Microsoft.Network/locations/${location}`;
    this.#takesMs = takesMs;
  }

  /** Begins one; `finish` is run at its end and gives what `Location` then answers. Headers for the first answer. */
  begin(call: CloudCall, finish: () => unknown): Readonly<Record<string, string>> {
    const id = uuidOf(`${call.path} ${this.#all.size}`);
    const operation: { result: unknown; done: boolean } = { result: null, done: false };
    this.#all.set(id, operation);
    this.#clock.after(this.#takesMs, () => {
      operation.result = finish();
      operation.done = true;
    });
    const at = (kind: string): string => `${call.base}${this.#prefix}/${kind}/${id}?api-version=2026-01-01`;
    return { 'azure-asyncoperation': at('operations'), location: at('operationResults') };
  }

  routes(): Route[] {
    return [
      route('GET', `${this.#prefix}/operations/{operation}`, (call) => ({
        body: { status: this.#find(call).done ? 'Succeeded' : 'InProgress' },
      })),
      route('GET', `${this.#prefix}/operationResults/{operation}`, (call) => {
        const { done, result } = this.#find(call);
        return done
          ? { body: result }
          : { status: 202, body: null, headers: { location: `${call.base}${call.path}?${call.query.toString()}` } };
      }),
    ];
  }

  #find(call: CloudCall): { readonly done: boolean; readonly result: unknown } {
    const found = this.#all.get(call.param('operation'));
    if (found === undefined) throw new CloudFault(404, 'OperationNotFound', 'The operation was not found.');
    return found;
  }
}
