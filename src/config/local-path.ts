import { isAbsolute, join, resolve } from 'node:path';

/** Makes paths of this machine absolute: `~` is `home`, anything relative starts at `folder`. */
export function localPaths(folder: string, home: string): (path: string) => string {
  return (path) => {
    if (path === '~') return home;
    if (path.startsWith('~/')) return join(home, path.slice(2));
    return isAbsolute(path) ? path : resolve(folder, path);
  };
}
