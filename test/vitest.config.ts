import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    // Most of the time goes into processes that tests start, so a core is not left idle for the runner.
    maxWorkers: availableParallelism(),
  },
});
