/** Small chains of layers without a barrier between them, and what they take. */
import { readFileSync } from 'node:fs';
import type { Layer } from '../../src/model/layers/layer.ts';
import type { DramBits } from '../../src/model/layers/result.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph } from '../../src/model/workload/graph.ts';

/** Causes that are not there are 0. */
type GoldenWaiting = Readonly<Record<string, number>>;

export interface GoldenChain {
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

/** By an independent prototype of the rules (SEMANTICS.md, Layers that overlap). */
export const chains = JSON.parse(
  readFileSync(new URL('../golden/prefetch.json', import.meta.url), 'utf8'),
) as readonly GoldenChain[];

/** Causes that occur. In the file the weights of a joint transfer with a bias wait for the bias. */
export function causesOf(waiting: Readonly<Record<string, number>>): Record<string, number> {
  const { weight = 0, bias = 0, ...others } = waiting;
  const causes: Record<string, number> = { weights: weight + bias, ...others };
  return Object.fromEntries(Object.entries(causes).filter(([, cycles]) => cycles > 0));
}

/** What a chain runs, on what, and how. */
export function overlapped(chain: GoldenChain): {
  readonly hardware: Hardware;
  readonly layers: Layer[];
  readonly assumptions: Assumptions;
} {
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
  return { hardware, layers, assumptions };
}
