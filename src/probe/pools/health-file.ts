import type { PoolSpec } from '../../fleet/definition.ts';
import type { Host } from '../../fleet/host.ts';
import { type PoolMember, type TakenOutBy, unknownMember } from '../../fleet/pool.ts';
import { parseNote } from '../../remote/host-note.ts';
import { sanitizeLine, visibleName } from '../../remote/sanitize.ts';
import { hostFile } from './host-file.ts';
import { countConnections, readCount } from './member-sockets.ts';
import type { PoolReader, ReadContext } from './reader.ts';
import { membersOf, readFailure, takenOut, unread } from './seen.ts';

const deadlineMs = 10_000;

/** Reads on every member whether the file is there that its health check looks at, and who wrote it. */
export const healthFile: PoolReader = async (spec, context) => {
  const script = readScript(spec.options['file'], spec.drain?.ports ?? []);
  if (script === null) return unread(spec, context, `pools.${spec.name} names no file that could be one`);
  const read = await Promise.all(membersOf(spec, context).map((host) => readOne(spec, context, host, script)));
  const errors = read.flatMap(({ error }) => (error === null ? [] : [error]));
  const members = read.map(({ member }) => member);
  if (errors.length > 0 && errors.length === members.length) return { members, warnings: [], error: errors.slice(0, 3).join('; ') };
  return { members, warnings: errors, error: null };
};

function readScript(file: unknown, ports: readonly number[]): string | null {
  const word = hostFile(file);
  if (word === null) return null;
  const sockets = ports.length === 0 ? '' : `\nprintf '#quarterdeck connections\\n'\n${countConnections(ports)}`;
  return `# quarterdeck pool health-file: read ${sanitizeLine(String(file), 200)}
F=${word}
D=$(dirname -- "$F")
if [ -h "$F" ] || [ -e "$F" ]; then
printf '#quarterdeck file %s\\n' "$(date -r "$F" +%s 2>/dev/null || stat -c %Y "$F" 2>/dev/null)"
[ -f "$F" ] && head -c 2000 "$F" 2>/dev/null | head -n 1 && echo
elif [ -d "$D" ] && ! [ -x "$D" ]; then printf 'the folder %s cannot be looked into\\n' "$D" >&2; exit 1
else printf '#quarterdeck no-file\\n'; fi${sockets}
printf '#quarterdeck end\\n'`;
}

interface ReadMember {
  readonly member: PoolMember;
  readonly error: string | null;
}

async function readOne(spec: PoolSpec, context: ReadContext, host: Host, script: string): Promise<ReadMember> {
  const result = await context.run(host.id, script, deadlineMs);
  const failure = readFailure(result, visibleName(host.name));
  if (failure !== null || result === null) return { member: unknownMember(host.id), error: failure };
  const answer = /^#quarterdeck (?:(no-file)|file (\d*))\n([\s\S]*?)^(?:#quarterdeck connections\n\s*(\d*)\s*\n)?#quarterdeck end$/m.exec(
    result.stdout,
  );
  if (answer === null) return { member: unknownMember(host.id), error: `${visibleName(host.name)}: its answer has no end` };
  const [, absent, changed, content = '', count] = answer;
  const connections = count === undefined ? null : readCount(count);
  const [first = ''] = content.trim().split('\n');
  return {
    error: null,
    member: {
      ...unknownMember(host.id),
      server: sanitizeLine(String(spec.options['file'])),
      state: absent === undefined ? takenOut(spec, connections) : 'in',
      connections,
      text: absent === undefined ? (first === '' ? 'the file is there' : sanitizeLine(first, 120)) : 'no file',
      takenOutBy: absent === undefined ? signed(first, changed ?? '') : null,
    },
  };
}

/** The file's own line says who; its time is the file's where the line gives none that can be one. */
function signed(line: string, changedS: string): TakenOutBy | null {
  const note = parseNote(line);
  if (note === null) return null;
  return note.at > 0 || changedS === '' ? note : { ...note, at: Number(changedS) * 1000 };
}
