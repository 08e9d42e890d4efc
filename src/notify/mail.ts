import { Socket } from 'node:net';
import { hostname } from 'node:os';
import { parseHostPort } from '../config/schema/values.ts';
import { sanitizeLine } from '../remote/sanitize.ts';
import type { Delivery, OutgoingText } from './delivery.ts';

/** Sends a text by SMTP. Every phase has a deadline, and so has the whole. */
export async function sendMail(
  smtp: string,
  to: readonly string[],
  message: OutgoingText,
  deadlineMs: number,
  end: AbortSignal = new AbortController().signal,
): Promise<Delivery> {
  const server = parseHostPort(smtp);
  if (server === null) return { kind: 'refused', problem: 'smtp is no host:port' };
  // Loaded late: most consoles never send a mail.
  const { createTransport } = await import('nodemailer');
  const port = server.port ?? 25;
  // Held here, so that a server that says nothing can be left at once: nodemailer leaves its own sockets to their deadlines.
  const socket = new Socket();
  const transport = createTransport({
    host: server.host,
    port,
    secure: port === 465,
    socket,
    // A mail server on this machine shows the certificate it was installed with; the words do not leave the machine.
    ignoreTLS: isLoopback(server.host),
    connectionTimeout: deadlineMs,
    greetingTimeout: deadlineMs,
    socketTimeout: deadlineMs,
    dnsTimeout: deadlineMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const [first = '', ...rest] = message.text.split('\n');
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  const { promise, resolve } = Promise.withResolvers<Delivery>();
  const leave = (): void => {
    socket.destroy();
    resolve(failed('it was not waited for'));
  };
  if (end.aborted) leave();
  end.addEventListener('abort', leave, { once: true });
  const timer = setTimeout(() => resolve(failed(`no answer within ${Math.round(deadlineMs / 1000)} s`)), deadlineMs);
  transport
    .sendMail({
      from: { name: 'quarterdeck', address: `quarterdeck@${hostname()}` },
      to: [...to],
      subject: sanitizeLine(`[${message.fleet}] ${first}${more}`, 200),
      text: `${message.text}\n`,
      messageId: `<${message.id}@${hostname()}>`,
      date: new Date(message.at),
      // RFC 3834: no holiday replies.
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
    .then(
      () => resolve({ kind: 'sent' }),
      (error: unknown) => resolve(deliveryOf(error)),
    );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    end.removeEventListener('abort', leave);
    transport.close();
    socket.destroy();
  }
}

function deliveryOf(error: unknown): Delivery {
  const code = field(error, 'responseCode');
  // RFC 5321, 4.2.1: 5yz is for good.
  if (typeof code === 'number' && code >= 500) return { kind: 'refused', problem: `the mail server refused it (${code})` };
  if (typeof code === 'number') return failed(`the mail server put it off (${code})`);
  const word = field(error, 'code');
  if (word === 'ETIMEDOUT') return failed('the mail server did not answer in time');
  const message = error instanceof Error ? error.message : '';
  if (/ECONNREFUSED/.test(message)) return failed('no mail server listens there');
  return failed(typeof word === 'string' ? `the mail server could not be used (${word})` : 'the mail server could not be used');
}

function field(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function failed(problem: string): Delivery {
  return { kind: 'failed', problem, retryAfterMs: null };
}
