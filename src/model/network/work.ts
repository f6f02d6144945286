/** Useful beside issued work: what of a layer's MACs and traffic is the network's own (OPERATIONS.md, Useful and issued work). */
import type { Layer } from '../layers/layer.ts';
import { addInto, type DramBits, noDramBits, type Result } from '../layers/result.ts';
import { type Assumptions, PAPER } from '../schedule/assumptions.ts';
import type { Traffic } from '../schedule/cuts.ts';
import { saUsefulOf } from '../schedule/saTraffic.ts';
import { simdUsefulOf } from '../schedule/simdTraffic.ts';
import { trafficOf } from '../schedule/traffic.ts';
import type { Hardware } from '../schemas/hardware.ts';

/** The useful part of a layer's work, or of several layers'. */
export interface Useful {
  /** Multiply-accumulates of the network itself: border taps count, padded channels and inserted zeros do not. */
  readonly macs: number;
  /** Off-chip traffic that is elements of the network's tensors, halos each time; booked as the issued traffic is. */
  readonly dramBits: DramBits;
  /** Useful MACs of layers on the systolic array over what its J·K PEs could do in their cycles; 0 without any. */
  readonly peUtilisation: number;
}

/** Useful work, and what a result does not say of the issued work: a result's MACs and traffic are the issued ones. */
export interface Work {
  /** MACs that the array performs, padding included, over what its J·K PEs could do in its cycles; 0 without any. */
  readonly issued: { readonly peUtilisation: number };
  readonly useful: Useful;
}

type Figures = Pick<Result, 'computeCycles' | 'stallCycles' | 'dramBits' | 'opCounts'>;

/** Share of the PEs' time in which they do some MACs; 0 for no time. */
function utilisationOf(macs: number, cycles: number, { array }: Hardware): number {
  return cycles === 0 ? 0 : macs / (array.rows * array.columns * cycles);
}

/** What a layer takes of its unit's time; where layers overlap that is not what it adds to the run's. */
function unitCycles({ computeCycles, stallCycles }: Figures): number {
  return computeCycles + stallCycles;
}

function workOf(layer: Layer, figures: Figures, dramBits: DramBits, hardware: Hardware): Work {
  const onArray = layer.unit === 'SA' ? unitCycles(figures) : 0;
  const macs = layer.unit === 'SA' ? saUsefulOf(layer).macs : simdUsefulOf(layer).macs;
  return {
    issued: { peUtilisation: utilisationOf(figures.opCounts.mac, onArray, hardware) },
    useful: { macs, dramBits, peUtilisation: utilisationOf(macs, onArray, hardware) },
  };
}

/** The work of a layer that has run, given its result under the same assumptions. */
export function simulatedWork(layer: Layer, hardware: Hardware, assumptions: Assumptions, result: Figures): Work {
  return workOf(layer, result, usefulShare(result.dramBits, trafficOf(layer, hardware, assumptions)), hardware);
}

/** Issued bits of a formula, of each tensor the share that is useful where all of it is simulated. */
function usefulShare(issued: DramBits, simulated: Traffic): DramBits {
  const useful = noDramBits();
  for (const tensor of Object.keys(useful) as (keyof DramBits)[]) {
    const [bits, all] = [issued[tensor], simulated.issued[tensor]];
    if (bits === all) useful[tensor] = simulated.useful[tensor];
    else if (all > 0) useful[tensor] = (bits * simulated.useful[tensor]) / all;
  }
  return useful;
}

/**
 * The work of a layer by the closed form, given its result: with whole tiles (`ceiling`) the traffic is what the machine
 * moves under the paper's assumptions, with fractions of tiles (`published`) as large a share of it is useful.
 */
export function closedFormWork(layer: Layer, hardware: Hardware, result: Figures): Work {
  return workOf(layer, result, usefulShare(result.dramBits, trafficOf(layer, hardware, PAPER)), hardware);
}

/** A layer with its figures and its work, by one model. */
export interface LayerWork {
  readonly layer: Layer;
  readonly result: Figures;
  readonly work: Work;
}

/**
 * The sum over layers; only those on the systolic array have a share in the PEs' utilisation. `ofGroups`: the array's
 * busy and waiting cycles in fused groups, whose members have none.
 */
export function workInAll(parts: readonly LayerWork[], hardware: Hardware, ofGroups = 0): Work {
  const dramBits = noDramBits();
  const onArray = { issued: 0, useful: 0, cycles: ofGroups };
  let macs = 0;
  for (const { layer, result, work } of parts) {
    addInto(dramBits, work.useful.dramBits);
    macs += work.useful.macs;
    if (layer.unit === 'SIMD') continue;
    onArray.issued += result.opCounts.mac;
    onArray.useful += work.useful.macs;
    onArray.cycles += unitCycles(result);
  }
  return {
    issued: { peUtilisation: utilisationOf(onArray.issued, onArray.cycles, hardware) },
    useful: { macs, dramBits, peUtilisation: utilisationOf(onArray.useful, onArray.cycles, hardware) },
  };
}
