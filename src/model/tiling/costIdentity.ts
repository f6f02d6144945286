/**
 * What the cost of a layer depends on, field by field: the one place that says so. Whoever computes a thing once for all
 * that are alike (layers that have run, operations of a network, points of a design space) asks here what alike is. Each
 * table names every field there is, or it does not compile.
 */

import type { FusedGroup } from '../fusion/groups.ts';
import type { PerDirection } from '../layers/layer.ts';
import {
  CONV_DIMS,
  type ConvSizes,
  type Layer,
  type SaLayer,
  type SimdLayer,
  type SimdSizes,
} from '../layers/layer.ts';
import { SIMD_OPS, simdOperation } from '../operations/simdTable.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import type { Hardware } from '../schemas/hardware.ts';
import type { SaOperation, SimdOperationStep } from '../workload/program.ts';

/** Whether a field has a bearing on the cost. */
type Bearing<Thing> = { readonly [Field in keyof Required<Thing>]: boolean };

/** The fields that have one. */
type WithBearing<Fields> = { [Field in keyof Fields]: Fields[Field] extends true ? Field : never }[keyof Fields];

const SA_OPERATION = {
  unit: true,
  op: true,
  groups: true,
  sizes: true,
  stride: true,
  dilation: true,
  overrides: true,
  name: false,
  padding: false,
  layouts: false,
  reads: false,
  writes: false,
  positions: false,
  areGroupsImages: false,
  isOfmapTransposed: false,
  useful: false,
  source: false,
} as const satisfies Bearing<SaOperation>;

const SIMD_OPERATION = {
  unit: true,
  op: true,
  sizes: true,
  window: true,
  overrides: true,
  name: false,
  pool: false,
  ownSizes: false,
  macs: false,
  hasBias: false,
  constants: false,
  rows: false,
  rearrangement: false,
  reads: false,
  writes: false,
  source: false,
} as const satisfies Bearing<SimdOperationStep>;

/** The fields of operations that tiling may read for what costs something. */
export type SaCostField = WithBearing<typeof SA_OPERATION>;
export type SimdCostField = WithBearing<typeof SIMD_OPERATION>;

function fieldsWithBearing<Fields extends Readonly<Record<string, boolean>>>(fields: Fields): WithBearing<Fields>[] {
  return Object.keys(fields).filter((field) => fields[field]) as WithBearing<Fields>[];
}

const SA_COST_FIELDS = fieldsWithBearing(SA_OPERATION);
const SIMD_COST_FIELDS = fieldsWithBearing(SIMD_OPERATION);

/** Equal for operations whose tiles and costs are the same on any hardware. `isQuantised`: of a SIMD output. */
export function operationIdentity(operation: SaOperation | SimdOperationStep, isQuantised: boolean): string {
  return operation.unit === 'SA'
    ? JSON.stringify(SA_COST_FIELDS.map((field) => operation[field] ?? {}))
    : JSON.stringify([...SIMD_COST_FIELDS.map((field) => operation[field] ?? {}), isQuantised]);
}

/** A thing that has these fields and no other: with one more, what takes it does not compile. */
type Whole<Thing, Listed extends keyof Thing> = [Exclude<keyof Thing, Listed>] extends [never] ? Thing : never;

function addDirections(into: number[], { h, w }: Whole<PerDirection, 'h' | 'w'>): void {
  into.push(h, w);
}

type Loops = 'oc' | 'ic' | 'kh' | 'kw' | 'n' | 'oh' | 'ow';

function addConvSizes(into: number[], { oc, ic, kh, kw, n, oh, ow }: Whole<ConvSizes, Loops>): void {
  into.push(oc, ic, kh, kw, n, oh, ow);
}

function addSimdSizes(into: number[], { c, n, h, w }: Whole<SimdSizes, 'c' | 'n' | 'h' | 'w'>): void {
  into.push(c, n, h, w);
}

type Window = SimdLayer['window'];

function addWindow(
  into: number[],
  { kh, kw, stride, dilation }: Whole<Window, 'kh' | 'kw' | 'stride' | 'dilation'>,
): void {
  into.push(kh, kw);
  addDirections(into, stride);
  addDirections(into, dilation);
}

type SaBits = Whole<SaLayer['bits'], 'ifmap' | 'weight' | 'psum' | 'bias'>;
type SimdBits = Whole<SimdLayer['bits'], 'input' | 'output' | 'psum' | 'weight' | 'bias'>;

/** What of a layer has no bearing on what it takes. */
type NoBearing = 'unit' | 'name' | 'useful' | 'producers' | 'asMade';
type SaBearing = 'op' | 'groups' | 'sizes' | 'tile' | 'stride' | 'dilation' | 'loopOrder' | 'bits';
type SimdBearing = 'op' | 'sizes' | 'tile' | 'window' | 'bits';

/** A conv, a gemm and each SIMD operation have numbers of their own. */
function addSaLayer(into: number[], layer: Whole<SaLayer, NoBearing | SaBearing>): void {
  into.push(layer.op === 'conv' ? -1 : -2, layer.groups);
  addConvSizes(into, layer.sizes);
  addConvSizes(into, layer.tile);
  addDirections(into, layer.stride);
  addDirections(into, layer.dilation);
  for (const dim of layer.loopOrder) into.push(CONV_DIMS.indexOf(dim));
  const { ifmap, weight, psum, bias }: SaBits = layer.bits;
  into.push(ifmap, weight, psum, bias);
}

