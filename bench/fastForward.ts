/**
 * Fast-forward beside stepping, interleaved in one run; a whole `systole run` as a process; and what more tiles cost:
 *   node dist/bench/bench/fastForward.js [ROUNDS]
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Fusion } from '../src/model/fusion/groups.ts';
import type { Layer } from '../src/model/layers/layer.ts';
import { Machine } from '../src/model/machine/machine.ts';
import { runNetwork } from '../src/model/network/network.ts';
import { HARDWARE } from '../src/model/schedule/assumptions.ts';
import type { Hardware } from '../src/model/schemas/hardware.ts';
import { presetLayers } from './layers.ts';
import { median, sorted, timed } from './statistics.ts';

const rounds = Number(process.argv[2] ?? 21);
const WARM_UP_ROUNDS = 5;
const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Sums {
  cycles: number;
  tiles: number;
  steppedTiles: number;
}

/** Runs all layers on a machine that has run nothing before. */
function simulate(layers: readonly Layer[], hardware: Hardware, fastForward: boolean): Sums {
  const machine = new Machine(hardware, { fastForward });
  const sums = { cycles: 0, tiles: 0, steppedTiles: 0 };
  for (const layer of layers) {
    const { totalCycles, tiles, steppedTiles } = machine.run(layer, HARDWARE);
    sums.cycles += totalCycles;
    sums.tiles += tiles;
    sums.steppedTiles += steppedTiles;
  }
  return sums;
}

function besideStepping(network: string, hardwareName: string): void {
  const { hardware, layers } = presetLayers(network, hardwareName);
  const stepped: number[] = [];
  const jumped: number[] = [];
  for (let round = 0; round < rounds + WARM_UP_ROUNDS; round++) {
    const slow = timed(() => simulate(layers, hardware, false));
    const fast = timed(() => simulate(layers, hardware, true));
    if (round < WARM_UP_ROUNDS) continue;
    stepped.push(slow);
    jumped.push(fast);
  }
  const [slow, fast] = [simulate(layers, hardware, false), simulate(layers, hardware, true)];
  if (slow.cycles !== fast.cycles) throw new Error('fast-forward and stepping differ');
  const ratios = stepped.map((time, round) => time / jumped[round]!);
  console.log(
    `${network} on ${hardwareName}, ${layers.length} layers, ${fast.tiles} tiles of which ${fast.steppedTiles} are stepped\n` +
      `  stepping median ${median(stepped).toFixed(2)} ms, fast-forward median ${median(jumped).toFixed(2)} ms, minimum ${sorted(jumped)[0]!.toFixed(2)} ms; ` +
      `ratio, pair by pair, median ${median(ratios).toFixed(1)} × (from ${sorted(ratios)[0]!.toFixed(1)} to ${sorted(ratios).at(-1)!.toFixed(1)})`,
  );
}

/** Tiling, both models and fast-forward of one image, or one iteration, in a process that has done it before. */
function inProcess(network: string, hardwareName: string, often: number, fusion: Fusion = 'none'): void {
  const times = Array.from({ length: often }, () =>
    timed(() => {
      const { hardware, layers } = presetLayers(network, hardwareName);
      const run = runNetwork(layers, hardware, HARDWARE, 'published', { fusion });
      while (run.next().done !== true);
    }),
  );
  console.log(
    `${network} on ${hardwareName}, fused: ${fusion}, in process, files read, tiled, simulated and checked: first ${times[0]!.toFixed(1)} ms, median ${median(times).toFixed(2)} ms`,
  );
}

/** The command line, start-up and all. */
function wholeProcess(network: string, hardwareName: string, fusion: Fusion = 'none'): void {
  const atExit = 'process.on("exit", () => process.stderr.write(String(process.resourceUsage().maxRSS)))';
  const args = ['dist/cli/main.js', 'run', '--hardware', hardwareName, '--workload', network, '--format', 'json'];
  if (fusion !== 'none') args.push('--fuse', fusion);
  const seconds: number[] = [];
  const megabytes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const { stderr } = spawnSync(process.execPath, ['--import', `data:text/javascript,${atExit}`, ...args], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    seconds.push((performance.now() - start) / 1000);
    megabytes.push(Number(stderr) / 1024);
  }
  console.log(
    `systole ${args.slice(1).join(' ')}: median ${median(seconds).toFixed(2)} s, minimum ${sorted(seconds)[0]!.toFixed(2)} s, peak memory ${Math.round(median(megabytes))} MB`,
  );
}

/** A network with ever larger batches. */
function moreTiles(network: string, hardwareName: string): void {
  for (const batch of [1, 10, 100, 1000, 10_000]) {
    const { hardware, layers } = presetLayers(network, hardwareName, batch);
    const run = (): number => timed(() => simulate(layers, hardware, true));
    // Sums beyond 2³¹ are new to the optimiser.
    for (let round = 0; round < WARM_UP_ROUNDS * 10; round++) run();
    const times = Array.from({ length: rounds }, run);
    const { tiles, steppedTiles } = simulate(layers, hardware, true);
    console.log(`  batch ${batch}: ${tiles} tiles, ${steppedTiles} stepped, median ${median(times).toFixed(2)} ms`);
  }
}

besideStepping('resnet50', 'HT1');
besideStepping('resnet18', 'HT1');
inProcess('resnet50', 'HI3', 20 * rounds);
wholeProcess('resnet50', 'HI3');
inProcess('resnet50', 'HI3', 20 * rounds, 'chains');
wholeProcess('resnet50', 'HI3', 'chains');
inProcess('resnet50', 'HT1', rounds, 'chains');
console.log('ResNet-50 on HI1 by batch:');
moreTiles('resnet50', 'HI1');
