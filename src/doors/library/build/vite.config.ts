/**
 * Builds the library, its own libraries included, so that whoever installs it installs nothing else: dist/library/ for
 * Node and for bundlers, dist/types/ beside it, and with `--mode simulate` the one file that a browser's worker loads,
 * with two beside it that are fetched where memory is banked and where layers are cycle-stepped.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type UserConfig } from 'vite';
import { writeDeclarations } from './declarations.ts';
import { heapJs } from './heapJs.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const outDir = `${root}dist/library`;

/** Nothing happens when a module of ours or of our libraries is loaded: what nobody uses of it can go. */
const treeshake = { moduleSideEffects: false, propertyReadSideEffects: false as const };

const declarations: Plugin = {
  name: 'declarations',
  closeBundle: () => writeDeclarations(root, ['index', 'node', 'worker', 'onnx', 'scaleSim']),
};

const build = (licenses: string, entry: Record<string, string>) => ({
  target: 'es2023',
  outDir,
  lib: { entry, formats: ['es' as const] },
  license: { fileName: licenses },
});

const config = (own: Pick<UserConfig, 'plugins' | 'build' | 'resolve'>): UserConfig => ({
  root: fileURLToPath(new URL('..', import.meta.url)),
  logLevel: 'warn',
  ...own,
});

const library = config({
  plugins: [heapJs, declarations],
  build: {
    ...build('LICENSES.md', { index: 'index.ts', node: 'node.ts', onnx: 'onnx.ts', scaleSim: 'scaleSim.ts' }),
    emptyOutDir: true,
    minify: false,
    rollupOptions: {
      treeshake,
      external: /^node:/,
      preserveEntrySignatures: 'strict',
      output: { entryFileNames: '[name].js', chunkFileNames: 'parts/[name].js' },
    },
  },
});

const simulate = config({
  plugins: [heapJs],
  resolve: {
    alias: [
      // The one of its generators that a memory with latency draws from.
      { find: 'seedrandom', replacement: 'seedrandom/seedrandom.js' },
      { find: /\/bankedMemory\.ts$/, replacement: '/bankedOnDemand.ts' },
      { find: /\/bankedSpec\.ts$/, replacement: '/bankedSpecParsed.ts' },
    ],
  },
  build: {
    ...build('LICENSES.simulate.md', { simulate: 'worker.ts' }),
    emptyOutDir: false,
    rollupOptions: {
      treeshake,
      // The files of banked memory and of cycle-stepped units take the rest from the first.
      preserveEntrySignatures: 'allow-extension',
      output: { entryFileNames: '[name].js', chunkFileNames: 'simulate.[name].js', minify: true },
    },
  },
});

export default defineConfig(({ mode }) => (mode === 'simulate' ? simulate : library));
