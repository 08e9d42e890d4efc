import type { Session } from '../session.ts';
import { type ScreenKind, screenOf } from '../state.ts';

export type BindingGroup = 'move' | 'open' | 'find' | 'mark and sort' | 'change' | 'tell' | 'console';

/** One thing a key does. Help, the footer, the documentation's table and the dispatch all read this list. */
export interface Binding {
  readonly id: string;
  /** Each a key name (`j`, `ctrl-d`) or a chord (`r n`). */
  readonly keys: readonly string[];
  /** A word for the footer. */
  readonly label: string;
  /** A sentence for help. */
  readonly description: string;
  readonly group: BindingGroup;
  readonly screens: readonly ScreenKind[];
  /** Leads to a change of the world, by way of a plan. */
  readonly dangerous: boolean;
  /** Is about the host under the cursor, which it holds from the key press on, wherever its row moves. */
  readonly aboutHost: boolean;
  /** False for a key of a later release. */
  readonly available: boolean;
  /** Place in the footer; `null` keeps it out. */
  readonly footer: number | null;
  /** Why it cannot be used now, in words; `null` when it can. */
  disabled(session: Session): string | null;
  /** `key`: the one of its keys that was pressed. */
  run(session: Session, key: string): void;
}

export const everywhere: readonly ScreenKind[] = [
  'fleet',
  'host',
  'help',
  'raw',
  'run',
  'journal',
  'entry',
  'pools',
  'backups',
  'sources',
  'approvals',
  'alerts',
  'incidents',
  'incident',
  'routines',
  'contacts',
  'playbooks',
  'playbook',
  'runs',
  'playbook-run',
];
export const fleetOnly: readonly ScreenKind[] = ['fleet'];
export const marked: readonly ScreenKind[] = ['fleet', 'pools'];
export const aboutHost: readonly ScreenKind[] = ['fleet', 'host', 'raw', 'pools', 'alerts'];

const notYet = 'not available yet';
const usable = (): null => null;

export interface Draft extends Pick<Binding, 'id' | 'keys' | 'label' | 'description' | 'group'> {
  readonly screens?: readonly ScreenKind[];
  readonly dangerous?: boolean;
  readonly aboutHost?: boolean;
  readonly footer?: number;
  disabled?(session: Session): string | null;
  run(session: Session, key: string): void;
}

/** A binding with what most have in common filled in. */
export function binding(draft: Draft): Binding {
  return {
    screens: everywhere,
    dangerous: false,
    aboutHost: false,
    available: true,
    disabled: usable,
    ...draft,
    footer: draft.footer ?? null,
  };
}

/** A key of a later release: shown greyed, and pressing it says why. */
export function later(id: string, key: string, label: string, description: string, group: BindingGroup, dangerous = false): Binding {
  // A screen of its own may use the key already.
  const draft: Draft = { id, keys: [key], label, description, group, dangerous, screens: aboutHost, disabled: () => notYet, run: () => {} };
  return { ...binding(draft), available: false };
}

/** Reason of a binding that is about a host when there is none. */
export const needsHost = (session: Session): string | null => {
  if (session.selected() !== null) return null;
  const onAlert = screenOf(session.ui.getState()).kind === 'alerts' && session.fleet().alerts.length > 0;
  return onAlert ? 'this line is about no single host' : 'no host is selected';
};
