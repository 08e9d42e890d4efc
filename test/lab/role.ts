/** What a host of the lab is; `image/etc/systemd/system/role-*.target` says what each runs. `docker` needs the larger root, `nfs` a kernel of its own. */
export type Role = 'web' | 'lb' | 'files' | 'cache' | 'app' | 'docker' | 'nfs';

export const roles: readonly Role[] = ['web', 'lb', 'files', 'cache', 'app', 'docker', 'nfs'];

/** `ops` may do anything through sudo; the owner of the site on an `app` host is nobody's administrator, as at a university. */
export function loginOf(role: Role): 'ops' | 'hkn' {
  return role === 'app' ? 'hkn' : 'ops';
}
