import type { Secret } from '../fleet/secret.ts';
import type { CloudAnswers, CloudCall, CloudError, CloudHost } from './calls.ts';

/** What a provider knows in the child process: settings resolved, nothing asked yet. */
export interface ProviderSession {
  /** Project (GCE) or subscription id (Azure). */
  readonly scope: string;
  /** Base address of the API (`http:` or `https:`), `null` for the vendor's own. */
  readonly endpoint: string | null;
  /** PEM file that was found readable; Node trusts it already (NODE_EXTRA_CA_CERTS). `null`: only the system's authorities. */
  readonly ca: string | null;
  /** `null`: the ambient credentials. */
  readonly token: Secret | null;
}

/** The time one call has. */
export interface CallTime {
  /** Fires a little before the parent would kill the process. */
  readonly signal: AbortSignal;
  /** Epoch ms at which `signal` fires. */
  readonly endsAt: number;
}

type CallOf<Name extends CloudCall['call']> = Extract<CloudCall, { readonly call: Name }>;
type OneCall<Name extends CloudCall['call']> = (call: CallOf<Name>, time: CallTime) => Promise<CloudAnswers[Name]>;

/**
 * The calls of one provider, spoken by its SDK in the child process. Each rejects with a `CloudCallError`. Nothing needs to be
 * sanitized here: the parent cleans every string that comes out of a child. Rate limits, 5xx and time-outs are tried again
 * inside the call's time (`tryAgain`).
 */
export interface ProviderCalls {
  /** Hands over each host as it is listed; resolves with the places that could not be listed. */
  readonly hosts: (
    call: CallOf<'hosts'>,
    time: CallTime,
    found: (host: CloudHost) => void,
  ) => Promise<Pick<CloudAnswers['hosts'], 'missing'>>;
  readonly pool: OneCall<'pool'>;
  readonly snapshots: OneCall<'snapshots'>;
  readonly 'pool-out': OneCall<'pool-out'>;
  readonly 'pool-in': OneCall<'pool-in'>;
  readonly 'snapshot-create': OneCall<'snapshot-create'>;
  readonly 'snapshot-delete': OneCall<'snapshot-delete'>;
}

/** Why a call failed, as the person is told: `message` is one plain sentence with the remedy. */
export class CloudCallError extends Error {
  override readonly name = 'CloudCallError';
  readonly kind: CloudError['kind'];
  /** Whether a change may have happened all the same. */
  readonly uncertain: boolean;
  /** Whether the same call may well succeed a little later: a rate limit, a 5xx, a time-out. */
  readonly passing: boolean;
  /** What the server asked to wait, ms; `null` when it did not. */
  readonly retryAfterMs: number | null;

  constructor(
    kind: CloudError['kind'],
    message: string,
    more: {
      readonly uncertain?: boolean;
      readonly passing?: boolean;
      readonly retryAfterMs?: number | null;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: more.cause });
    this.kind = kind;
    this.uncertain = more.uncertain ?? false;
    this.passing = more.passing ?? kind === 'rate';
    this.retryAfterMs = more.retryAfterMs ?? null;
  }
}
