import type { CloudCall, CloudReply } from './cloud-call.ts';
import { CloudFault } from './cloud-fault.ts';

/** ARM's words for what is not there. */
export function notFound(resource: string, resourceGroup: string): CloudFault {
  return new CloudFault(
    404,
    'ResourceNotFound',
    `The Resource '${resource}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

/** One page of a list. ARM gives the next page as a whole address, with every query parameter of this one. */
export function armPage(call: CloudCall, all: readonly unknown[], pageSize: number): CloudReply {
  const at = Number(call.query.get('$skiptoken') ?? 0);
  const value = all.slice(at, at + pageSize);
  if (at + pageSize >= all.length) return { body: { value } };
  const query = new URLSearchParams(call.query);
  query.set('$skiptoken', String(at + pageSize));
  return { body: { value, nextLink: `${call.base}${call.path}?${query.toString()}` } };
}

export function sameWord(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
