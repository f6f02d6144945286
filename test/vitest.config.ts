import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    // Files share their worker's modules: loading the same ones anew for each took a seventh of the time. What a test
    // replaces it puts back.
    isolate: false,
    // Most of the time goes into processes that tests start, so a core is not left idle for the runner.
    maxWorkers: availableParallelism(),
  },
});
