/** Why a layer takes what it takes, and what would change it: every lever is tried, none is guessed. */

import { closedForm } from '../analytical/closedForm.ts';
import { convCases, type PerCase } from '../analytical/conv.ts';
import type { Variant } from '../analytical/multipliers.ts';
import { type Bottleneck, bottleneckOf } from '../crosscheck/bottleneck.ts';
import type { Layer } from '../layers/layer.ts';
import type { Cycles } from '../layers/result.ts';
import { Machine, type MachineOptions } from '../machine/machine.ts';
import type { SimulatedResult } from '../machine/statistics.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import { type Hardware, slotBits } from '../spec/hardware.ts';
import { InputError } from '../spec/inputError.ts';
import { convTileBits } from '../tiling/convTiling.ts';
import { type BandwidthLever, bandwidthLevers } from './bandwidthLevers.ts';
import { type Retile, type Sram, type TileLever, tileLevers } from './tileLevers.ts';

/** How much of its slot a tile takes. */
export interface SlotUse {
  readonly sram: Sram;
  readonly tileBits: number;
  readonly slotBits: number;
}

/** A tile lever with what it is worth. */
export interface PricedTileLever extends TileLever {
  /** Cycles with the tile of `more`. */
  readonly cyclesThen: number | undefined;
}

/** All that is known about a layer. */
export interface Explanation {
  readonly layer: Layer;
  readonly closedForm: Cycles & { readonly totalCycles: number };
  readonly simulated: SimulatedResult;
  /** Tiles per loop. */
  readonly trips: Readonly<Record<string, number>>;
  readonly slots: readonly SlotUse[];
  /** The closed form's segments by case and the stall of each; undefined where it has none. */
  readonly cases: { readonly segments: PerCase; readonly stallCycles: PerCase } | undefined;
  readonly bottleneck: Bottleneck;
  readonly tileLevers: readonly PricedTileLever[];
  readonly bandwidthLevers: readonly BandwidthLever[];
  /** Twice the rows and columns, tiled anew: its cycles; undefined where no tile fits. */
  readonly largerArrayCycles: number | undefined;
}

/** What an explanation is made for. */
export interface Setting {
  readonly hardware: Hardware;
  readonly assumptions: Assumptions;
  readonly variant: Variant;
  readonly machine: MachineOptions;
  readonly retile: Retile;
}

function slotUse(layer: Layer, hardware: Hardware): SlotUse[] {
  if (layer.unit === 'SIMD') return [];
  const tile = convTileBits(layer.tile, layer.stride, layer.bits);
  const slot = slotBits(hardware);
  return [
    { sram: 'wbuf', tileBits: tile.weight, slotBits: slot.wbuf },
    { sram: 'ibuf', tileBits: tile.ifmap, slotBits: slot.ibuf },
    { sram: 'obuf', tileBits: tile.psum, slotBits: slot.obuf },
    { sram: 'bbuf', tileBits: tile.bias, slotBits: slot.bbuf },
  ];
}

function tripsOf({ sizes, tile }: Layer): Record<string, number> {
  const sides = tile as Readonly<Record<string, number>>;
  return Object.fromEntries(Object.entries(sizes).map(([dim, size]) => [dim, Math.ceil(size / sides[dim]!)]));
}

/** The same accelerator with twice the rows and columns. */
export function withLargerArray(hardware: Hardware): Hardware {
  const { rows, columns } = hardware.array;
  return { ...hardware, array: { rows: 2 * rows, columns: 2 * columns } };
}

/** Explains one layer; yields the name of what it tries next, for progress. */
export function* explainLayer(layer: Layer, setting: Setting): Generator<string, Explanation> {
  const { hardware, assumptions, variant, machine, retile } = setting;
  const run = (tiled: Layer, on: Hardware): SimulatedResult => new Machine(on, machine).run(tiled, assumptions);
  yield 'the layer itself';
  const simulated = run(layer, hardware);
  const { computeCycles, stallCycles, totalCycles } = closedForm(layer, hardware, variant);
  yield 'sizes of SRAMs';
  const priced = tileLevers(layer, hardware, retile).map((lever) => ({
    ...lever,
    cyclesThen: lever.more && run(lever.more.layer, hardware).totalCycles,
  }));
  yield 'bandwidths';
  const bandwidths = bandwidthLevers(layer, hardware, simulated.totalCycles, (on) => run(layer, on).totalCycles);
  yield 'a larger array';
  return {
    layer,
    closedForm: { computeCycles, stallCycles, totalCycles },
    simulated,
    trips: tripsOf(layer),
    slots: slotUse(layer, hardware),
    cases: layer.unit === 'SA' ? convCases(layer, hardware, variant) : undefined,
    bottleneck: bottleneckOf(layer.unit, simulated, hardware),
    tileLevers: priced,
    bandwidthLevers: bandwidths,
    largerArrayCycles: largerArrayCycles(retile, withLargerArray(hardware), run),
  };
}

function largerArrayCycles(
  retile: Retile,
  larger: Hardware,
  run: (layer: Layer, hardware: Hardware) => SimulatedResult,
): number | undefined {
  try {
    return run(retile(larger), larger).totalCycles;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
