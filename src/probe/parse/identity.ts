import { unsigned } from './numbers.ts';

/** What the collector's hello says of its host. */
export interface HostIdentity {
  /** `uname -s`: `Linux`, or what the host is instead. */
  readonly kernel: string | null;
  readonly release: string | null;
  readonly machine: string | null;
  /** PRETTY_NAME of os-release. */
  readonly os: string | null;
  readonly hostname: string | null;
  readonly bootId: string | null;
  /** Clock ticks a second. */
  readonly tick: number | null;
  readonly pageBytes: number | null;
  /** Name of process 1. */
  readonly init: string | null;
  /** Whether tools are boxed by GNU timeout. */
  readonly timeout: boolean | null;
  readonly uid: number | null;
}

/** Lines `key=value` of the `id` part. */
export function parseIdentity(text: string): HostIdentity {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0 && equals < line.length - 1) values.set(line.slice(0, equals), line.slice(equals + 1));
  }
  const timeout = values.get('timeout');
  return {
    kernel: values.get('kernel') ?? null,
    release: values.get('release') ?? null,
    machine: values.get('machine') ?? null,
    os: values.get('os') ?? null,
    hostname: values.get('hostname') ?? null,
    bootId: values.get('boot') ?? null,
    tick: unsigned(values.get('tick')),
    pageBytes: unsigned(values.get('page')),
    init: values.get('init') ?? null,
    timeout: timeout === undefined ? null : timeout === 'yes',
    uid: unsigned(values.get('uid')),
  };
}
