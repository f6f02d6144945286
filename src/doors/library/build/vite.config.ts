/**
 * Builds the library, its own libraries included, so that whoever installs it installs nothing else: dist/library/ for
 * Node and for bundlers, dist/types/ beside it, and with `--mode simulate` the one file that a browser's worker loads.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type UserConfig } from 'vite';
import { writeDeclarations } from './declarations.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const outDir = `${root}dist/library`;

/** Nothing happens when a module of ours or of our libraries is loaded: what nobody uses of it can go. */
const treeshake = { moduleSideEffects: false };

/** TypeScript marks classes that it compiles to ES5 in words of its own; a bundler then keeps those that nobody uses. */
const oldClasses: Plugin = {
  name: 'old-classes',
  transform: (code, id) => (id.includes('/heap-js/') ? code.replaceAll('/** @class */', '/* @__PURE__ */') : undefined),
};

const declarations: Plugin = {
  name: 'declarations',
  closeBundle: () => writeDeclarations(root, ['index', 'node', 'worker', 'onnx', 'scaleSim']),
};

const build = (licenses: string) => ({
  target: 'es2023',
  outDir,
  modulePreload: false as const,
  license: { fileName: licenses },
});

const config = (own: Pick<UserConfig, 'plugins' | 'build' | 'resolve'>): UserConfig => ({
  root: fileURLToPath(new URL('..', import.meta.url)),
  logLevel: 'warn',
  ...own,
});

const library = config({
  plugins: [oldClasses, declarations],
  build: {
    ...build('LICENSES.md'),
    emptyOutDir: true,
    minify: false,
    rollupOptions: {
      treeshake,
      external: /^node:/,
      preserveEntrySignatures: 'strict',
      input: { index: 'index.ts', node: 'node.ts', onnx: 'onnx.ts', scaleSim: 'scaleSim.ts' },
      output: { entryFileNames: '[name].js', chunkFileNames: 'parts/[name].js' },
    },
  },
});

const simulate = config({
  plugins: [oldClasses],
  // The one of its generators that a memory with latency draws from.
  resolve: { alias: { seedrandom: 'seedrandom/seedrandom.js' } },
  build: {
    ...build('LICENSES.simulate.md'),
    emptyOutDir: false,
    rollupOptions: {
      treeshake,
      preserveEntrySignatures: 'strict',
      input: { simulate: 'worker.ts' },
      output: { entryFileNames: '[name].js' },
    },
  },
});

export default defineConfig(({ mode }) => (mode === 'simulate' ? simulate : library));
