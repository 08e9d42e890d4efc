import * as z from 'zod';
import { networkFailure } from '../network-failure.ts';
import { type CallTime, CloudCallError } from '../provider-calls.ts';
import { mayHaveChanged, type RequestLog } from './request-log.ts';

const thrown = z.object({
  name: z.string().catch(''),
  message: z.string().catch(''),
  code: z.string().nullish().catch(null),
  statusCode: z.number().nullish().catch(null),
  request: z.object({ requestId: z.string() }).nullish().catch(null),
});

type Thrown = z.infer<typeof thrown>;

/** What was asked, and the time and the requests of the call that asked it. */
export interface Asked {
  /** As in "list the machines of codalab". */
  readonly doing: string;
  readonly time: CallTime;
  readonly log: RequestLog;
  readonly endpoint: string | null;
}

/** Whatever the SDK threw, as the one sentence a person is told. */
export function azureError(error: unknown, asked: Asked): CloudCallError {
  const read = thrown.safeParse(error).data ?? { name: '', message: String(error), code: null, statusCode: null, request: null };
  const { kind, message, retryAfterMs } = error instanceof CloudCallError ? error : explained(error, read, asked);
  return new CloudCallError(kind, message, {
    uncertain: mayHaveChanged(asked.log),
    retryAfterMs: retryAfterMs ?? null,
    cause: error,
  });
}

type Explained = Pick<CloudCallError, 'kind' | 'message'> & { readonly retryAfterMs?: number | null };

function explained(cause: unknown, error: Thrown, asked: Asked): Explained {
  const { doing, endpoint } = asked;
  if (asked.time.signal.aborted) {
    if (asked.log.limited) return { kind: 'rate', message: `Azure's request limit is used up: it did not ${doing} in time.` };
    return { kind: 'deadline', message: `Azure did not ${doing} in time.` };
  }
  if (/Credential|AuthenticationRequired|AuthenticationError/.test(error.name)) {
    return {
      kind: 'credentials',
      message: `No Azure credentials work here: ${firstLine(error.message)} (az login, or a token in the fleet file).`,
    };
  }
  if (typeof error.statusCode === 'number') return byStatus(error.statusCode, error, asked);
  const where = endpoint === null ? 'Azure' : `Azure's API at ${endpoint}`;
  return networkFailure(cause, where, mayHaveChanged(asked.log)) ?? unanswered(error, asked);
}

function byStatus(status: number, error: Thrown, { doing, endpoint, log }: Asked): Explained {
  const said = firstLine(log.said.get(error.request?.requestId ?? '') ?? words(error));
  switch (status) {
    case 401:
      return {
        kind: 'credentials',
        message: `Azure does not take the credentials (${said}): log in again with az login, or renew the token.`,
      };
    case 403: {
      const action = /perform action '([^']+)'/.exec(said)?.[1];
      const needed = action === undefined ? `: ${said}` : `; it takes the permission ${action}`;
      return { kind: 'permission', message: `Azure does not let this account ${doing}${needed}.` };
    }
    case 404:
      return { kind: 'not-found', message: `Azure cannot ${doing}: ${said}.` };
    case 409:
      return {
        kind: 'conflict',
        message: `Azure cannot ${doing} now, as another operation is under way (${said}); try again when it has ended.`,
      };
    case 412:
      return {
        kind: 'conflict',
        message: `Somebody changed it since it was read, so Azure did not ${doing}; look at it again and repeat.`,
      };
    case 429:
      return { kind: 'rate', message: `Azure's request limit is used up, so it did not ${doing}; wait a minute.` };
    default:
      if (error.code === 'PARSE_ERROR') return garbage(endpoint);
      return { kind: 'other', message: `Azure could not ${doing}: it answered ${status} (${said}).` };
  }
}

function garbage(endpoint: string | null): Explained {
  return { kind: 'endpoint', message: `What answers at ${endpoint ?? 'Azure'} is not Azure's API; mend endpoint in the fleet file.` };
}

function unanswered(error: Thrown, { doing, endpoint }: Asked): Explained {
  if (error.code === 'PARSE_ERROR' || error.name === 'SyntaxError' || error.name === 'TypeError' || /paginate|JSON/i.test(error.message)) {
    return garbage(endpoint);
  }
  return { kind: 'other', message: `Azure could not ${doing}: ${firstLine(error.message)}.` };
}

function words({ code, message }: Thrown): string {
  return code == null || message.startsWith(code) || code === 'PARSE_ERROR' ? message : `${code}: ${message}`;
}

const longest = 300;

/** The SDK's messages go on for ten lines. */
function firstLine(text: string): string {
  const line = text.split('\n', 1)[0]?.trim() ?? '';
  return (line.length > longest ? `${line.slice(0, longest)}…` : line).replace(/\.$/, '') || 'no reason given';
}
