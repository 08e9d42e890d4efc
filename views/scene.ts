import type { FleetState, HostView } from '../src/fleet/view.ts';
import type { Console } from './console.ts';
import type { Command } from './palette.ts';
import type { PendingPrompt } from './prompt-queue.ts';
import type { Viewport } from './session.ts';
import type { UiState } from './state.ts';
import type { Theme } from './theme.ts';
import type { Binding } from './bindings/binding.ts';

/** What one frame is drawn from. */
export interface Scene {
  readonly console: Console;
  readonly fleet: FleetState;
  readonly ui: UiState;
  /** Hosts of the fleet table in their order. */
  readonly rows: readonly HostView[];
  readonly selected: HostView | null;
  readonly env: string | null;
  readonly bindings: readonly Binding[];
  /** Why a binding is greyed, `null` when it is not. */
  reasonOf(binding: Binding): string | null;
  /** Offers of the command line while it is open. */
  commands(): readonly Command[];
  readonly prompts: readonly PendingPrompt[];
  readonly now: number;
  readonly columns: number;
  readonly lines: number;
  readonly theme: Theme;
  /** Where the scrolling part stood, kept from frame to frame. */
  readonly viewport: Viewport;
}
