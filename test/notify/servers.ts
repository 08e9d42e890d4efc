import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Posted {
  readonly path: string;
  readonly type: string | undefined;
  readonly body: string;
}

/** A real HTTP server on loopback; `answer` may leave a request hanging. */
export async function httpServer(answer: (request: number, response: ServerResponse) => void): Promise<{ url: string; posted: Posted[] }> {
  const posted: Posted[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      posted.push({ path: request.url ?? '', type: request.headers['content-type'], body });
      answer(posted.length, response);
    });
  });
  const port = await listening(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}`, posted };
}

export interface Mail {
  readonly to: string[];
  readonly data: string;
}

/** As much of an SMTP server (RFC 5321) as one mail needs; `reply` answers to RCPT, null says nothing at all from the greeting on. */
export async function smtpServer(reply: (mail: number) => string | null = () => '250 ok'): Promise<{ smtp: string; mails: Mail[] }> {
  const mails: Mail[] = [];
  const sockets = new Set<Socket>();
  let begun = 0;
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    begun += 1;
    const said = reply(begun);
    if (said === null) return;
    let text = '';
    let to: string[] = [];
    let inData = false;
    socket.write('220 loopback\r\n');
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (;;) {
        const end = text.indexOf(inData ? '\r\n.\r\n' : '\r\n');
        if (end === -1) return;
        const line = text.slice(0, end);
        text = text.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          mails.push({ to, data: line });
          to = [];
          socket.write('250 taken\r\n');
        } else if (/^RCPT/i.test(line)) {
          to.push(/<(.*?)>/.exec(line)?.[1] ?? '');
          socket.write(`${said}\r\n`);
        } else if (/^DATA/i.test(line)) {
          inData = true;
          socket.write('354 go on\r\n');
        } else if (/^QUIT/i.test(line)) {
          socket.end('221 bye\r\n');
        } else {
          socket.write('250 ok\r\n');
        }
      }
    });
  });
  const port = await listening(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { smtp: `127.0.0.1:${port}`, mails };
}

function listening(server: {
  listen(port: number, host: string, done: () => void): unknown;
  address(): AddressInfo | string | null;
}): Promise<number> {
  return new Promise((resolve, reject) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no port'));
      else resolve(address.port);
    });
  });
}
