import type { LoopbackFleet } from '../loopback.ts';
import { type Cost, measureCost } from './measured.ts';

/** What the parent asks of a measured child, one at a time; each is answered by a `Cost` or by words. */
export type Request =
  | { readonly kind: 'open'; readonly fleet: LoopbackFleet; readonly everyMs: number | null }
  /** Connect, authenticate and probe every host once. */
  | { readonly kind: 'contact' }
  /** Poll every host at once, `times` over. */
  | { readonly kind: 'rounds'; readonly times: number }
  /** Poll every host once a period for `forMs`, each at its own time. */
  | { readonly kind: 'spread'; readonly forMs: number };

export type Answer = { readonly cost: Cost } | { readonly failed: string };

/** One way to poll a fleet. */
export interface Client {
  contact(): Promise<number>;
  rounds(times: number): Promise<number>;
  spread(forMs: number): Promise<number>;
}

/** Serves the parent's requests in this child until the parent goes away. */
export function serve(open: (fleet: LoopbackFleet, everyMs: number | null) => Promise<Client>): void {
  let client: Client | null = null;
  const run = async (request: Request): Promise<number> => {
    if (request.kind === 'open') {
      client = await open(request.fleet, request.everyMs);
      return 0;
    }
    if (client === null) throw new Error('nothing is open');
    if (request.kind === 'contact') return client.contact();
    return request.kind === 'rounds' ? client.rounds(request.times) : client.spread(request.forMs);
  };
  process.on('message', (request: Request) => {
    measureCost(() => run(request))
      .then((cost): Answer => ({ cost }))
      .catch((error: unknown): Answer => ({ failed: error instanceof Error ? error.message : String(error) }))
      .then((answer) => process.send?.(answer))
      .catch(() => process.exit(1));
  });
  process.on('disconnect', () => process.exit(0));
}
