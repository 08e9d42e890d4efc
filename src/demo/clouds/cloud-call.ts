import * as z from 'zod';
import { CloudFault } from './cloud-fault.ts';

/** One call that a cloud's server was asked. */
export class CloudCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly ifMatch: string | null;
  /** Base address that the caller used. */
  readonly base: string;
  readonly #body: unknown;
  readonly #params: ReadonlyMap<string, string>;

  constructor(
    asked: Pick<CloudCall, 'method' | 'path' | 'query' | 'ifMatch' | 'base'> & { readonly body: unknown },
    params: ReadonlyMap<string, string>,
  ) {
    this.method = asked.method;
    this.path = asked.path;
    this.query = asked.query;
    this.ifMatch = asked.ifMatch;
    this.base = asked.base;
    this.#body = asked.body;
    this.#params = params;
  }

  /** A `{name}` of the route's template. */
  param(name: string): string {
    return this.#params.get(name) ?? '';
  }

  /** The body in this shape. @throws CloudFault 400 */
  body<T>(shape: z.ZodType<T>): T {
    const read = shape.safeParse(this.#body);
    if (!read.success) throw new CloudFault(400, 'invalid', `Invalid request body: ${z.prettifyError(read.error)}`);
    return read.data;
  }
}

export interface CloudReply {
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Answer = (call: CloudCall) => CloudReply | Promise<CloudReply>;

export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly answer: Answer;
}

/** A route whose template holds `{names}` of single path segments. ARM takes paths in any case; so does this. */
export function route(method: string, template: string, answer: Answer): Route {
  const names: string[] = [];
  const pattern = template.replaceAll(/\{(\w+)\}|\./g, (found, name: string | undefined) => {
    if (name === undefined) return `\\${found}`;
    names.push(name);
    return '([^/]+)';
  });
  return { method, pattern: new RegExp(`^${pattern}$`, 'i'), names, answer };
}

/** The route of this call with its parameters, `null` when there is none. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly params: ReadonlyMap<string, string> } | null {
  for (const each of routes) {
    const found = each.method === method ? each.pattern.exec(path) : null;
    if (found === null) continue;
    const params = new Map(each.names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]));
    return { route: each, params };
  }
  return null;
}
