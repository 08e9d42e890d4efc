/** How the scenarios break both clouds, and what they may know of them. */
export interface CloudLevers {
  /** Tokens are no longer taken: 401. */
  expired: boolean;
  /** The quota is used up: 403 rateLimitExceeded, 429. */
  throttled: boolean;
  /** A zone whose machines cannot be listed now. */
  missingZone: string | null;
  /** When each cloud last answered a call, epoch ms. */
  readonly answeredAt: { gce: number | null; azure: number | null };
}

export function calmClouds(): CloudLevers {
  return { expired: false, throttled: false, missingZone: null, answeredAt: { gce: null, azure: null } };
}
