/** Says on stderr which modules a process loads, a line each: `(loaded file:///…/dist/cli/main.js)`. For `node --import`. */
import { writeSync } from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const STDERR_DESCRIPTOR = 2;

if (isMainThread) register(import.meta.url);

/** Node calls it, in a thread of its own, for each module before it is there. */
export async function load(url, context, nextLoad) {
  writeSync(STDERR_DESCRIPTOR, `(loaded ${url})\n`);
  return nextLoad(url, context);
}
