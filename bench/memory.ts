/**
 * Peak memory against the number of tiles: ever more tiles, each run in a process of its own.
 *   node dist/bench/bench/memory.js
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Machine } from '../src/machine/machine.ts';
import { HARDWARE } from '../src/schedule/assumptions.ts';
import { presetLayers } from './layers.ts';

const RUNS = [
  ['HI1', 1],
  ['HI1', 8],
  ['HI1', 64],
  ['HT1', 32],
] as const;

const [hardwareName, batch] = process.argv.slice(2);
if (hardwareName === undefined) {
  for (const [name, images] of RUNS) {
    const { stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name, `${images}`], {
      encoding: 'utf8',
    });
    process.stdout.write(stdout);
  }
} else {
  const { hardware, layers } = presetLayers('resnet50', hardwareName, Number(batch));
  const machine = new Machine(hardware, { fastForward: false });
  const tiles = layers.reduce((sum, layer) => sum + machine.run(layer, HARDWARE).tiles, 0);
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`ResNet-50 on ${hardwareName}, batch ${batch}: ${tiles} tile steps, peak memory ${megabytes} MB`);
}
