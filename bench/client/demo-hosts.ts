import { type Demo, startDemo } from '../../src/demo/start-demo.ts';

// The embedded fleet's SSH servers in a process of their own, so that only the client is measured.

/** What a client needs to reach them. */
export type DemoHosts = Pick<Demo, 'endpoints' | 'identityPem' | 'knownHostLines'>;

process.on('message', (hosts: number) => {
  void startDemo({ hosts }).then(({ endpoints, identityPem, knownHostLines }) => {
    process.send?.({ endpoints, identityPem, knownHostLines } satisfies DemoHosts);
  });
});
process.on('disconnect', () => process.exit(0));
