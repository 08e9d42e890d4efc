import type { AskedChange, AskedProbe } from './hands.ts';

/** What a step says it is about: names of hosts, pools and services, and every word that stands in it. */
interface About {
  readonly names: ReadonlySet<string>;
  readonly words: ReadonlySet<string>;
}

/**
 * Changes that a dry run has come by and did not make. A look that fails may be about what one of them would have changed; one that names
 * other hosts, pools and services only is not, and counts as it is.
 */
export class Unmade {
  readonly #changes: About[] = [];
  /** A change whose target nobody knows beforehand, or that is a person's own, may be of anything. */
  #ofAnything = false;

  add(change: AskedChange | 'anything'): void {
    if (change === 'anything') this.#ofAnything = true;
    else this.#changes.push(aboutChange(change));
  }

  /** Whether one of them may change what a look finds. What names nothing of the fleet may be touched by each. */
  mayTouch(probe: AskedProbe): boolean {
    if (this.#ofAnything) return true;
    const look = aboutLook(probe);
    return this.#changes.some((change) => look.names.size === 0 || meet(look.names, change.words) || meet(change.names, look.words));
  }
}

function aboutChange(change: AskedChange): About {
  if (change.kind === 'command') return about([change.host], change.command);
  const { pool, node, host, service, name } = change.with;
  return about([pool, node, host, service, name].flatMap(text), Object.values(change.with).flatMap(text).join(' '));
}

function aboutLook(probe: AskedProbe): About {
  switch (probe.kind) {
    case 'command':
      return about([probe.host], probe.command);
    case 'service':
      return about([probe.host], probe.service);
    case 'pool':
      return about([probe.pool], probe.except ?? '');
    case 'metric':
      return about([probe.host], probe.metric);
    case 'http':
      return about(text(probe.host), probe.url);
    case 'port':
      return about(text(probe.host), '');
    case 'dns':
      return about(text(probe.host), probe.name);
    case 'alert':
      return about(text(probe.host), probe.alert);
    default:
      return probe satisfies never;
  }
}

function about(names: readonly string[], more: string): About {
  return { names: new Set(names), words: new Set([...names, ...more.split(/[^\w.-]+/)]) };
}

function text(value: unknown): readonly string[] {
  return typeof value === 'string' && value !== '' ? [value] : [];
}

function meet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...a].some((each) => b.has(each));
}
