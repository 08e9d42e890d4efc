/** How one attempt to send ended. `problem` never holds an address that is a secret. */
export type Delivery =
  | { readonly kind: 'sent' }
  /** Worth another try; `retryAfterMs` when the other side said when. */
  | { readonly kind: 'failed'; readonly problem: string; readonly retryAfterMs: number | null }
  /** Another try would end the same. */
  | { readonly kind: 'refused'; readonly problem: string };

export interface OutgoingText {
  readonly fleet: string;
  /** Epoch ms of the oldest of it. */
  readonly at: number;
  readonly text: string;
  /** Named by the spool: lets a receiver drop what comes twice. */
  readonly id: string;
}
