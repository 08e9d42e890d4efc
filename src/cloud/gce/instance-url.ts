import type { CloudMember } from '../calls.ts';
import { CloudCallError } from '../provider-calls.ts';

/** Name and zone of an instance from its URL; a bare name has no zone. */
export function readInstanceUrl(url: string): { readonly name: string; readonly zone: string | null } {
  const [, zone, name] = /\/zones\/([^/]+)\/instances\/([^/]+)$/.exec(url) ?? [];
  return zone === undefined || name === undefined ? { name: url.slice(url.lastIndexOf('/') + 1), zone: null } : { name, zone };
}

/** The URL under which the API knows a member of no pool. */
export function instanceUrl(project: string, member: CloudMember, zone: string | null = member.zone): string {
  if (zone === null) throw new CloudCallError('not-found', `The zone of ${member.name} is not known, so it cannot be named to Google.`);
  return `https://www.googleapis.com/compute/v1/projects/${project}/zones/${zone}/instances/${member.name}`;
}

/** Whether a pool's entry is this member; a zone that one side does not say is no difference. */
export function isMember(entry: { readonly name: string; readonly zone: string | null }, member: CloudMember): boolean {
  return entry.name === member.name && (entry.zone === null || member.zone === null || entry.zone === member.zone);
}
