import type { Scene } from '../scene.ts';
import { type Line, span } from '../terminal/line.ts';
import type { EnvironmentToken } from '../theme.ts';
import type { Console } from '../console.ts';

/** Colour of an environment's band; one that the fleet file does not name is shown as dangerous. */
export function envToken(environments: Console['environments'], env: string): EnvironmentToken {
  return `env-${environments.find((one) => one.name === env)?.color ?? 'red'}`;
}

function isDangerous(environments: Console['environments'], env: string): boolean {
  return environments.find((one) => one.name === env)?.danger ?? true;
}

/** ` PROD `, in capitals when it is dangerous. */
export function envBand(environments: Console['environments'], env: string): Line {
  const name = isDangerous(environments, env) ? env.toUpperCase() : env;
  return [span(` ${name} `, envToken(environments, env))];
}

/** Whether a change would be let through: `read-only`, ` ARMED 4:32 `, `writable`. */
export function guardLine(scene: Scene, env: string): Line {
  const armed = scene.console.executor.armed(env);
  switch (armed.state) {
    case 'armed': {
      const seconds = Math.max(0, Math.ceil((armed.until - scene.now) / 1000));
      return [span(` ARMED ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} `, 'armed')];
    }
    case 'open':
      return [span('writable', 'warn')];
    case 'locked':
      return [span('read-only', 'ok')];
    case 'read-only':
      return [span('read-only always', 'ok')];
  }
}
