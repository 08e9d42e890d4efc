import * as z from 'zod';
import { networkFailure } from '../network-failure.ts';
import { CloudCallError } from '../provider-calls.ts';
import { retryAfterMs } from '../try-again.ts';

/** What was asked, for the sentence about its failure. */
export interface Asked {
  /** As in "it was asked to …": `list the instances of paris-code`. */
  readonly doing: string;
  readonly project: string;
  /** The API as people know it: `compute.googleapis.com`, or the host and port of the endpoint. */
  readonly where: string;
  /** Whether the credentials are the fleet file's token, or what the machine has. */
  readonly byToken: boolean;
  /** Whether the call is a change. */
  readonly changing: boolean;
}

/** gRPC codes that gax gives to what never got an HTTP answer. */
const cancelled = 1;
const deadlineExceeded = 4;

const errorSchema = z.object({
  message: z.string().catch(''),
  code: z.union([z.number(), z.string()]).optional().catch(undefined),
  httpStatusCode: z.number().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  cause: z.unknown().optional(),
});

const payloadSchema = z.object({
  error: z.object({
    message: z.string().optional(),
    errors: z.array(z.object({ reason: z.string().optional() })).optional(),
  }),
});

/** Reasons of the two ways in which Google's APIs name a used-up quota: the old errors list and google.rpc.ErrorInfo. */
const rateReasons = /^(rateLimitExceeded|userRateLimitExceeded|quotaExceeded|dailyLimitExceeded|RATE_LIMIT_EXCEEDED)$/;
const offReasons = /^(accessNotConfigured|SERVICE_DISABLED)$/;

/** Whatever the SDK threw, as the sentence a person is told. */
export function gceFailure(error: unknown, asked: Asked, retryAfter: string | null): CloudCallError {
  if (error instanceof CloudCallError) return error;
  const read = errorSchema.safeParse(error);
  if (!read.success)
    return new CloudCallError('other', `Google's SDK failed to ${asked.doing}.`, { uncertain: asked.changing, cause: error });
  const { code, httpStatusCode, cause } = read.data;
  const payload = payloadOf(cause);
  const reason = payload?.reason ?? read.data.reason ?? null;
  const said = firstLine(payload?.message ?? read.data.message);
  if (httpStatusCode !== undefined) {
    return statusFailure(httpStatusCode, { reason, said, retryAfterMs: retryAfterMs(retryAfter, Date.now()), cause: error }, asked);
  }
  if (code === deadlineExceeded || code === cancelled) {
    const text = `${asked.where} did not answer in time when it was asked to ${asked.doing}.`;
    return new CloudCallError('deadline', text, { uncertain: asked.changing, passing: true, cause: error });
  }
  const credentials = credentialsFailure(read.data.message, cause, asked);
  if (credentials !== null) return credentials;
  const network = networkFailure(error, asked.where, asked.changing);
  if (network !== null) return network;
  if (/is not valid JSON|Unexpected end of JSON/.test(read.data.message)) {
    const text = `${asked.where} answered with what is no answer of Google’s API. Does something stand between, or is the endpoint another?`;
    return new CloudCallError('endpoint', text, { uncertain: asked.changing, cause: error });
  }
  return new CloudCallError('other', `Could not ${asked.doing}: ${said}`, { uncertain: asked.changing, cause: error });
}

interface Told {
  readonly reason: string | null;
  readonly said: string;
  readonly retryAfterMs: number | null;
  readonly cause: unknown;
}

function statusFailure(status: number, told: Told, asked: Asked): CloudCallError {
  const { reason, said, retryAfterMs, cause } = told;
  if (status === 429 || (status === 403 && reason !== null && rateReasons.test(reason))) {
    const named = reason === null ? `${status}` : `${status} ${reason}`;
    const text = `The request quota of project ${asked.project} is used up (${named}); wait a minute, or raise the quota of the Compute Engine API.`;
    return new CloudCallError('rate', text, { retryAfterMs, cause });
  }
  if (status === 401) {
    const remedy = asked.byToken ? 'renew the token that the fleet file names' : 'run "gcloud auth application-default login"';
    return new CloudCallError('credentials', `Google rejected the credentials (401): they are wrong or have expired; ${remedy}.`, {
      cause,
    });
  }
  if (status === 403 && reason !== null && offReasons.test(reason)) {
    return new CloudCallError('permission', `The Compute Engine API is not enabled in project ${asked.project}; enable it there.`, {
      cause,
    });
  }
  if (status === 403) {
    const permission = /\b(compute\.[\w.]+)/.exec(said)?.[1];
    const missing = permission === undefined ? said : `the permission ${permission} is missing`;
    return new CloudCallError('permission', `These credentials may not ${asked.doing}: ${missing}.`, { cause });
  }
  if (status === 404) return new CloudCallError('not-found', `Could not ${asked.doing}: ${said}`, { cause });
  if (status === 409 || status === 412) return new CloudCallError('conflict', `Could not ${asked.doing}: ${said}`, { cause });
  const passing = status >= 500 || status === 408;
  const text = passing ? `${asked.where} failed with ${status} when it was asked to ${asked.doing}.` : `Could not ${asked.doing}: ${said}`;
  return new CloudCallError('other', text, { uncertain: asked.changing && passing, passing, retryAfterMs, cause });
}

/** Google's auth library says these in words and links of its own. */
function credentialsFailure(message: string, cause: unknown, asked: Asked): CloudCallError | null {
  const told = `${message} ${cause instanceof Error ? cause.message : ''}`;
  const remedy = 'run "gcloud auth application-default login", or name a token in the fleet file';
  if (/Could not load the default credentials|default credentials were not found/i.test(told)) {
    return new CloudCallError('credentials', `No Google credentials were found on this machine; ${remedy}.`);
  }
  if (/invalid_grant|invalid_rapt|reauth/i.test(told)) {
    return new CloudCallError('credentials', `The Google credentials of this machine have expired; ${remedy}.`);
  }
  if (/credential|refresh token|private key|ENOENT.*\.json|keyfile/i.test(told) && !asked.byToken) {
    return new CloudCallError('credentials', `The Google credentials of this machine cannot be used: ${firstLine(message)}`);
  }
  return null;
}

/** gax loses the reason of a 403; the rejected request still has the body, as its message. */
function payloadOf(cause: unknown): { readonly reason: string | null; readonly message: string | null } | null {
  if (!(cause instanceof Error)) return null;
  try {
    const read = payloadSchema.safeParse(JSON.parse(cause.message));
    if (!read.success) return null;
    return { reason: read.data.error.errors?.[0]?.reason ?? null, message: read.data.error.message ?? null };
  } catch {
    return null;
  }
}

function firstLine(text: string): string {
  const line = (text.split('\n', 1)[0] ?? '').trim();
  return line === '' ? 'it did not say why.' : /[.!?]$/.test(line) ? line : `${line}.`;
}
