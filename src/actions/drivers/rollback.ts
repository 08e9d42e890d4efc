import { sshOf, type ReleaseSpec } from '../../fleet/definition.ts';
import type { HostView } from '../../fleet/view.ts';
import { shq } from '../../remote/quote.ts';
import { sanitizeLine } from '../../remote/sanitize.ts';
import { refusal, type Driver, type DriverContext, type RequestOf } from '../driver.ts';
import { plannedCommand } from '../sudo-command.ts';

const deadlineMs = 60_000;
const readDeadlineMs = 10_000;

/** A Capistrano tree as it stands: release names, oldest first, and the one `current` points at. */
interface Releases {
  readonly names: readonly string[];
  readonly current: string | null;
  /** Files under the migrations folder that the current release has and the wanted one lacks. */
  readonly newerMigrations: (wanted: string) => Promise<readonly string[] | null>;
}

/**
 * Moves `current` to an earlier release by an atomic rename of the link. Never `fab rollback`, which unpacks master over the old release
 * (systems.md, 0.6), and never a database: migrations are warned of, not undone.
 */
export const rollback: Driver<RequestOf<'rollback'>> = {
  action: 'rollback',
  draft: async (context, view, request) => {
    const spec = context.fleet.releases.find((release) => release.name === request.release);
    if (spec === undefined) return refusal('unknown-target', `the fleet file has no releases ${JSON.stringify(request.release)}`);
    if (view.host.role === null || !spec.on.includes(view.host.role))
      return refusal('unknown-target', `releases.${spec.name} is for ${spec.on.join(', ')}, not for ${view.host.name}`);
    const releases = await releasesOf(context, view, spec);
    if (releases === null) return refusal('unreachable', `the releases under ${spec.root} on ${view.host.name} could not be read`);
    const { current } = releases;
    if (current === null) return refusal('unknown-target', `${spec.root}/current on ${view.host.name} is not a link to a release`);
    const at = releases.names.indexOf(current);
    const to = request.to ?? releases.names[at - 1] ?? null;
    if (to === null) return refusal('unknown-target', `${current} is the oldest release on ${view.host.name}: there is none to go back to`);
    if (!releases.names.includes(to))
      return refusal('unknown-target', `no release ${JSON.stringify(to)} on ${view.host.name}: there are ${releases.names.join(', ')}`);
    if (to === current) return refusal('unknown-target', `${view.host.name} already runs ${to}`);
    const migrations = spec.warnMigrations === null ? [] : await releases.newerMigrations(to);
    const root = rootWord(spec);
    const link = `cd ${root} && ln -sfn ${shq(`releases/${to}`)} ${shq(`current.${to}.new`)} && mv -T ${shq(`current.${to}.new`)} current`;
    return {
      ok: true,
      draft: {
        title: `Roll ${spec.name} on ${view.host.name} back to ${to}`,
        subject: `${view.host.name}/${spec.name}`,
        risk: 'change',
        commands: [plannedCommand(view, 'change', link, treeOwner(context, view, spec), deadlineMs)],
        proofs: [{ kind: 'command', text: `current points at releases/${to}` }],
        now: [
          {
            text: `${view.host.name}: current is ${current}; releases ${releases.names.slice(-5).join(', ')}`,
            health: view.verdict.health,
          },
        ],
        expected: `current is releases/${to}${spec.restart === null ? '' : `; then restart ${spec.restart} for it to take effect`}`,
        warnings: [
          ...migrationWarnings(current, to, migrations),
          ...(spec.restart === null ? [] : [`${spec.restart} goes on with the old code until it is restarted`]),
          'the next deployment brings the newer code back unless it is reverted there too',
        ],
        undo: `undone by linking current to ${current} again; database changes are not touched either way`,
        undoRequest: { action: 'rollback', hostId: request.hostId, release: request.release, to: current },
        before: { current },
      },
    };
  },
  longestMs: () => deadlineMs + readDeadlineMs,
  prove: async (context, plan, request) => {
    const view = context.world.view(request.hostId);
    const spec = context.fleet.releases.find((release) => release.name === request.release);
    const releases = view === null || spec === undefined ? null : await releasesOf(context, view, spec);
    if (releases === null) return { kind: 'unknown', summary: 'where current points could not be read', evidence: [] };
    const wanted = /back to (\S+)$/.exec(plan.title)?.[1];
    return releases.current === wanted
      ? { kind: 'ok', summary: `current is releases/${wanted ?? '?'}`, evidence: [] }
      : {
          kind: 'failed',
          summary: `current is ${releases.current ?? 'not a link'}, not ${wanted ?? '?'}`,
          evidence: [],
          changed: releases.current !== plan.before['current'],
        };
  },
};

function migrationWarnings(current: string, to: string, migrations: readonly string[] | null): string[] {
  if (migrations === null) return ['whether the newer release brought migrations could not be read'];
  if (migrations.length === 0) return [];
  return [
    `${current} has ${migrations.length} migrations that ${to} lacks (${migrations.slice(0, 3).join(', ')}${migrations.length > 3 ? ', …' : ''}): the database is not rolled back`,
  ];
}

/** `~` must stay outside the quotes for the host's shell to expand it. */
function rootWord(spec: ReleaseSpec): string {
  return spec.root.startsWith('~/') ? `~/${shq(spec.root.slice(2))}` : shq(spec.root);
}

/** A tree under the login's own home is changed as the login itself. */
function treeOwner(context: DriverContext, view: HostView, spec: ReleaseSpec): ReturnType<typeof sshOf>['sudo'] {
  return spec.root.startsWith('~') ? { kind: 'no' } : sshOf(context.fleet, view.host.role).sudo;
}

async function releasesOf(context: DriverContext, view: HostView, spec: ReleaseSpec): Promise<Releases | null> {
  const root = rootWord(spec);
  const listed = await context.read(view.host.id, `cd ${root} && ls -1 releases && echo '#current' && readlink current`, readDeadlineMs);
  if (listed === null || listed.end !== 'exit') return null;
  const [names = '', link = ''] = listed.stdout.split('#current\n');
  if (listed.exit !== 0 && names === '') return null;
  // A name with anything else in it would have to be quoted for more than one shell; Capistrano makes none.
  const releases = names
    .split('\n')
    .map((name) => name.trim())
    .filter((name) => /^[A-Za-z0-9][\w.-]*$/.test(name))
    .toSorted();
  const target = sanitizeLine(link.trim(), 200).replace(/\/+$/, '').split('/').at(-1) ?? '';
  const current = releases.includes(target) ? target : null;
  return {
    names: releases,
    current,
    newerMigrations: async (wanted) => {
      if (current === null || spec.warnMigrations === null) return null;
      const folder = (name: string): string => `releases/${name}/${shq(spec.warnMigrations ?? '')}`;
      const compared = await context.read(
        view.host.id,
        `cd ${root} && ls -1 ${folder(current)} && echo '#wanted' && ls -1 ${folder(wanted)}`,
        readDeadlineMs,
      );
      if (compared === null || compared.end !== 'exit' || compared.exit !== 0) return null;
      const [newer = '', older = ''] = compared.stdout.split('#wanted\n');
      const had = new Set(older.split('\n'));
      return newer
        .split('\n')
        .filter((file) => /^\d.*\.\w+$/.test(file) && !had.has(file))
        .map((file) => sanitizeLine(file, 80));
    },
  };
}
