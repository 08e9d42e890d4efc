import type { HostView } from '../fleet/view.ts';

/**
 * What must be said before a change when the cloud does not know all of the host's group: hosts of a zone that could not be listed are
 * kept from before, so that shares and counts of the group are those of then. `null` when it knows them all.
 */
export function unlistedWarning({ host }: HostView, views: readonly HostView[]): string | null {
  const group = views.filter(
    (view) =>
      view.goneSince === null &&
      view.host.env === host.env &&
      (view.host.id === host.id || (host.role !== null && view.host.role === host.role)),
  );
  const unknown = group.filter((view) => view.host.cloudState === 'unknown');
  if (unknown.length === 0) return null;
  const zones = [...new Set(unknown.map((view) => view.host.zone ?? 'an unknown zone'))].join(', ');
  const whose = host.role === null ? host.name : `${unknown.length} of ${group.length} hosts of role ${host.role}`;
  return `the cloud does not say how ${whose} in ${zones} is now: the group may be another than this console knows`;
}
