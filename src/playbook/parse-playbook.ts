import { FleetReader, isMap } from '../config/fleet-reader.ts';
import type { Problem } from '../config/problem.ts';
import { SourceText } from '../config/source-text.ts';
import { valueInWords } from '../config/visible.ts';
import type { Finding } from '../config/yaml-data.ts';
import { readYaml } from '../config/yaml-tree.ts';
import { headSchema } from './file-schema.ts';
import type { Playbook } from './playbook.ts';
import { inputsOf } from './read-inputs.ts';
import { withRemedy } from './remedies.ts';
import { StepReader } from './read-steps.ts';

export type PlaybookResult =
  | { readonly ok: true; readonly playbook: Playbook; readonly source: SourceText }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A playbook's text, checked against format 1, or everything that is wrong with its form. What it means is the lint's. */
export function parsePlaybook(text: string, file: string): PlaybookResult {
  const source = new SourceText(text);
  const { tree, findings } = readYaml(source);
  const failed = (all: readonly Finding[]): PlaybookResult => ({ ok: false, problems: problemsOf(all, source, file) });
  if (tree === null) return failed(findings);
  if (!isMap(tree.data)) {
    const message = tree.data === null ? 'The file is empty.' : `The file must be a map of keys, not ${valueInWords(tree.data)}.`;
    return failed([...findings, { span: tree.span([], 'value'), message, remedy: 'Begin with "playbook: NAME".' }]);
  }
  const reader = new FleetReader(tree.data);
  const head = reader.read(headSchema, tree.data, []);
  const steps = new StepReader(reader, (path) => source.positionAt(tree.span(path, 'key').start));
  // The steps are read even when the head is wrong, so that all faults are told at once.
  const listOf = (key: 'steps' | 'finally'): readonly unknown[] => {
    const value = reader.section(key);
    return Array.isArray(value) ? value : [];
  };
  const read = steps.steps(listOf('steps'), ['steps'], '');
  const last = steps.steps(listOf('finally'), ['finally'], 'finally');
  const inputs = inputsOf(reader, head?.inputs ?? {}, ['inputs']);
  const complaints = reader.complaints.map((complaint) => ({ ...withRemedy(complaint), span: tree.span(complaint.path, complaint.at) }));
  // What could not be read stands there as nothing, which needs no complaint of its own.
  const unread = new Set(findings.map(({ span }) => span.start));
  if (findings.length > 0 || complaints.length > 0 || head === undefined)
    return failed([...findings, ...complaints.filter(({ span }) => !unread.has(span.start))]);
  return {
    ok: true,
    source,
    playbook: {
      id: head.playbook,
      title: head.title,
      owner: head.owner,
      reviewed: head.reviewed,
      whenToUse: head.when_to_use,
      links: head.links ?? [],
      suggest: (head.suggest ?? []).map((given) => ({
        alert: given.alert ?? null,
        labels: given.labels ?? {},
        text: given.text ?? [],
        check: given.check ?? null,
        fill: given.fill ?? {},
      })),
      inputs,
      vars: head.vars ?? {},
      needs: { role: head.needs?.role ?? null, secrets: head.needs?.secrets ?? [], tools: head.needs?.tools ?? [] },
      locks: head.lock ?? [],
      limits: {
        timeout: head.limits?.timeout ?? null,
        keepInPool: head.limits?.keep_in_pool ?? null,
        lockTtl: head.limits?.lock_ttl ?? null,
      },
      report: head.report === undefined ? null : { to: head.report.to, at: head.report.at ?? ['end'] },
      steps: read,
      finally: last,
    },
  };
}

/** Findings as problems of the file, in its order. */
export function problemsOf(findings: readonly Finding[], source: SourceText, file: string): Problem[] {
  return findings
    .toSorted((a, b) => a.span.start - b.span.start)
    .slice(0, 100)
    .map(({ span, message, remedy }) => ({
      file,
      ...source.positionAt(span.start),
      message,
      remedy: remedy ?? 'Mend the YAML at this place; an editor with a YAML mode shows it.',
      excerpt: source.excerpt(span),
    }));
}
