/** What each step of the ladder means for a layer, in words made from the layer's own numbers. */
import { miscounts } from '../../model/analytical/corner.ts';
import type { Move } from '../../model/analytical/segmentKinds.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { ceilDiv } from '../../model/layers/rounding.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { ASSUMED, type LayerLadder } from './ladder.ts';

/** The dimensions that tiles do not divide: `[name, size, tile]`. */
function raggedDimensions(layer: Layer): [string, number, number][] {
  const { sizes, tile } = layer as { sizes: Record<string, number>; tile: Record<string, number> };
  return Object.entries(sizes)
    .map(([dim, size]): [string, number, number] => [dim, size, tile[dim]!])
    .filter(([, size, side]) => size % side !== 0);
}

const listed = (parts: readonly string[]): string => parts.join(', ');
const change = (difference: number): string =>
  `${difference > 0 ? 'costs' : 'saves'} ${Math.abs(Math.round(difference)).toLocaleString('en-US')} cycles`;

function ceilingInWords(layer: Layer): string {
  const parts = raggedDimensions(layer).map(
    ([dim, size, side]) =>
      `${dim} = ${size} is ${(size / side).toFixed(2)} tiles of ${side}, counted as ${ceilDiv(size, side)}`,
  );
  return parts.length > 0 ? listed(parts) : 'the multipliers that the published form leaves fractional are rounded up';
}

const MOVES_IN_WORDS: Readonly<Record<Move, string>> = {
  ifmap: 'ifmap in',
  weight: 'weights in',
  bias: 'bias in',
  psumLoad: 'psum back in',
  psumStore: 'psum out',
};

/** The segments of which another number occurs than the formula counts: all that `ceiling` and `paper` differ in. */
function cornerInWords(layer: Layer, hardware: Hardware): string {
  if (layer.unit === 'SIMD') {
    return 'the closed form waits for the load of one tile of the batch per c-tile and fills the pipeline once, the machine for every tile';
  }
  const parts = miscounts(layer, hardware).map(
    ({ moves, counted, occurring }) =>
      `${occurring} instead of ${counted} with ${listed(moves.map((move) => MOVES_IN_WORDS[move]))}`,
  );
  return `segments that occur: ${parts.join('; ')}`;
}

function edgesInWords(layer: Layer): string {
  const parts = raggedDimensions(layer).map(([dim, size, side]) => `the last ${dim} tile is ${size % side} of ${side}`);
  return listed(parts);
}

function hazardInWords(ladder: LayerLadder, hardware: Hardware): string {
  const hazard = ladder.simulated.get('hardware')!.waiting.hazard;
  return `a psum comes back before its store has ended (${hardware.slots.obuf} OBuf slots): the array waits ${hazard.toLocaleString('en-US')} cycles for stores, and loads behind them`;
}

function residentInWords(ladder: LayerLadder): string {
  const before = ladder.simulated.get('hardware')!.dramBits;
  const after = ladder.simulated.get('keep-resident')!.dramBits;
  const saved = (['weight', 'ifmap', 'psum', 'bias'] as const)
    .filter((tensor) => after[tensor] < before[tensor])
    .map(
      (tensor) =>
        `${tensor} traffic falls from ${(before[tensor] / 1e6).toFixed(1)} to ${(after[tensor] / 1e6).toFixed(1)} Mbit`,
    );
  return saved.length > 0 ? listed(saved) : 'transfers come in another order';
}

/** What a step from ideal to real DRAM means, from what the memory did in it. */
function dramInWords(step: string, ladder: LayerLadder, difference: number): string {
  const { memory } = ladder.simulated.get(step)!;
  if (step === 'dram-bandwidth') return 'the memory at its peak moves less than an interface could';
  if (memory === undefined) return 'every transfer pays its latency and moves whole bursts';
  const count = (value: number): string => value.toLocaleString('en-US');
  switch (step) {
    case 'dram-bursts':
      return difference > 0
        ? `tiles travel as ${count(memory.bursts)} whole bursts, each from one channel`
        : 'a store has ended when the memory has accepted its last burst, not when that is written';
    case 'dram-latency':
      return 'the first data of a transfer comes a latency after its command';
    case 'dram-rows':
      return `${count(memory.activates)} rows are opened for ${count(memory.bursts)} bursts`;
    case 'dram-turnaround':
      return 'the data bus turns between loads and stores';
    case 'dram-refresh':
      return `${count(memory.refreshes)} refreshes, summed over the interfaces' copies of the memory, close all rows`;
    default:
      return `four interfaces share the banks: ${count(memory.activates)} rows are opened`;
  }
}

/** Why a step changes a layer's cycles; empty if it does not. `difference` is in cycles. */
export function stepInWords(step: string, ladder: LayerLadder, difference: number, hardware: Hardware): string {
  if (difference === 0) return '';
  const { layer } = ladder;
  const reason = (): string => {
    switch (step) {
      case 'ceiling':
        return ceilingInWords(layer);
      case 'paper':
        return cornerInWords(layer, hardware);
      case 'edges':
        return edgesInWords(layer);
      case 'free-running':
        return difference < 0
          ? 'transfers run ahead of the array instead of waiting for the slowest of each segment'
          : 'without barriers a psum load can go ahead of a store that the array needs gone';
      case 'hardware':
        return hazardInWords(ladder, hardware);
      case 'keep-resident':
        return residentInWords(ladder);
      case ASSUMED:
        return 'under the assumptions that were asked for';
      case 'prefetch':
        return difference < 0
          ? 'tiles that depend on nothing unfinished come while earlier layers run'
          : 'other layers’ transfers stand before its own, or it ends later after an earlier one';
      case 'fused':
        return difference > 0
          ? 'the SIMD layers behind it are in its group, whose cycles stand here'
          : layer.unit === 'SIMD'
            ? 'it is in the group of the conv or gemm before it, whose tiles it takes over from OBuf'
            : 'its sums go to the SIMD array on chip, and need no store';
      default:
        return dramInWords(step, ladder, difference);
    }
  };
  return `${step} ${change(difference)}: ${reason()}`;
}
