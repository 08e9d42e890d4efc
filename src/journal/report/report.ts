import type { AnalysisField, IncidentTime } from '../incident/event.ts';

/**
 * An incident or a period as it is exported: what `--format json` prints, and what every other format is made of. Its shape is a promise
 * (docs/incidents.md): fields are added, never renamed. Times are ISO 8601 UTC, lengths ms, what is not known null.
 */
export interface Report {
  readonly format: 'quarterdeck-report';
  readonly version: 1;
  /** `external` holds no host, person, command or address. */
  readonly variant: 'internal' | 'external';
  /** `INC-12`; `null` for a period without an incident. */
  readonly id: string | null;
  readonly title: string;
  readonly fleet: string | null;
  readonly status: 'open' | 'mitigated' | 'resolved' | 'closed' | null;
  readonly severity: string | null;
  /** The worst it ever was. */
  readonly worstSeverity: string | null;
  readonly severities: readonly {
    readonly at: string;
    readonly severity: string;
    readonly why: string | null;
    readonly who: string | null;
  }[];
  readonly timeAtSeverity: readonly { readonly severity: string; readonly ms: number }[];
  readonly visibility: string | null;
  readonly madeAt: string;
  readonly from: string;
  readonly to: string;
  /** Whether it still goes on at `to`. */
  readonly ongoing: boolean;
  readonly times: Readonly<
    Record<IncidentTime, { readonly at: string; readonly who: string | null; readonly late: boolean } | null>
  > | null;
  readonly hosts: readonly string[];
  readonly services: readonly string[];
  readonly alert: string | null;
  /** The person's texts; where none was written, what the record itself tells. */
  readonly analysis: Readonly<Record<AnalysisField, { readonly text: string; readonly by: 'person' | 'machine' } | null>>;
  readonly impact: readonly { readonly name: string; readonly value: number; readonly unit: string | null }[];
  readonly responders: readonly { readonly role: string; readonly person: string; readonly from: string; readonly until: string | null }[];
  readonly timeline: readonly ReportItem[];
  readonly decisions: readonly {
    readonly at: string;
    readonly question: string;
    readonly options: readonly string[];
    readonly outcome: string;
    readonly executes: string | null;
    readonly who: string | null;
  }[];
  readonly followUps: readonly {
    readonly text: string;
    readonly owner: string | null;
    readonly ticket: string | null;
    readonly due: string | null;
    readonly done: boolean;
  }[];
  readonly updates: readonly { readonly at: string; readonly to: readonly string[]; readonly text: string }[];
  readonly playbooks: readonly {
    readonly playbook: string;
    readonly title: string;
    readonly sha256: string | null;
    readonly from: string;
    readonly to: string | null;
    readonly operator: string;
    /** Hosts that it changed something on. */
    readonly hosts: readonly string[];
    readonly result: string | null;
    readonly message: string | null;
    /** Steps that only looked, and went well. */
    readonly looked: number;
    readonly changes: readonly { readonly at: string; readonly text: string; readonly outcome: string | null }[];
    readonly skipped: readonly { readonly step: string; readonly why: string }[];
  }[];
  /** What is owed back at the time of the export, in words. */
  readonly debts: readonly string[];
  readonly charts: readonly ReportChart[];
}

export interface ReportItem {
  readonly at: string;
  readonly endAt: string | null;
  readonly source: string;
  /** `person`: typed by somebody; `machine`: recorded as it happened. */
  readonly by: 'person' | 'machine';
  readonly who: string | null;
  readonly text: string;
  readonly command: string | null;
  readonly outcome: string | null;
  readonly hosts: readonly string[];
  /** Whether it belongs into a table that people read. */
  readonly significant: boolean;
  /** Told more than five minutes after it happened. */
  readonly late: boolean;
  /** Number of the journal's entry, or a file with its SHA-256. */
  readonly evidence: { readonly journal: number | null; readonly file: string | null; readonly sha256: string | null };
}

/** Lines of one measure, one a host, over the period: `points` are [epoch ms, value]. */
export interface ReportChart {
  readonly title: string;
  readonly unit: string;
  /** Value at the upper edge where the measure has one (100 %), else `null`. */
  readonly top: number | null;
  readonly lines: readonly { readonly name: string; readonly points: readonly (readonly [number, number | null])[] }[];
}
