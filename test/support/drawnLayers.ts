/** Random layers of the preset networks, with what tiles them again. */
import seedrandom from 'seedrandom';
import { choose, integer, shuffled } from '../../src/model/engine/random.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import { type Hardware, smallestSramKiB } from '../../src/model/schemas/hardware.ts';
import { InputError } from '../../src/model/schemas/inputError.ts';
import { tileOperation } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import type { Program } from '../../src/model/workload/program.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import type { Retile } from '../../src/studies/explain/tileLevers.ts';
import { graphPreset, hardwarePreset } from './presets.ts';

export interface DrawnLayer {
  readonly title: string;
  readonly hardware: Hardware;
  readonly layer: Layer;
  readonly retile: Retile;
}

/** The layer of an operation at a place of a program. */
function layerAt({ name, file, operations }: Program, place: number, hardware: Hardware): DrawnLayer {
  const operation = operations[place]!;
  if (operation.unit === 'free') throw new Error('free operations are not tiled');
  const isBeforeConv = operations[place + 1]?.unit === 'SA';
  const retile: Retile = (on) => tileOperation(operation, isBeforeConv, on, file);
  return { title: `${name} ${operation.name} on ${hardware.name}`, hardware, layer: retile(hardware), retile };
}

/** All layers of a preset network; in inference on HI1–HI3, in training on HT1–HT3. */
export function allLayers(network: string, hardwareName: string): DrawnLayer[] {
  const program = programOn(network, hardwareName);
  return tiledPlaces(program).map((place) => layerAt(program, place, hardwarePreset(hardwareName)));
}

/** The layer of a name. */
export function namedLayer(network: string, name: string, hardwareName: string): DrawnLayer {
  return allLayers(network, hardwareName).find(({ layer }) => layer.name === name)!;
}

function programOn(network: string, hardwareName: string): Program {
  const graph = graphPreset(network);
  return hardwareName.startsWith('HI') ? inferenceProgram(graph, 1) : trainingProgram(graph, 32, 'exact');
}

/** Places of a program's operations that are not free. */
function tiledPlaces({ operations }: Program): number[] {
  return [...operations.keys()].filter((place) => operations[place]!.unit !== 'free');
}

/** So many random operations of random networks on random hardware, inference or training. */
export function drawLayers(count: number, seed: string): DrawnLayer[] {
  const random = seedrandom(seed);
  return Array.from({ length: count }, () => {
    const network = choose(random, ['resnet18', 'resnet50', 'vgg16', 'alexnet']);
    const hardwareName = choose(random, ['HI1', 'HI2', 'HI3', 'HT1', 'HT2', 'HT3']);
    const program = programOn(network, hardwareName);
    return layerAt(program, choose(random, tiledPlaces(program)), hardwarePreset(hardwareName));
  });
}

/** Hardware that no preset is like: an oblong array, 1 to 16 slots, a width of its own for each tensor. */
function oddHardware(random: seedrandom.PRNG, preset: Hardware): Hardware {
  const [rows, columns] = shuffled(random, [8, 16, 32, 64]) as [number, number];
  const [weight, ifmap, bias] = shuffled(random, [4, 6, 8, 12, 16]) as [number, number, number];
  const slots = (): number => integer(random, 1, choose(random, [3, 3, 16]));
  const hardware = {
    ...preset,
    name: `${rows} × ${columns}`,
    array: { rows, columns },
    bits: { weight, ifmap, psum: choose(random, [24, 32, 48]), bias },
    slots: { wbuf: slots(), ibuf: slots(), obuf: slots(), bbuf: slots(), vmem: slots() },
  };
  const least = smallestSramKiB(hardware);
  const sramKiB = { ...preset.sramKiB };
  for (const name of Object.keys(least) as (keyof typeof least)[]) {
    sramKiB[name] = Math.max(sramKiB[name], Math.ceil(least[name][0]));
  }
  return { ...hardware, sramKiB };
}

/** So many random operations on hardware that no preset is like, of which those that fit no buffer are left out. */
export function drawOddLayers(count: number, seed: string): DrawnLayer[] {
  const random = seedrandom(seed);
  const drawn: DrawnLayer[] = [];
  while (drawn.length < count) {
    const network = choose(random, ['resnet18', 'resnet50', 'vgg16', 'alexnet']);
    const hardwareName = choose(random, ['HI1', 'HI2', 'HI3', 'HT1', 'HT2', 'HT3']);
    const program = programOn(network, hardwareName);
    const hardware = oddHardware(random, hardwarePreset(hardwareName));
    try {
      drawn.push(layerAt(program, choose(random, tiledPlaces(program)), hardware));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return drawn;
}
