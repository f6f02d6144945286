/** Builds the fuzzer, which calls the built command line: `npm run build` first. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  logLevel: 'warn',
  ssr: { noExternal: true },
  build: {
    ssr: true,
    target: 'node20',
    outDir: fileURLToPath(new URL('../../dist/fuzz', import.meta.url)),
    emptyOutDir: true,
    rollupOptions: {
      input: { main: 'main.ts', worker: 'worker.ts' },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
});
