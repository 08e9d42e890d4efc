import type { ActionRequest } from '../src/actions/request.ts';

/** What is asked for, in words, before the executor has planned it. */
export function requestTitle(request: ActionRequest, hostName: string): string {
  switch (request.action) {
    case 'restart':
    case 'start':
      return `${request.action} ${request.service} on ${hostName}`;
    case 'drain':
      return request.mode === 'stop' ? `drain ${request.name} on ${hostName}` : `let ${hostName} take ${request.name} again`;
    case 'rollback':
      return `roll ${request.release} on ${hostName} back`;
    case 'maintenance':
      return `maintenance mode ${request.mode} on ${hostName}`;
    case 'reboot':
      return `reboot ${hostName}`;
    case 'depool':
      return `${request.mode === 'force' ? 'force' : 'take'} ${hostName} out of pool ${request.pool}`;
    case 'repool':
      return `put ${hostName} back into pool ${request.pool}`;
    case 'backup':
      return `back up ${request.name} on ${hostName}`;
    case 'command':
      return `${request.title} on ${hostName}`;
    case 'custom':
      return `${request.name} on ${hostName}`;
    case 'custom-undo':
      return `undo ${request.name} on ${hostName}`;
    default:
      return request satisfies never;
  }
}
