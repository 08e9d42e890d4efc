import { createHash } from 'node:crypto';
import { createServer as createHttpServer, request, type Server as HttpServer } from 'node:http';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSshd, sshdMissing, startSshd } from '../sshd/sshd.ts';
import { settingsFor } from './fleet.ts';
import { closeConnectors, reach } from './reaching.ts';

function portOf(server: Server | HttpServer): number {
  const bound = server.address();
  return bound !== null && typeof bound === 'object' ? bound.port : 0;
}

describe.skipIf(sshdMissing()).each(['ssh2', 'openssh', 'local'] as const)('a forwarded stream by %s', (transport) => {
  let sshd: RunningSshd;
  let echo: Server;
  let web: HttpServer;

  beforeAll(async () => {
    sshd = await startSshd();
    echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    web = createHttpServer((incoming, response) => response.end(`${incoming.headers.host} ${incoming.url}`)).listen(0, '127.0.0.1');
    await once(web, 'listening');
  });

  afterEach(closeConnectors);

  afterAll(async () => {
    echo.close();
    web.close();
    await sshd.stop();
  });

  const connect = (): ReturnType<typeof reach> =>
    reach({
      ssh: settingsFor(sshd, { transport: transport === 'local' ? 'ssh2' : transport }),
      address: sshd.address,
      host: { provider: transport === 'local' ? 'local' : 'static' },
    });

  it('brings 8 MB back unchanged, with both sides at their own pace', async () => {
    const connection = await connect();
    const stream = await connection.forward({ host: '127.0.0.1', port: portOf(echo) }, 5_000);
    const block = Buffer.from(Array.from({ length: 65_536 }, (_, n) => (n * 31) % 251));
    const sent = createHash('sha256');
    const back = createHash('sha256');
    let received = 0;
    const all = new Promise<void>((resolve) => {
      stream.on('data', (chunk: Buffer) => {
        back.update(chunk);
        received += chunk.length;
        if (received === 128 * block.length) resolve();
      });
    });
    for (let n = 0; n < 128; n += 1) {
      sent.update(block);
      if (!stream.write(block)) await new Promise((resolve) => stream.once('drain', resolve));
    }
    await all;
    stream.destroy();
    expect(back.digest('hex')).toBe(sent.digest('hex'));
  });

  it('carries HTTP, several requests on one connection', async () => {
    const connection = await connect();
    for (const path of ['/one', '/two']) {
      const stream = await connection.forward({ host: '127.0.0.1', port: portOf(web) }, 5_000);
      const body = await new Promise<string>((resolve, reject) => {
        const sent = request({ createConnection: () => stream, path, headers: { host: 'pencil.io' }, timeout: 5_000 }, (response) =>
          resolve(text(response)),
        );
        sent.on('error', reject).end();
      });
      expect(body).toBe(`pencil.io ${path}`);
    }
  });
});
