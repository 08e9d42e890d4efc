import { fileURLToPath } from 'node:url';
import type { ChildSpec } from '../remote/child-program.ts';
import type { CloudAccess } from './calls.ts';

/** The SDKs peak at 120 to 330 MB; a listing of tens of thousands of hosts stays well below this. */
const maxHeapMb = 768;

/** The child's program: beside the bundle when this is the bundle, else the source. */
const programUrl = new URL(import.meta.url.endsWith('.ts') ? './child-main.ts' : './cloud-child.js', import.meta.url);

/**
 * How the child for an access is started. Its environment is ours (the ambient credentials of the SDKs live there) but for the variable
 * that holds the bearer token, which goes to the child's standard input alone.
 * @param program another program that speaks the same lines, for tests of what misbehaves
 */
export function childSpec(access: CloudAccess, env: NodeJS.ProcessEnv, program: string = fileURLToPath(programUrl)): ChildSpec {
  const own: NodeJS.ProcessEnv = { ...env };
  if (access.token?.kind === 'env') delete own[access.token.name];
  // Node reads it at start: both SDKs then trust the authority without knowing of it.
  if (access.ca !== null) own['NODE_EXTRA_CA_CERTS'] = access.ca;
  if (access.endpoint !== null && isLoopback(access.endpoint)) {
    const direct = [env['NO_PROXY'] ?? env['no_proxy'], '127.0.0.1', 'localhost', '::1'].filter((one) => one !== undefined && one !== '');
    own['NO_PROXY'] = direct.join(',');
    own['no_proxy'] = direct.join(',');
  }
  return { file: process.execPath, args: [`--max-old-space-size=${maxHeapMb}`, program, access.provider], env: own };
}

/** Whether an address of an API is this machine itself. */
export function isLoopback(endpoint: string): boolean {
  const { hostname } = new URL(endpoint);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
