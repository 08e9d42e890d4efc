import { bundlePrograms } from './bundle.ts';
import { benchLargeFleet } from './large-fleet.ts';
import { readOptions, usage } from './options.ts';
import { benchPolling } from './polling.ts';
import { benchScreens } from './screens.ts';
import { benchStart } from './start-up.ts';

try {
  const options = readOptions(process.argv.slice(2));
  const bundle = await bundlePrograms();
  try {
    if (options.only.includes('contact') || options.only.includes('round')) await benchPolling(options, bundle);
    if (options.only.includes('fleet')) await benchLargeFleet(options, bundle);
    if (options.only.includes('frames') || options.only.includes('keys')) await benchScreens(options, bundle);
    if (options.only.includes('start')) await benchStart();
  } finally {
    bundle.remove();
  }
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}\nusage: ${usage}`);
  process.exitCode = 2;
}
