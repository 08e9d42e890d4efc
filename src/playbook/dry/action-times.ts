import { longestMsOf } from '../../actions/catalogue.ts';
import type { Fleet } from '../../fleet/definition.ts';
import type { JsonValue } from '../../journal/entry.ts';
import { requestOf } from '../live/action-requests.ts';

/** The longest that an action of the catalogue takes with these values, ms; `null` where nothing tells. */
export type ActionTimes = (action: string, given: Readonly<Record<string, JsonValue>>) => number | null;

/** Where no fleet is known. */
export const noTimes: ActionTimes = () => null;

/** By the fleet file: its pools, services, drains and backups name their times. On which host does not matter. */
export function actionTimes(fleet: Fleet): ActionTimes {
  return (action, given) => {
    const request = requestOf(action, { host: 'any', ...given }, (name) => name);
    return typeof request === 'string' ? null : longestMsOf(fleet, request);
  };
}
