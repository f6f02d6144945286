/** A random tile of a SIMD operation on the cycle-stepped pipeline, against plain arithmetic and the machine. */
import type seedrandom from 'seedrandom';
import { choose, integer } from '../../model/engine/random.ts';
import type { SimdLayer } from '../../model/layers/layer.ts';
import { emptyResult } from '../../model/layers/result.ts';
import { elementPlace, type Forwarding, tilePrograms } from '../../model/machine/cycleStepped/simdProgram.ts';
import {
  createSimdPipeline,
  runSimdPipeline,
  type SimdAccesses,
  type Vmem,
} from '../../model/machine/cycleStepped/simdStages.ts';
import { Machine } from '../../model/machine/machine.ts';
import { INSTRUCTION_BITS } from '../../model/operations/simdCosts.ts';
import { type Operand, tensorShape } from '../../model/operations/simdRow.ts';
import { SIMD_OPS, type SimdOp, simdOperation, simdParts } from '../../model/operations/simdTable.ts';
import { HARDWARE } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { needsSmall, randomWindow } from './simdCase.ts';
import { computeChannel } from './simdReference.ts';
import { disagreement, exactNumber, smallHardware, wrongResult } from './smallCase.ts';

/** For sums that a division or a square root has rounded. */
const TOLERANCE = 1e-9;

/** Operations whose output may be quantised on its way out, for a conv that follows (MODEL.md §1). */
const isQuantisable = (op: SimdOp): boolean =>
  simdOperation(op).parts.some(({ stores }) => stores.some(({ tensor }) => tensor === 'Y'));

/** A layer of one tile with a window of its operation's kind. */
function randomLayer(random: seedrandom.PRNG, hardware: Hardware): SimdLayer {
  const draw = (to: number): number => integer(random, 1, to);
  const op = choose(random, SIMD_OPS);
  const isRowwise = simdOperation(op).partsInOnePass !== undefined;
  const side = (): number => (isRowwise ? 1 : draw(3));
  const sizes = { c: hardware.array.columns * draw(3), n: draw(3), h: side(), w: side() };
  const window = randomWindow(random, op);
  const { psum, ifmap, weight, bias } = hardware.bits;
  const output = isQuantisable(op) ? choose(random, [psum, ifmap]) : psum;
  return {
    ...{ unit: 'SIMD', name: 'one tile', op, sizes, tile: sizes, window },
    bits: { input: psum, output, psum, weight, bias },
  };
}

/** All places of a tensor in VMem. */
function placesOf(operand: Operand, { tile, window }: SimdLayer, lanes: number): string[] {
  const [channels, images, height, width] = tensorShape(operand, tile, window);
  const places: string[] = [];
  for (let block = 0; block * lanes < channels; block++)
    for (let n = 0; n < images; n++)
      for (let h = 0; h < height; h++)
        for (let w = 0; w < width; w++) places.push(elementPlace(operand.tensor, block, n, h, w));
  return places;
}

/** VMem with random numbers in all loaded tensors but those that the operation itself has stored before. */
function loadVmem(random: seedrandom.PRNG, layer: SimdLayer, lanes: number): Vmem {
  const taps = layer.window.kh * layer.window.kw;
  const vmem: Vmem = new Map();
  const stored = new Set<string>();
  const isSmall = needsSmall(simdOperation(layer.op));
  // Odd sixteenths where a tensor divides, so that none is zero.
  const number = (): number => (isSmall ? (2 * integer(random, -32, 31) + 1) / 16 : exactNumber(random));
  for (const part of simdParts(layer)) {
    for (const operand of part.loads.filter(({ tensor }) => !stored.has(tensor))) {
      const value = (): number => (operand.tensor === 'index' ? integer(random, 0, taps - 1) : number());
      const isOfAllLanes = !operand.dims.includes('c');
      for (const place of placesOf(operand, layer, lanes)) {
        if (vmem.has(place)) continue;
        const one = value();
        vmem.set(place, Float64Array.from({ length: lanes }, isOfAllLanes ? () => one : value));
      }
    }
    for (const { tensor } of part.stores) stored.add(tensor);
  }
  return vmem;
}

