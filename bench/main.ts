import { bundlePrograms } from './bundle.ts';
import { readOptions, usage } from './options.ts';
import { benchPolling } from './polling.ts';

try {
  const options = readOptions(process.argv.slice(2));
  const bundle = await bundlePrograms();
  try {
    if (options.only.includes('contact') || options.only.includes('round')) await benchPolling(options, bundle);
  } finally {
    bundle.remove();
  }
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}\nusage: ${usage}`);
  process.exitCode = 2;
}
