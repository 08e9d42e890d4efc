import type { Refusal } from '../src/actions/plan.ts';
import type { SeenApproval } from '../src/actions/approval-watch.ts';
import type { Interrupted } from '../src/actions/recovery.ts';
import type { CustomAction } from '../src/fleet/definition.ts';
import type { Health } from '../src/fleet/health.ts';
import type { HostId } from '../src/fleet/host.ts';
import type { MenuItem } from './action-menu.ts';
import type { Asked } from './asked.ts';
import type { TextField } from './components/text-field.ts';
import type { MarkDialog, TellingDialog } from './incident-state.ts';
import type { CardPlan } from './plan-flow.ts';
import type { PlaybookDialog } from './playbook-state.ts';

export interface PickableService {
  readonly name: string;
  readonly health: Health;
  readonly words: string;
  readonly key: string;
}

/** `openedAt`: keys within the first moments are typed-ahead and dropped. */
export type Dialog =
  | { readonly kind: 'quit'; readonly openedAt: number }
  | {
      readonly kind: 'pick-service';
      readonly hostIds: readonly HostId[];
      /** Or how many hosts, in words. */
      readonly hostName: string;
      readonly env: string;
      readonly services: readonly PickableService[];
      readonly cursor: number;
    }
  | { readonly kind: 'planning'; readonly id: number; readonly title: string; readonly env: string | null }
  | PlanDialog
  | ApprovalDialog
  | SigningDialog
  | { readonly kind: 'running'; readonly changeId: number }
  | { readonly kind: 'outcome'; readonly changeId: number; readonly openedAt: number }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      readonly asked: Asked;
      readonly title: string;
      readonly env: string | null;
      readonly openedAt: number;
    }
  | {
      readonly kind: 'arm';
      readonly env: string;
      readonly openedAt: number;
      readonly waiting: Asked | null;
      /** What is shown again afterwards. */
      readonly back: Dialog | null;
      readonly refusal: string | null;
    }
  | { readonly kind: 'abort-run'; readonly runId: string; readonly title: string; readonly env: string; readonly openedAt: number }
  | ActionsDialog
  | RecoveryDialog
  | TellingDialog
  | MarkDialog
  | PlaybookDialog
  | InputDialog
  | { readonly kind: 'scenario'; readonly cursor: number }
  | {
      readonly kind: 'prompt';
      readonly promptId: number;
      readonly openedAt: number;
      readonly field: TextField;
      readonly wrong: string | null;
    };

/** Somebody else's request: the word signs it, a reason declines it. */
export interface ApprovalDialog {
  readonly kind: 'approval';
  /** As it was when the card was opened: what is signed is what was read. */
  readonly seen: SeenApproval;
  readonly openedAt: number;
  readonly focus: 'yes' | 'no';
  readonly word: TextField;
  readonly reason: TextField;
  readonly wrong: string | null;
  /** It is being left on the host. */
  readonly busy: boolean;
}

/** This console's own wait for somebody else. */
export interface SigningDialog {
  readonly kind: 'signing';
  readonly waitId: number;
  readonly openedAt: number;
}

/** The action menu, and every other choice between changes: which pool, which backup. */
export interface ActionsDialog {
  readonly kind: 'actions';
  /** The question. */
  readonly title: string;
  readonly hostIds: readonly HostId[];
  /** Or how many hosts, in words. */
  readonly hostName: string;
  readonly env: string;
  readonly items: readonly MenuItem[];
  readonly cursor: number;
}

/** A change of an earlier console that only a person can settle. */
export interface OpenQuestion {
  readonly item: Interrupted;
  readonly summary: string;
  readonly evidence: readonly string[];
  /** Put off: asked again only by the command line. */
  readonly later: boolean;
}

export interface RecoveryDialog {
  readonly kind: 'recovery';
  readonly actionId: string;
  /** `null` until chosen. */
  readonly answer: 'ok' | 'failed' | 'unknown' | null;
  /** How one knows. */
  readonly field: TextField;
  readonly openedAt: number;
}

/** One input of a custom action. */
export interface InputDialog {
  readonly kind: 'input';
  readonly action: CustomAction;
  readonly hostIds: readonly HostId[];
  readonly hostName: string;
  readonly env: string;
  readonly answers: Readonly<Record<string, string>>;
  readonly index: number;
  /** Empty for typed text. */
  readonly choices: readonly string[];
  readonly cursor: number;
  readonly field: TextField;
  readonly wrong: string | null;
  readonly openedAt: number;
}

/** A plan that waits for its yes. */
export interface PlanDialog {
  readonly kind: 'plan';
  readonly asked: Asked;
  readonly plan: CardPlan;
  readonly openedAt: number;
  /** Why it is done; `null` when nobody asks. */
  readonly reason: TextField | null;
  /** Takes away the lock that somebody holds. */
  readonly breakLock: boolean;
  /** Which of the two fields has the keys. */
  readonly focus: 'reason' | 'word';
  readonly field: TextField;
  readonly wrong: string | null;
}
