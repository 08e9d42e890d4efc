import { enableCompileCache } from 'node:module';

enableCompileCache();
// A reader that has gone (`status | head`, a closed terminal) must not end a change in its middle, nor show a stack trace.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
const { run } = await import('./commands/program.ts');
// Not process.exit: what is still to be written to a pipe must get there.
process.exitCode = await run(process.argv.slice(2));
