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

const kept = { maxAgeMs: 93_600_000, timeoutMs: 3_600_000, keep: 7, options: {} } as const;

/** One of everything that a fleet file can offer. */
export const catalogue: Catalogue = {
  drains: [{ name: 'batch', on: ['nfs'], stopAccepting: 'stop', resume: null, active: 'count', timeoutMs: 60_000 }],
  releases: [{ name: 'site', on: ['web'], root: '/srv/site', restart: null, warnMigrations: null }],
  maintenanceMode: new Map([['web', { on: 'touch m', off: 'rm m', check: null }]]),
  actions: [purge],
  services: [],
  pools: [
    {
      name: 'www',
      kind: 'haproxy',
      memberRoles: ['web'],
      floor: { count: 1, ratio: 50 },
      drain: { ports: [80], atMost: 0, timeoutMs: 60_000 },
      remindMs: 1_800_000,
      options: {},
    },
    { name: 'api', kind: 'health-file', memberRoles: ['web'], floor: { count: 1, ratio: 0 }, drain: null, remindMs: null, options: {} },
  ],
  backups: [
    { ...kept, name: 'tree', kind: 'rsync', on: ['nfs'], sameHost: false, key: 't' },
    { ...kept, name: 'db', kind: 'mariadb-dump', on: ['nfs', 'control'], sameHost: true, key: null },
    { ...kept, name: 'scheduled', kind: 'watch', on: ['nfs'], sameHost: true, key: null },
  ],
};
