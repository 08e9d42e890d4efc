import { enableCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { ZodError } from 'zod';
import { Secret } from '../fleet/secret.ts';
import type { CloudCall } from './calls.ts';
import { type CallTime, CloudCallError, type ProviderCalls, type ProviderSession } from './provider-calls.ts';
import { type RequestLine, requestLineSchema } from './request-schema.ts';

// The program of the child process: requests as JSON lines in, answers as JSON lines out, one provider's SDK in between.
enableCompileCache();

/** Sessions differ only when a token was renewed; the SDK's clients are built once for each. */
let current: { readonly key: string; readonly calls: Promise<ProviderCalls> } | null = null;

function callsFor(session: RequestLine['session']): Promise<ProviderCalls> {
  const key = JSON.stringify(session);
  if (current?.key !== key) {
    const { scope, endpoint, ca, token } = session;
    current = { key, calls: load(session.provider, { scope, endpoint, ca, token: token === null ? null : new Secret(token) }) };
  }
  return current.calls;
}

/** Only the SDK of the provider that is asked for is ever loaded. */
async function load(provider: 'gce' | 'azure', session: ProviderSession): Promise<ProviderCalls> {
  if (provider === 'gce') return (await import('./gce/gce-calls.ts')).createGceCalls(session);
  return (await import('./azure/azure-calls.ts')).createAzureCalls(session);
}

function say(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function perform(calls: ProviderCalls, id: number, call: CloudCall, time: CallTime): Promise<unknown> {
  switch (call.call) {
    case 'hosts':
      return calls.hosts(call, time, (host) => say({ id, host }));
    case 'pool':
      return calls.pool(call, time);
    case 'snapshots':
      return calls.snapshots(call, time);
    case 'pool-out':
      return calls['pool-out'](call, time);
    case 'pool-in':
      return calls['pool-in'](call, time);
    case 'snapshot-create':
      return calls['snapshot-create'](call, time);
    case 'snapshot-delete':
      return calls['snapshot-delete'](call, time);
  }
}

async function answer({ id, forMs, session, call }: RequestLine): Promise<void> {
  const time = { signal: AbortSignal.timeout(Math.ceil(forMs)), endsAt: Date.now() + forMs };
  try {
    say({ id, value: await perform(await callsFor(session), id, call, time) });
  } catch (error) {
    say({ id, error: errorOf(error, call) });
  }
}

function errorOf(error: unknown, call: CloudCall): { readonly kind: string; readonly message: string; readonly uncertain: boolean } {
  if (error instanceof CloudCallError) return { kind: error.kind, message: error.message, uncertain: error.uncertain };
  const changing = call.call !== 'hosts' && call.call !== 'pool' && call.call !== 'snapshots';
  if (error instanceof ZodError) {
    const place = error.issues[0]?.path.join('.') ?? '';
    return {
      kind: 'other',
      message: `The cloud answered in a shape that is not known here (at ${place || 'its top'}).`,
      uncertain: changing,
    };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { kind: 'other', message: text.split('\n', 1)[0]?.trim() || 'The cloud’s SDK failed without saying why.', uncertain: changing };
}

// An end of input means that the console is done, or gone: nothing is left to answer to.
const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
lines.on('line', (line) => void answer(requestLineSchema.parse(JSON.parse(line))));
lines.on('close', () => process.exit(0));
process.stdout.on('error', () => process.exit(1));
