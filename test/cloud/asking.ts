import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CloudAccess, CloudReadCall } from '../../src/cloud/calls.ts';
import type { Cloud } from '../../src/cloud/cloud.ts';
import { type CloudSettings, createCloud } from '../../src/cloud/create-cloud.ts';
import { project } from './gce-answers.ts';

/** A way to the clouds that ends with the test. */
export function testCloud(settings: CloudSettings = {}): Cloud {
  const made = createCloud(settings);
  onTestFinished(() => made.close());
  return made;
}

export function gceAccess(endpoint: string | null, more: Partial<CloudAccess> = {}): CloudAccess {
  return { provider: 'gce', scope: { kind: 'literal', value: project }, endpoint, ca: null, token: null, ...more };
}

export const allHosts: Extract<CloudReadCall, { readonly call: 'hosts' }> = { call: 'hosts', zones: [], filter: null, resourceGroup: null };

/** A folder that goes with the test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'qd-cloud-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A fresh certificate of its own authority for 127.0.0.1. */
export function certificate(folder: string, name: string): { readonly key: string; readonly cert: string; readonly file: string } {
  const file = join(folder, `${name}.pem`);
  const key = join(folder, `${name}.key`);
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', file, ...subject], { stdio: 'pipe' });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(file, 'utf8'), file };
}
