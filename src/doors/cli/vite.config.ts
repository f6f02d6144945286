/**
 * Builds the command line: each entry one file with what all need in chunks beside it, libraries included. Node starts
 * that in a third of the time that hundreds of modules take. Everything lies in dist/cli/, from where presets and the
 * trace page are found.
 */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { heapJs } from '../library/build/heapJs.ts';

/** `npx systole` starts the file itself. */
const executable: Plugin = {
  name: 'executable',
  writeBundle: ({ dir }) => chmodSync(join(dir!, 'main.js'), 0o755),
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  logLevel: 'warn',
  // A queue's libraries come with whoever wants one; BullMQ starts threads from files of its own.
  ssr: { noExternal: true, external: ['bullmq', 'ioredis'] },
  plugins: [heapJs, executable],
  // All memories come from files, and most runs have none.
  resolve: { alias: [{ find: /\/bankedSpec\.ts$/, replacement: '/bankedSpecParsed.ts' }] },
  build: {
    ssr: true,
    target: 'node20',
    license: { fileName: 'LICENSES.md' },
    outDir: fileURLToPath(new URL('../../../dist/cli', import.meta.url)),
    emptyOutDir: true,
    rollupOptions: {
      // Nothing happens when a module of ours is loaded: what nobody uses of it need not be there.
      treeshake: { moduleSideEffects: (id) => id.includes('/node_modules/') },
      input: {
        main: 'main.ts',
        commandLine: 'commandLine.ts',
        worker: 'sweep/worker.ts',
        processor: 'sweep/queue/processor.ts',
        huntWorker: 'hunt/huntWorker.ts',
        writeSchemas: 'writeSchemas.ts',
        writePresets: '../presets/writePresets.ts',
      },
      // Comments are a fifth of what a run would have to read.
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js', comments: false },
    },
  },
});
