import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const HANGS_AFTER_MILLISECONDS = 1_800_000;

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // Only what hangs is to be stopped: how long a test takes depends on the machine and on what else it does.
    testTimeout: HANGS_AFTER_MILLISECONDS,
    hookTimeout: HANGS_AFTER_MILLISECONDS,
    expect: { poll: { timeout: HANGS_AFTER_MILLISECONDS } },
    // Files share their worker's modules: loading the same ones anew for each took a seventh of the time. What a test
    // replaces it puts back.
    isolate: false,
    // Most of the time goes into processes that tests start, so a core is not left idle for the runner.
    maxWorkers: availableParallelism(),
    // Of tests that say they may run at the same time.
    maxConcurrency: availableParallelism(),
  },
});
