import { enableCompileCache } from 'node:module';

enableCompileCache();
const { run } = await import('./commands/program.ts');
// Not process.exit: what is still to be written to a pipe must get there.
process.exitCode = await run(process.argv.slice(2));
