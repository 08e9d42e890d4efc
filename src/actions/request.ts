import type { HostId } from '../fleet/host.ts';

/** What the person, a playbook or a command asks for: one change on one host. */
export type ActionRequest =
  | { readonly action: 'restart'; readonly hostId: HostId; readonly service: string }
  | { readonly action: 'start'; readonly hostId: HostId; readonly service: string }
  /** Stop accepting and wait for zero; never kills. */
  | { readonly action: 'drain'; readonly hostId: HostId; readonly name: string; readonly mode: 'stop' | 'resume' }
  /** Capistrano: `current` to an earlier release; `to` null means the one before. */
  | { readonly action: 'rollback'; readonly hostId: HostId; readonly release: string; readonly to: string | null }
  | { readonly action: 'maintenance'; readonly hostId: HostId; readonly mode: 'on' | 'off' }
  | { readonly action: 'reboot'; readonly hostId: HostId }
  | { readonly action: 'custom'; readonly hostId: HostId; readonly name: string; readonly inputs: Readonly<Record<string, string>> }
  /** `force` cuts what is left off instead of waiting for it; asked for only after a drain that ran out of time. */
  | { readonly action: 'depool'; readonly hostId: HostId; readonly pool: string; readonly mode: 'drain' | 'force' }
  | { readonly action: 'repool'; readonly hostId: HostId; readonly pool: string }
  | { readonly action: 'backup'; readonly hostId: HostId; readonly name: string }
  /** One command of a runbook, exactly as it is rendered; `step` names it (`web-node-pencils-down.restart`). */
  | {
      readonly action: 'command';
      readonly hostId: HostId;
      readonly step: string;
      readonly title: string;
      readonly command: string;
      readonly timeoutMs: number;
      readonly risk: 'safe' | 'change' | 'danger';
      /** How the runbook takes it back, in words. */
      readonly undo: string | null;
    }
  /** The declared inverse of a custom action. */
  | { readonly action: 'custom-undo'; readonly hostId: HostId; readonly name: string; readonly inputs: Readonly<Record<string, string>> };

export type ActionName = ActionRequest['action'];
