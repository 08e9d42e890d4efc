import type { ActionRequest } from './request.ts';

/** What a change is called in a line of the ops log, without its host: `restart pencils`, `depool from web`. */
export function didWords(request: ActionRequest): string {
  switch (request.action) {
    case 'restart':
    case 'start':
      return `${request.action} ${request.service}`;
    case 'drain':
      return `${request.mode === 'stop' ? 'drain' : 'undrain'} ${request.name}`;
    case 'rollback':
      return `roll back ${request.release}${request.to === null ? '' : ` to ${request.to}`}`;
    case 'maintenance':
      return `maintenance ${request.mode}`;
    case 'reboot':
      return 'reboot';
    case 'custom':
      return request.name;
    case 'custom-undo':
      return `undo ${request.name}`;
    case 'depool':
      return `depool from ${request.pool}${request.mode === 'force' ? ', by force' : ''}`;
    case 'repool':
      return `repool into ${request.pool}`;
    case 'backup':
      return `backup ${request.name}`;
    case 'command':
      return request.command.trim().split('\n', 1)[0] ?? '';
    default:
      return request satisfies never;
  }
}
