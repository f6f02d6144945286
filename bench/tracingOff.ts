/**
 * What it costs that a run could be watched: the same bundle twice, once with every call of an observer compiled out,
 * interleaved with nobody watching. Optimisers are moody, so this is done in several processes:
 *   node dist/bench/bench/tracingOff.js [PROCESSES]
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'vite';
import { presetLayers } from './layers.ts';
import { median, sorted } from './statistics.ts';

type Simulate = typeof import('./simulate.ts').simulate;

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** The statements that only matter with an observer, or with a banked DRAM, of which there is none here. */
const HOOK = /^\s*(if \(this\.(observer !== undefined|wantsMoves)[^;]*|this\.observer\?\.\w+\([^;]*);/gm;
const ROUNDS = 61;
const WARM_UP_ROUNDS = 10;
const RUNS = [
  ['resnet50', 'HI1'],
  ['resnet18', 'HT1'],
] as const;

/** Takes the hook calls out of the machine. */
function withoutHooks(): Plugin & { removed: number } {
  const plugin = {
    name: 'without-hooks',
    enforce: 'pre' as const,
    removed: 0,
    transform: (code: string, id: string): string | undefined => {
      if (!id.includes('/src/model/machine/')) return undefined;
      return code.replace(HOOK, () => {
        plugin.removed++;
        return ';';
      });
    },
  };
  return plugin;
}

async function bundle(name: string, plugins: Plugin[]): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins,
    build: {
      ssr: 'bench/simulate.ts',
      outDir: `dist/bench/${name}`,
      rollupOptions: { output: { entryFileNames: 'simulate.js' } },
    },
    ssr: { noExternal: true },
  });
}

async function load(name: string): Promise<Simulate> {
  const file = pathToFileURL(`${root}dist/bench/${name}/simulate.js`).href;
  return ((await import(file)) as { simulate: Simulate }).simulate;
}

/** Time with hooks over time without them, round by round; their median, per run. */
async function measure(isTurned: boolean): Promise<number[]> {
  const [first, second] = isTurned
    ? (['withoutHooks', 'withHooks'] as const)
    : (['withHooks', 'withoutHooks'] as const);
  const variants = { [first]: await load(first), [second]: await load(second) };
  return RUNS.map(([network, hardwareName]) => {
    const { hardware, layers } = presetLayers(network, hardwareName);
    const time = (name: string): number => {
      const start = performance.now();
      variants[name]!(layers, hardware);
      return performance.now() - start;
    };
    const cycles = [first, second].map((name) => variants[name]!(layers, hardware));
    if (cycles[0] !== cycles[1]) throw new Error('the two bundles differ');
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round++) {
      // Who goes first alternates.
      const isFirst = round % 2 === 0;
      const [a, b] = isFirst ? [time(first), time(second)] : [time(second), time(first)].reverse();
      if (round >= WARM_UP_ROUNDS) ratios.push(isTurned ? b! / a! : a! / b!);
    }
    return median(ratios);
  });
}

async function compare(processes: number): Promise<void> {
  const strip = withoutHooks();
  await bundle('withHooks', []);
  await bundle('withoutHooks', [strip]);
  console.log(`${strip.removed} hook calls compiled out, ${processes} processes of ${ROUNDS} rounds`);
  const medians = Array.from({ length: processes }, (_, place) => {
    const child = [fileURLToPath(import.meta.url), place % 2 === 0 ? 'as is' : 'turned'];
    return JSON.parse(spawnSync(process.execPath, child, { encoding: 'utf8' }).stdout) as number[];
  });
  const percent = (ratio: number): string => `${(100 * (ratio - 1)).toFixed(2)} %`;
  RUNS.forEach(([network, hardwareName], run) => {
    const ratios = sorted(medians.map((each) => each[run]!));
    const spread = `from ${percent(ratios[0]!)} to ${percent(ratios.at(-1)!)} by process`;
    console.log(`  ${network} on ${hardwareName}: the hooks cost ${percent(median(ratios))} (median), ${spread}`);
  });
}

const [argument = '15'] = process.argv.slice(2);
if (argument === 'as is' || argument === 'turned') console.log(JSON.stringify(await measure(argument === 'turned')));
else await compare(Number(argument));
