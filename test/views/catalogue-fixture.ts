import type { CustomAction } from '../../src/fleet/definition.ts';
import type { Catalogue } from '../../views/action-menu.ts';

const purge: CustomAction = {
  name: 'purge-cache',
  on: ['web'],
  run: 'purge {{ site }} {{ pages }}',
  inputs: [
    { name: 'site', type: 'choice', choices: ['www', 'api'], pattern: null, optional: false, help: 'which site' },
    { name: 'pages', type: 'int', choices: [], pattern: null, optional: true, help: 'how many pages' },
  ],
  risk: 'change',
  undo: null,
  why: 'empties the cache',
  key: 'c',
};

/** One of everything that a fleet file can offer. */
export const catalogue: Catalogue = {
  drains: [{ name: 'batch', on: ['nfs'], stopAccepting: 'stop', resume: null, active: 'count', timeoutMs: 60_000 }],
  releases: [{ name: 'site', on: ['web'], root: '/srv/site', restart: null, warnMigrations: null }],
  maintenanceMode: new Map([['web', { on: 'touch m', off: 'rm m', check: null }]]),
  actions: [purge],
  services: [],
};
