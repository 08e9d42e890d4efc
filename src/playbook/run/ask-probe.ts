import type { Probe } from '../playbook.ts';
import { fill, fillCommand, type Filled, fillHostHeader, fillUrl } from '../template.ts';
import type { Scope } from '../expression.ts';
import type { AskedProbe } from './hands.ts';

/** A probe with its places filled in; the open name when a dry run cannot fill one. */
export function askedProbe(
  probe: Probe,
  host: string | null,
  scope: Scope,
  variableOf: (value: string) => string | null = () => null,
): AskedProbe | { readonly open: string } {
  const open: string[] = [];
  const use = ({ text, open: more }: Filled): string => {
    open.push(...more);
    return text;
  };
  const text = (template: string): string => use(fill(template, scope));
  const needed = host ?? '';
  const asked = ((): AskedProbe => {
    switch (probe.kind) {
      case 'command':
        return { kind: 'command', host: needed, command: use(fillCommand(probe.command, scope, (value) => refused(variableOf(value)))) };
      case 'http':
        return {
          kind: 'http',
          host,
          url: use(fillUrl(probe.url, scope)),
          hostHeader: probe.hostHeader === null ? null : use(fillHostHeader(probe.hostHeader, scope)),
        };
      case 'port':
        return { kind: 'port', host, port: portOf(text(String(probe.port)), open) };
      case 'service':
        return { kind: 'service', host: needed, service: text(probe.service) };
      case 'pool':
        return { kind: 'pool', pool: text(probe.pool), except: probe.except === null ? null : text(probe.except) };
      case 'dns':
        return { kind: 'dns', host, name: text(probe.name) };
      case 'metric':
        return { kind: 'metric', host: needed, metric: text(probe.metric) };
      case 'alert':
        return { kind: 'alert', host, alert: text(probe.alert) };
      default:
        return probe satisfies never;
    }
  })();
  const [first] = open;
  return first === undefined ? asked : { open: first };
}

/** @throws Error for what is no port */
function portOf(text: string, open: readonly string[]): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (open.length === 0 && (port < 1 || port > 65_535)) throw new Error(`${JSON.stringify(text.slice(0, 60))} is no port`);
  return port;
}

/** A probe in one line, as a person would say it; its places as they stand when they are not filled in yet. */
export function probeWords(probe: AskedProbe | Probe): string {
  switch (probe.kind) {
    case 'command':
      return probe.command;
    case 'http':
      return `GET ${probe.url}${probe.hostHeader === null ? '' : ` as ${probe.hostHeader}`}`;
    case 'port':
      return `port ${probe.port}`;
    case 'service':
      return `service ${probe.service}`;
    case 'pool':
      return `pool ${probe.pool}${probe.except === null ? '' : ` without ${probe.except}`}`;
    case 'dns':
      return `DNS ${probe.name}`;
    case 'metric':
      return `metric ${probe.metric}`;
    case 'alert':
      return `alert ${probe.alert}`;
    default:
      return probe satisfies never;
  }
}

/** Questions and previews are asked without what a step brings to its host. @throws Error for a secret. */
export function refused(variable: string | null): null {
  if (variable !== null) throw new Error('a secret is not used in a question: it would stand in a command line; let a run step use it');
  return null;
}
