/** The numbers that make a case of an operation: sizes, tile, loop order, hardware; and how far each may go. */
import { BOUNDS } from '../../model/schemas/bounds.ts';
import { HARDWARE_PARAMETERS, type HardwareParameter } from '../../model/tiling/costIdentity.ts';
import { LOOP_ORDERS } from './loopOrders.ts';
import type { HuntedOperation } from './operations.ts';

/** The least and the largest value of a number. */
export interface Span {
  readonly least: number;
  readonly most: number;
}

/** Values by the names of the numbers; all whole. */
export type Point = Readonly<Record<string, number>>;

/** Images per batch. */
export const BATCH = 'N';
/** 1: the tile is one that the workload file gives, and not the generator's. */
export const IS_TILED = 'tile';
/** The number of the loop order; 0 is the default. */
export const ORDER = 'order';
/** Bits per element of a SIMD layer's input and output. */
export const WIDTHS = ['b_in', 'b_out'] as const;

/** Sides of a tile, and of which size of the network each is a part. */
export const TILE_SIDES = {
  SA: { T_oc: 'OC', T_ic: 'IC', T_kh: 'KH', T_kw: 'KW', T_n: BATCH, T_oh: 'OH', T_ow: 'OW' },
  SIMD: { T_c: 'C', T_n: BATCH, T_h: 'H', T_w: 'W' },
} as const satisfies Record<'SA' | 'SIMD', Record<string, string>>;

/** Of a size, an array's side, a KiB or a bandwidth. */
const LARGEST = 65_536;

const SMALL: Span = { least: 1, most: 6 };
const LARGE: Span = { least: 1, most: 24 };
const CHANNELS: Span = { least: 1, most: 48 };
const STEP: Span = { least: 1, most: 3 };
const PITCH: Span = { least: 1, most: 2 };

/** Sizes of layers: so small that the machine runs thousands of them in a second. */
const LAYER_SPANS: Readonly<Record<string, Span>> = {
  OC: CHANNELS,
  IC: CHANNELS,
  C: CHANNELS,
  ...{ OH: LARGE, OW: LARGE, H: LARGE, W: LARGE },
  ...{ KH: SMALL, KW: SMALL, [BATCH]: SMALL },
  ...{ G: STEP, S_h: STEP, S_w: STEP, D_h: PITCH, D_w: PITCH },
  [IS_TILED]: { least: 0, most: 1 },
  [ORDER]: { least: 0, most: LOOP_ORDERS - 1 },
  ...{ b_in: { least: 1, most: 32 }, b_out: { least: 1, most: 32 } },
};

const ARRAY: Span = { least: 1, most: 16 };
const BITS: Span = { least: 1, most: 32 };
const KIB: Span = { least: 1, most: 64 };
const BANDWIDTH: Span = { least: 1, most: 256 };
const CYCLES: Span = { least: 1, most: 12 };
const exactly = (value: number): Span => ({ least: value, most: value });

/** Numbers of the hardware file by their groups; slots are the paper's: double buffering, a single one in VMem. */
function hardwareSpan(parameter: HardwareParameter): Span | undefined {
  const [group, field] = parameter.split('.') as [string, string | undefined];
  switch (group) {
    case 'array':
      return ARRAY;
    case 'bits':
      return BITS;
    case 'sramKiB':
      return field === 'imem' ? undefined : KIB;
    case 'slots':
      return exactly(field === 'vmem' ? 1 : 2);
    case 'bitsPerCycle':
      return BANDWIDTH;
    case 'aluCycles':
      return CYCLES;
    default:
      return undefined;
  }
}

/** The numbers of the hardware file that can be hunted on, with their spans. */
export const HARDWARE_SPANS: Readonly<Record<string, Span>> = Object.fromEntries(
  (Object.keys(HARDWARE_PARAMETERS) as HardwareParameter[]).flatMap((parameter) => {
    const span = hardwareSpan(parameter);
    return span === undefined ? [] : [[parameter, span]];
  }),
);

/** The spans of all numbers unless a hunt says otherwise. A tile's sides go as far as the layer does. */
export const DEFAULT_SPANS: Readonly<Record<string, Span>> = { ...LAYER_SPANS, ...HARDWARE_SPANS };

/** How far a bounds file may let a number go: a hunt is for small cases, and what is too large is never run. */
export const LIMITS: Readonly<Record<string, Span>> = Object.fromEntries(
  Object.entries(DEFAULT_SPANS).map(([name, { least }]) => [name, limitOf(name, least)]),
);

function limitOf(name: string, least: number): Span {
  if (name === IS_TILED || name === ORDER) return DEFAULT_SPANS[name]!;
  if (name.startsWith('slots.')) return { least: 1, most: BOUNDS.slots.most };
  if (name.startsWith('bits.') || (WIDTHS as readonly string[]).includes(name)) {
    return { least: 1, most: BOUNDS.elementBits.most };
  }
  if (name.startsWith('aluCycles.')) return { least: 1, most: BOUNDS.aluCycles.most };
  return { least: Math.min(1, least), most: LARGEST };
}

/** What is hunted on with one operation. */
export interface HuntSpace {
  readonly operation: HuntedOperation;
  /** The numbers in the order in which they are made smaller: sizes, tile, order, hardware. */
  readonly names: readonly string[];
  readonly spans: Readonly<Record<string, Span>>;
}

/** Numbers of the hardware on which the layers of a unit depend. */
function hardwareNames(unit: 'SA' | 'SIMD'): string[] {
  return Object.keys(HARDWARE_SPANS).filter((name) => HARDWARE_PARAMETERS[name as HardwareParameter][unit] !== 'none');
}

/** The space of an operation within some spans; with a hardware of the user's, its numbers are not among the space's. */
export function spaceOf(
  operation: HuntedOperation,
  spans: Readonly<Record<string, Span>>,
  isHardwareGiven: boolean,
): HuntSpace {
  const { network, unit, tile } = operation;
  const sides = tile === undefined ? [] : Object.keys(TILE_SIDES[tile]);
  const ofTile = tile === undefined ? [] : [IS_TILED, ...sides];
  const ofLayer = tile === 'SA' ? [ORDER] : tile === 'SIMD' ? WIDTHS : [];
  const names = [BATCH, ...network.sizes, ...ofTile, ...ofLayer, ...(isHardwareGiven ? [] : hardwareNames(unit))];
  const sideSpans = Object.fromEntries(sides.map((side) => [side, { least: 1, most: Number.MAX_SAFE_INTEGER }]));
  return {
    operation,
    names,
    spans: Object.fromEntries(names.map((name) => [name, spans[name] ?? sideSpans[name]!])),
  };
}
