/** Why a cloud's server refuses a call. Each vendor words it in its own form. */
export class CloudFault extends Error {
  readonly status: number;
  /** `rateLimitExceeded` (Google), `TooManyRequests` (Azure). */
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, reason: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.headers = headers;
  }
}
