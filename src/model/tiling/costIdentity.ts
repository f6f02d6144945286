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

/** All keys of a record, in an order that does not depend on who made it. */
function keysOf<Thing>(all: Readonly<Record<keyof Thing & string, true>>): readonly (keyof Thing & string)[] {
  return Object.keys(all) as (keyof Thing & string)[];
}

const DIRECTIONS = keysOf<PerDirection>({ h: true, w: true });
const SIMD_DIMS = keysOf<SimdSizes>({ c: true, n: true, h: true, w: true });
const SA_BITS = keysOf<SaLayer['bits']>({ ifmap: true, weight: true, psum: true, bias: true });
const SIMD_BITS = keysOf<SimdLayer['bits']>({ input: true, output: true, psum: true, weight: true, bias: true });
const SWITCHES = keysOf<Assumptions>({
  fullEdgeTiles: true,
  lockstep: true,
  noPsumHazard: true,
  reloadOperands: true,
  prefetch: true,
});

type Numbers<Key extends string> = Readonly<Record<Key, number>>;

function add<Key extends string>(into: number[], record: Numbers<Key>, keys: readonly Key[]): void {
  for (let place = 0; place < keys.length; place++) into.push(record[keys[place]!]);
}

/** How a field of a layer becomes numbers; `false` has no bearing. */
type AsNumbers<Thing> = {
  readonly [Field in keyof Required<Thing>]: false | ((into: number[], value: Required<Thing>[Field]) => void);
};

const addConvSizes = (into: number[], sizes: ConvSizes): void => add(into, sizes, CONV_DIMS);
const addDirections = (into: number[], pair: PerDirection): void => add(into, pair, DIRECTIONS);
const addSimdSizes = (into: number[], sizes: SimdSizes): void => add(into, sizes, SIMD_DIMS);

/** A conv, a gemm and each SIMD operation have numbers of their own. */
const SA_LAYER: AsNumbers<SaLayer> = {
  unit: false,
  op: (into, op) => into.push(op === 'conv' ? -1 : -2),
  groups: (into, groups) => into.push(groups),
  sizes: addConvSizes,
  tile: addConvSizes,
  stride: addDirections,
  dilation: addDirections,
  loopOrder: (into, order) => {
    for (const dim of order) into.push(CONV_DIMS.indexOf(dim));
  },
  bits: (into, bits) => add(into, bits, SA_BITS),
  name: false,
  useful: false,
  producers: false,
  asMade: false,
};

const WINDOW: AsNumbers<SimdLayer['window']> = {
  kh: (into, kh) => into.push(kh),
  kw: (into, kw) => into.push(kw),
  stride: addDirections,
  dilation: addDirections,
};

const SIMD_LAYER: AsNumbers<SimdLayer> = {
  unit: false,
  op: (into, op) => into.push(SIMD_OPS.indexOf(op)),
  sizes: addSimdSizes,
  tile: addSimdSizes,
  window: (into, window) => addFields(into, window, WINDOW),
  bits: (into, bits) => add(into, bits, SIMD_BITS),
  name: false,
  useful: false,
  producers: false,
  asMade: false,
};

function addFields<Thing>(into: number[], thing: Thing, fields: AsNumbers<Thing>): void {
  for (const field in fields) {
    const asNumbers = fields[field];
    if (asNumbers !== false) asNumbers(into, thing[field] as Required<Thing>[typeof field]);
  }
}

/** Everything that decides what a layer takes on a drained machine, as numbers. */
export function layerIdentity(layer: Layer, assumptions: Assumptions): number[] {
  const identity: number[] = [];
  let switches = 0;
  for (let place = 0; place < SWITCHES.length; place++) switches = 2 * switches + Number(assumptions[SWITCHES[place]!]);
  identity.push(switches);
  if (layer.unit === 'SA') addFields(identity, layer, SA_LAYER);
  else addFields(identity, layer, SIMD_LAYER);
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