function addSimdLayer(into: number[], layer: Whole<SimdLayer, NoBearing | SimdBearing>): void {
  into.push(SIMD_OPS.indexOf(layer.op));
  addSimdSizes(into, layer.sizes);
  addSimdSizes(into, layer.tile);
  addWindow(into, layer.window);
  const { input, output, psum, weight, bias }: SimdBits = layer.bits;
  into.push(input, output, psum, weight, bias);
}

type Switches = 'fullEdgeTiles' | 'lockstep' | 'noPsumHazard' | 'reloadOperands' | 'prefetch';

function switchesOf(assumptions: Whole<Assumptions, Switches>): number {
  const { fullEdgeTiles, lockstep, noPsumHazard, reloadOperands, prefetch } = assumptions;
  return (
    Number(fullEdgeTiles) +
    2 * Number(lockstep) +
    4 * Number(noPsumHazard) +
    8 * Number(reloadOperands) +
    16 * Number(prefetch)
  );
}

/** Everything that decides what a layer takes on a drained machine, as numbers. */
export function layerIdentity(layer: Layer, assumptions: Assumptions): number[] {
  const identity = [switchesOf(assumptions)];
  if (layer.unit === 'SA') addSaLayer(identity, layer);
  else addSimdLayer(identity, layer);
  return identity;
}

/** Where a member of a fused group has a tensor from. */
const FROM_DRAM = 0;
const HANDED_OVER = 1;
const INSIDE = 2;

/** Everything that decides what a fused group takes on a drained machine, as numbers. */
export function groupIdentity({ sa, members, isSumStored }: FusedGroup, assumptions: Assumptions): number[] {
  const identity = [...layerIdentity(sa, assumptions), Number(isSumStored)];
  for (const { layer, handedOver, inside } of members) {
    identity.push(...layerIdentity(layer, assumptions));
    for (const { loads } of simdOperation(layer.op).parts) {
      for (const { tensor } of loads)
        identity.push(handedOver.has(tensor) ? HANDED_OVER : inside.has(tensor) ? INSIDE : FROM_DRAM);
    }
  }
  return identity;
}

/** What of a unit's layers depends on a parameter: already their tiles, only the cost of tiled layers, or nothing. */
export type ParameterBearing = 'tiles' | 'cost' | 'none';

type PathsOf<Thing> = {
  [Field in keyof Required<Thing> & string]: NonNullable<Thing[Field]> extends number
    ? Field
    : NonNullable<Thing[Field]> extends string
      ? never
      : `${Field}.${keyof NonNullable<Thing[Field]> & string}`;
}[keyof Required<Thing> & string];

/** The numbers of the hardware file, as paths in it. */
export type HardwareParameter = PathsOf<Hardware>;

const TILES = { SA: 'tiles', SIMD: 'none' } as const;
const SIMD_TILES = { SA: 'none', SIMD: 'tiles' } as const;
const TILES_OF_BOTH = { SA: 'tiles', SIMD: 'tiles' } as const;
const COST = { SA: 'cost', SIMD: 'none' } as const;
const SIMD_COST = { SA: 'none', SIMD: 'cost' } as const;

/**
 * On what of the hardware each unit's layers depend (MODEL.md §8). Cycles of the accelerator are what counts: the
 * clock matters to a memory with one of its own and to energy, which say so themselves.
 */
export const HARDWARE_PARAMETERS: Readonly<
  Record<HardwareParameter, Readonly<Record<Layer['unit'], ParameterBearing>>>
> = {
  'array.rows': TILES,
  'array.columns': TILES_OF_BOTH,
  'bits.weight': TILES_OF_BOTH,
  'bits.ifmap': TILES_OF_BOTH,
  'bits.psum': TILES_OF_BOTH,
  'bits.bias': TILES_OF_BOTH,
  'sramKiB.wbuf': TILES,
  'sramKiB.ibuf': TILES,
  'sramKiB.obuf': TILES,
  'sramKiB.bbuf': TILES,
  'sramKiB.vmem': SIMD_TILES,
  // Where programs are loaded, one that is larger than it is loaded part by part.
  'sramKiB.imem': SIMD_COST,
  'slots.wbuf': TILES,
  'slots.ibuf': TILES,
  'slots.obuf': TILES,
  'slots.bbuf': TILES,
  'slots.vmem': SIMD_TILES,
  'bitsPerCycle.weight': COST,
  'bitsPerCycle.ifmap': COST,
  'bitsPerCycle.psum': COST,
  'bitsPerCycle.vmem': SIMD_COST,
  'aluCycles.add': SIMD_COST,
  'aluCycles.sub': SIMD_COST,
  'aluCycles.mul': SIMD_COST,
  'aluCycles.div': SIMD_COST,
  'aluCycles.max': SIMD_COST,
  'aluCycles.min': SIMD_COST,
  'aluCycles.mac': SIMD_COST,
  'aluCycles.exp': SIMD_COST,
  'aluCycles.invSqrt': SIMD_COST,
  'aluCycles.condMove': SIMD_COST,
  'instructionLoading.bitsPerCycle': SIMD_COST,
  clockPicoseconds: { SA: 'none', SIMD: 'none' },
};

/**
 * What of a unit's layers depends on a parameter, given the rest of the hardware; nothing where it is no number of the
 * hardware file, and on the instruction memory only where programs are loaded into it.
 */
export function bearingOf(
  parameter: string,
  unit: Layer['unit'],
  { instructionLoading }: Pick<Hardware, 'instructionLoading'>,
): ParameterBearing {
  if (parameter === 'sramKiB.imem' && instructionLoading === undefined) return 'none';
  return HARDWARE_PARAMETERS[parameter as HardwareParameter]?.[unit] ?? 'none';
}
