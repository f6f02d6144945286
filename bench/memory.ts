/**
 * Peak memory against the number of tiles: ever more tiles, each run stepped in a process of its own.
 *   node dist/bench/bench/memory.js
 */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ConvSizes, type SaLayer, UNIT_SLIDING, WEIGHT_STATIONARY } from '../src/model/layers/layer.ts';
import { Machine } from '../src/model/machine/machine.ts';
import { HARDWARE } from '../src/model/schedule/assumptions.ts';
import { parseLatency } from '../src/model/schemas/latency.ts';
import { presetHardware, presetLayers } from './layers.ts';

const RUNS = [
  ['HI1', 1],
  ['HI1', 8],
  ['HI1', 64],
  ['HT1', 32],
  ['jitter', 1_000_000],
  ['jitter', 10_000_000],
] as const;

/** One conv layer of so many tiles, transfers of random length: nothing recurs, nothing is jumped over. */
function jitteringTiles(tiles: number): { words: string; tiles: number } {
  const hardware = presetHardware('HI1');
  const file = new URL('../../../hw/dram/latency.json', import.meta.url);
  const preset = parseLatency(JSON.parse(readFileSync(file, 'utf8')), 'latency');
  const interfaces = Object.fromEntries(
    Object.entries(preset.interfaces).map(([name, each]) => [name, { ...each, jitterCycles: 100 }]),
  ) as unknown as typeof preset.interfaces;
  const { rows, columns } = hardware.array;
  const tile: ConvSizes = { oc: columns, ic: rows, kh: 3, kw: 3, n: 1, oh: 14, ow: 14 };
  const layer: SaLayer = {
    unit: 'SA',
    name: 'jitter',
    op: 'conv',
    sizes: { ...tile, ic: 2 * rows, n: tiles / 2 },
    tile,
    groups: 1,
    ...UNIT_SLIDING,
    loopOrder: WEIGHT_STATIONARY,
    bits: hardware.bits,
  };
  const machine = new Machine(hardware, { dram: { kind: 'latency', spec: { ...preset, interfaces }, seed: '1' } });
  const { steppedTiles } = machine.run(layer, HARDWARE);
  return { words: 'One conv layer with random jitter', tiles: steppedTiles };
}

function network(hardwareName: string, batch: number): { words: string; tiles: number } {
  const { hardware, layers } = presetLayers('resnet50', hardwareName, batch);
  const machine = new Machine(hardware, { fastForward: false });
  const tiles = layers.reduce((sum, layer) => sum + machine.run(layer, HARDWARE).tiles, 0);
  return { words: `ResNet-50 on ${hardwareName}, batch ${batch}`, tiles };
}

const [name, size] = process.argv.slice(2);
if (name === undefined) {
  for (const run of RUNS) {
    const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...run.map(String)], {
      encoding: 'utf8',
    });
    process.stdout.write(stdout + stderr);
  }
} else {
  const { words, tiles } = name === 'jitter' ? jitteringTiles(Number(size)) : network(name, Number(size));
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`${words}: ${tiles} tile steps, peak memory ${megabytes} MB`);
}
