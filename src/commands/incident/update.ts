import { createNotifier } from '../../notify/notifier.ts';
import type { GlobalOptions } from '../global-options.ts';
import { openStateDir } from '../open-state-dir.ts';
import { exitCode, UsageError } from '../usage-error.ts';
import { eventTime } from './event-time.ts';
import { incidentLine, withDesk } from './open-desk.ts';
import type { Telling } from './write-events.ts';

/** How long the command waits for an update to leave, ms; what has not left by then is sent by the next console. */
const sendMs = 15_000;

/** Records an update, and sends it when asked: the record comes first, so that a dead mail server loses nothing. */
export function incidentUpdate(
  options: GlobalOptions,
  text: string,
  how: Telling & { readonly to: readonly string[]; readonly send: boolean },
): Promise<number> {
  return withDesk(options, async ({ fleet, desk, mask }) => {
    const { notify } = fleet;
    if (how.send && notify.webhook === null && notify.mail === null)
      throw new UsageError(`${fleet.file} has no notify: webhook or mail to send to`);
    const incident = desk.update(how.id, how.to, text, eventTime(how.at, '--at', Date.now()));
    process.stdout.write(how.json ? `${JSON.stringify(incident)}\n` : `${incidentLine(incident)}\n`);
    if (!how.send) return exitCode.ok;
    const notifier = createNotifier(fleet, openStateDir(options), { now: Date.now, redact: mask });
    const message = `${incident.id} ${incident.title}: ${text}`;
    if (how.to.length === 0) notifier.tell(message, null);
    for (const to of how.to) notifier.tell(message, to);
    await notifier.drain(sendMs);
    const status = notifier.status();
    await notifier.stop();
    if (status.waiting === 0 && status.dead.length === 0) return exitCode.ok;
    const why = status.channels.flatMap((channel) => (channel.problem === null ? [] : [`${channel.name}: ${channel.problem}`]));
    process.stderr.write(`the update is recorded but not sent yet (${why.join('; ') || 'in time'}); a console sends it later\n`);
    return exitCode.unknown;
  });
}