/** The stored tensors by their definition, from the loaded ones. */
function plainResults(layer: SimdLayer, loaded: Vmem, lanes: number): Vmem {
  const results: Vmem = new Map();
  const write = (place: string, lane: number, value: number): void => {
    if (!results.has(place)) results.set(place, new Float64Array(lanes));
    results.get(place)![lane] = value;
  };
  const operands = simdOperation(layer.op).parts.flatMap(({ loads }) => loads);
  for (let c = 0; c < layer.tile.c; c++) {
    const [block, lane] = [Math.floor(c / lanes), c % lanes];
    computeChannel(layer, {
      element: (name, n, h, w) => {
        const { dims } = operands.find(({ tensor }) => tensor === name)!;
        const along = (dim: 'n' | 'h' | 'w', place: number): number =>
          dims.includes(dim) || (dim !== 'n' && dims.includes('kh')) ? place : 0;
        const blockOf = dims.includes('c') ? block : 0;
        return loaded.get(elementPlace(name, blockOf, along('n', n), along('h', h), along('w', w)))![lane]!;
      },
      put: (name, n, h, w, value) => write(elementPlace(name, block, n, h, w), lane, value),
      add: (name, n, h, w, value) => {
        const place = elementPlace(name, block, n, h, w);
        write(place, lane, (results.get(place)?.[lane] ?? 0) + value);
      },
    });
  }
  return results;
}

/** How the pipeline is to differ from what it should be: for tests, and to see what charging every wait would cost. */
export interface PipelineVariant {
  readonly forwarding?: Forwarding;
  readonly interlockedStages?: number;
}

/** What one tile took on the pipeline. `vmem` is left with its results. */
function runTile(
  layer: SimdLayer,
  vmem: Vmem,
  { array, aluCycles }: Hardware,
  { forwarding = 'as charged', interlockedStages = 2 }: PipelineVariant = {},
): SimdAccesses & { cycles: number; instructions: Readonly<Record<string, number>> } {
  const totals = { vmemReads: 0, obufReads: 0, vmemWrites: 0, vmemOutputWrites: 0, immReads: 0, fetches: 0 };
  const instructions: Record<string, number> = {};
  const unwritten = layer.op === 'max-pool' ? Number.NEGATIVE_INFINITY : 0;
  let cycles = 0;
  for (const program of tilePrograms(layer, array.columns, forwarding)) {
    const spec = { lanes: array.columns, aluCycles, unwritten, interlockedStages };
    const pipeline = createSimdPipeline(program, vmem, spec);
    cycles += runSimdPipeline(pipeline);
    for (const key of Object.keys(totals) as (keyof SimdAccesses)[]) totals[key] += pipeline.accesses[key];
    for (const { alu } of program) instructions[alu] = (instructions[alu] ?? 0) + 1;
  }
  return { ...totals, cycles, instructions };
}

/**
 * Draws an accelerator and a tile of an operation and computes the tile stage by stage. Undefined if the results are
 * those of the operation's definition, and cycles and accesses those of the machine on a layer of this one tile
 * (eq (22) and the NOP rule); else a paragraph that says what is not. `variant` is there for tests.
 */
export function simdPipelineCase(random: seedrandom.PRNG, variant: PipelineVariant = {}): string | undefined {
  const hardware = smallHardware(random);
  const lanes = hardware.array.columns;
  const layer = randomLayer(random, hardware);
  const vmem = loadVmem(random, layer, lanes);
  const expected = plainResults(layer, vmem, lanes);
  const simulated = new Machine(hardware).run(layer, HARDWARE);
  const run = runTile(layer, vmem, hardware, variant);

  const { psum, output } = layer.bits;
  const what = `${layer.op} tile ${JSON.stringify(layer.tile)}, window ${JSON.stringify(layer.window)}, with K = ${lanes}`;
  for (const [place, values] of expected) {
    const problem = wrongResult(`${what}, ${place}`, vmem.get(place) ?? [], values, TOLERANCE);
    if (problem !== undefined) return problem;
  }
  const { vmem: vmemBits, imm: immBits, imem: imemBits } = simulated.sramBits;
  const counts = Object.entries(run.instructions).map(([alu, count]): [string, number] => [alu, count * lanes]);
  return disagreement(
    `${what}, against the machine`,
    {
      cycles: run.cycles,
      vmemBits: (run.vmemReads + run.vmemWrites) * psum + run.vmemOutputWrites * output,
      immBits: run.immReads * psum,
      imemBits: run.fetches * INSTRUCTION_BITS,
      ...emptyResult().opCounts,
      ...Object.fromEntries(counts),
    },
    { cycles: simulated.computeCycles, vmemBits, immBits, imemBits, ...simulated.opCounts },
  );
}
