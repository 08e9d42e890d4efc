import type { Fleet } from '../fleet/definition.ts';
import { memberPlaces } from '../fleet/pool.ts';
import { onceRemedy, placeReadTwice } from '../fleet/read-twice.ts';
import { placeWords, quotedPlace } from '../fleet/shell-quotes.ts';
import type { FleetReader } from './fleet-reader.ts';
import { pathInWords } from './issues.ts';
import { suggestion } from './nearest.ts';
import { quoted } from './visible.ts';
import type { Path } from './yaml-data.ts';

/** Commands of the file against its own `never` list, and the `{{ … }}` places of its actions and pools. */
export function checkCommands(reader: FleetReader, fleet: Fleet): void {
  for (const { path, command } of commandsOf(fleet)) {
    const refused = fleet.never.find((text) => plain(command).includes(plain(text)));
    if (refused === undefined) continue;
    reader.complain(path, 'value', `${pathInWords(path)} would never be run: it holds ${quoted(refused)}, which is on the never list.`);
  }
  for (const { name, kind, options } of fleet.pools) {
    for (const key of kind === 'command' ? ['depool', 'repool', 'state'] : []) {
      for (const [, place = ''] of String(options[key]).matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)) {
        if (memberPlaces.some((each) => each === place)) continue;
        const path = ['pools', name, key];
        const remedy = suggestion(place, memberPlaces, 'Places of a pool’s command') ?? 'Write {{ member }}, {{ address }} or {{ zone }}.';
        reader.complain(path, 'value', `${pathInWords(path)} names ${quoted(place)}, which a pool's command is not given.`, remedy);
      }
    }
  }
  for (const { name, run, undo } of fleet.actions) {
    for (const [key, command] of [
      ['run', run],
      ['undo', undo],
    ] as const) {
      if (command === null) continue;
      const path = ['actions', name, key];
      const twice = placeReadTwice(command);
      if (twice !== null) {
        const message = `${pathInWords(path)} has {{ ${twice.place} }} where the shell of ${twice.by} reads it once more, without its quotes.`;
        reader.complain(path, 'value', message, onceRemedy(twice));
        continue;
      }
      const inside = quotedPlace(command);
      if (inside === null) continue;
      const message = `${pathInWords(path)} has {{ ${inside} }} ${placeWords}, where what a person types would come apart.`;
      reader.complain(path, 'value', message, 'Let it stand as a word of its own: it is quoted where it lands.');
    }
  }
  for (const action of fleet.actions) {
    const inputs = action.inputs.map(({ name }) => name);
    for (const [, place = ''] of action.run.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)) {
      if (inputs.includes(place)) continue;
      const path = ['actions', action.name, 'run'];
      const remedy = suggestion(place, inputs, 'Inputs of this action') ?? 'Add it under inputs.';
      reader.complain(path, 'value', `${pathInWords(path)} names the input ${quoted(place)}, which the action does not have.`, remedy);
    }
  }
}

function commandsOf(fleet: Fleet): { path: Path; command: string }[] {
  const some = (path: Path, command: unknown) => (typeof command === 'string' ? [{ path, command }] : []);
  return [
    ...fleet.services.flatMap(({ name, precheck }) => some(['services', name, 'precheck'], precheck)),
    ...fleet.checks.flatMap((check) => (check.kind === 'command' ? some(['checks', check.name, 'command'], check.command) : [])),
    ...fleet.pools.flatMap(({ name, options }) => ['depool', 'repool', 'state'].flatMap((key) => some(['pools', name, key], options[key]))),
    ...fleet.backups.flatMap(({ name, options }) => some(['backups', name, 'run'], options['run'])),
    ...fleet.drains.flatMap(({ name, stopAccepting, resume, active }) => [
      ...some(['drains', name, 'stop_accepting'], stopAccepting),
      ...some(['drains', name, 'resume'], resume),
      ...some(['drains', name, 'active'], active),
    ]),
    ...[...fleet.maintenanceMode].flatMap(([role, { on, off, check }]) => [
      ...some(['maintenance_mode', role, 'on'], on),
      ...some(['maintenance_mode', role, 'off'], off),
      ...some(['maintenance_mode', role, 'check'], check),
    ]),
    ...fleet.actions.flatMap(({ name, run, undo }) => [...some(['actions', name, 'run'], run), ...some(['actions', name, 'undo'], undo)]),
  ];
}

function plain(command: string): string {
  return command.replace(/\s+/g, ' ').trim();
}
