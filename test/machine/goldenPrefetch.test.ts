/**
 * Twenty small chains of layers without a barrier between them, by an independent prototype of the rules (SEMANTICS.md,
 * Layers that overlap).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DramBits } from '../../src/model/layers/result.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph } from '../../src/model/workload/graph.ts';
import { complete } from '../support/complete.ts';

/** Causes that are not there are 0. */
type GoldenWaiting = Readonly<Record<string, number>>;

interface GoldenChain {
  readonly id: number;
  readonly assume: string;
  readonly batch: number;
  readonly hardware: Hardware;
  readonly workload: object;
  readonly layers: readonly {
    readonly name: string;
    readonly cycles: number;
    readonly barrierCycles: number;
    readonly busy: number;
    readonly waiting: GoldenWaiting;
    readonly dramBits: DramBits;
  }[];
  readonly total: number;
  readonly barrierTotal: number;
  readonly saBusy: number;
  readonly simdBusy: number;
  readonly saWaiting: GoldenWaiting;
  readonly simdWaiting: GoldenWaiting;
}

const chains = JSON.parse(
  readFileSync(new URL('../golden/prefetch.json', import.meta.url), 'utf8'),
) as readonly GoldenChain[];

/** Causes that occur. In the file the weights of a joint transfer with a bias wait for the bias. */
function causesOf(waiting: Readonly<Record<string, number>>): Record<string, number> {
  const { weight = 0, bias = 0, ...others } = waiting;
  const causes: Record<string, number> = { weights: weight + bias, ...others };
  return Object.fromEntries(Object.entries(causes).filter(([, cycles]) => cycles > 0));
}

describe.each(chains.map((chain) => [chain.id, chain] as const))('chain %i', (_, chain) => {
  const { hardware, assume, batch } = chain;
  const graph = buildGraph(parseWorkload(chain.workload, 'chain.json'), 'chain.json');
  const layers = tileProgram(inferenceProgram(graph, batch), hardware);
  const names = new Set(assume.split(','));
  const assumptions: Assumptions = {
    ...HARDWARE,
    fullEdgeTiles: names.has('full-edge-tiles'),
    noPsumHazard: names.has('no-psum-hazard'),
    reloadOperands: names.has('reload-operands'),
    prefetch: true,
  };
  const result = complete(new Machine(hardware).runOverlapped(layers, assumptions));

  it('takes these cycles, layer by layer', () => {
    expect(layers.map(({ name }, place) => [name, result.layers[place]!.totalCycles])).toEqual(
      chain.layers.map(({ name, cycles }) => [name, cycles]),
    );
    expect(result.totalCycles).toBe(chain.total);
  });

  it('with these waits of each unit', () => {
    const { SA, SIMD } = result.units;
    expect([SA.busyCycles, SIMD.busyCycles]).toEqual([chain.saBusy, chain.simdBusy]);
    expect(causesOf(SA.waiting)).toEqual(causesOf(chain.saWaiting));
    expect(causesOf(SIMD.waiting)).toEqual(causesOf(chain.simdWaiting));
  });

  it('with these waits and this traffic of each layer', () => {
    for (const [place, golden] of chain.layers.entries()) {
      const { computeCycles, waiting, dramBits } = result.layers[place]!;
      expect([computeCycles, causesOf(waiting), dramBits]).toEqual([
        golden.busy,
        causesOf(golden.waiting),
        golden.dramBits,
      ]);
    }
  });

  it('and with a barrier takes what its layers take one by one', () => {
    const machine = new Machine(hardware);
    const cycles = layers.map((layer) => machine.run(layer, assumptions).totalCycles);
    expect(cycles).toEqual(chain.layers.map(({ barrierCycles }) => barrierCycles));
  });
});
