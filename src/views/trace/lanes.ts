/** The lanes of a trace: one per hardware resource, and one that shows the layers. */
import { type DramModel, IDEAL } from '../../model/dram/model.ts';
import type { Layer, SimdLayer } from '../../model/layers/layer.ts';
import { memorySharesOf } from '../../model/machine/memoryShares.ts';
import { INTERFACES, type InterfaceName } from '../../model/machine/observer.ts';
import { simdParts } from '../../model/operations/simdTable.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { isFusedSide } from './fusedSide.ts';

/** The SRAMs that hold tiles. */
export const TILE_SRAMS = ['wbuf', 'ibuf', 'obuf', 'bbuf', 'vmem'] as const;
export type TileSram = (typeof TILE_SRAMS)[number];

const SRAM_NAMES: Readonly<Record<TileSram, string>> = {
  wbuf: 'WBuf',
  ibuf: 'IBuf',
  obuf: 'OBuf',
  bbuf: 'BBuf',
  vmem: 'VMem',
};

/**
 * What a lane stands for. `channel` is a DRAM channel, of which only banked memory has any; `stepped` a row or a column of
 * the PE array, or a stage of the SIMD pipeline, where layers are stepped cycle by cycle.
 */
export type LaneKind = 'layers' | 'unit' | 'interface' | 'slot' | 'channel' | 'stepped';

/** What the lanes of a kind are together. */
export const KIND_NAMES: Readonly<Record<LaneKind, string>> = {
  layers: 'Network',
  unit: 'Compute',
  interface: 'Off-chip interfaces',
  slot: 'SRAM slots',
  channel: 'DRAM channels',
  stepped: 'Below the tile',
};

/** A row of the timeline. Its slices never overlap. */
export interface Lane {
  /** Place among all lanes, from 0. */
  readonly index: number;
  readonly kind: LaneKind;
  /** What filters call it; the slots of an SRAM, the lanes of an interface and all DRAM channels share theirs. */
  readonly key: string;
  readonly name: string;
}

/** The key of an interface's lanes. */
export function interfaceKey(name: InterfaceName): string {
  return `${name}-interface`;
}

/** The key of the DRAM channels' lanes. */
const CHANNEL_KEY = 'dram-channel';

/** The keys of the rows and columns of a stepped PE array, and of the stages of a stepped SIMD pipeline. */
const WAVEFRONT_KEY = 'pe-wavefront';
const STAGES_KEY = 'simd-stages';

/** The component of a key's lanes, where there may be several: an SRAM has slots, an interface lanes. */
export function componentName(key: string): string | undefined {
  if (key === WAVEFRONT_KEY) return 'PE wavefront';
  if (key === STAGES_KEY) return 'SIMD stages';
  const name = INTERFACES.find((each) => interfaceKey(each) === key);
  return name === undefined ? SRAM_NAMES[key as TileSram] : `${name} interface`;
}

const STAGE_NAMES = ['fetch', 'decode', 'address', 'read', 'execute', 'write back'] as const;

/** All keys that a lane filter may name. */
export const LANE_KEYS: readonly string[] = [
  'layers',
  'pe-array',
  'simd',
  ...INTERFACES.map(interfaceKey),
  ...TILE_SRAMS,
  CHANNEL_KEY,
  WAVEFRONT_KEY,
  STAGES_KEY,
];

/** The lanes of a machine, in the order in which they are shown. */
export interface Lanes {
  readonly all: readonly Lane[];
  /** One where layers run one after another. */
  readonly layers: readonly Lane[];
  readonly peArray: Lane;
  readonly simd: Lane;
  /** Per interface its lanes: as many as tiles can be under way at a time, one where transfers never overlap. */
  readonly interfaces: Readonly<Record<InterfaceName, readonly Lane[]>>;
  /** Per SRAM, a lane for each slot. */
  readonly slots: Readonly<Record<TileSram, readonly Lane[]>>;
  readonly channels: readonly Lane[];
  /** Of units that are stepped: rows, then columns; stages. None where no layer is. */
  readonly wavefront: readonly Lane[];
  readonly stages: readonly Lane[];
}

/** What the lanes of a run depend on, beside the hardware point. */
export interface LanesOptions {
  /** Ideal unless given. */
  readonly dram?: DramModel | undefined;
  /** What is run, the two sides of a fused group as two. */
  readonly layers?: readonly Layer[];
  /** Some layers are stepped cycle by cycle. */
  readonly isStepped?: boolean;
  /** Layers run without a barrier between them. */
  readonly isOverlapped?: boolean;
}

/** The lanes that a run needs on a hardware point. */
export function lanesOf(
  hardware: Hardware,
  { dram = IDEAL, layers = [], isStepped = false, isOverlapped = false }: LanesOptions = {},
): Lanes {
  const all: Lane[] = [];
  const lane = (kind: LaneKind, key: string, name: string): Lane => {
    const added = { index: all.length, kind, key, name };
    all.push(added);
    return added;
  };
  const atOnce = dram.kind === 'banked' ? mostTilesUnderWay(hardware, layers) : undefined;
  const offChip = (name: InterfaceName): Lane[] =>
    numbered(`${name} interface`, atOnce?.[name] ?? 1).map((each) => lane('interface', interfaceKey(name), each));
  const slots = (sram: TileSram): Lane[] =>
    Array.from({ length: hardware.slots[sram] }, (_, slot) => lane('slot', sram, `${SRAM_NAMES[sram]} slot ${slot}`));
  return {
    all,
    layers: numbered('Layers', isOverlapped ? mostLayersAtOnce(hardware, layers) : 1).map((name) =>
      lane('layers', 'layers', name),
    ),
    peArray: lane('unit', 'pe-array', 'PE array'),
    simd: lane('unit', 'simd', 'SIMD pipeline'),
    interfaces: {
      weight: offChip('weight'),
      ifmap: offChip('ifmap'),
      psum: offChip('psum'),
      vmem: offChip('vmem'),
    },
    slots: {
      wbuf: slots('wbuf'),
      ibuf: slots('ibuf'),
      obuf: slots('obuf'),
      bbuf: slots('bbuf'),
      vmem: slots('vmem'),
    },
    channels: channelNames(dram).map((name) => lane('channel', CHANNEL_KEY, name)),
    wavefront: isStepped ? wavefrontNames(hardware).map((name) => lane('stepped', WAVEFRONT_KEY, name)) : [],
    stages: isStepped ? STAGE_NAMES.map((name) => lane('stepped', STAGES_KEY, `SIMD ${name}`)) : [],
  };
}

/** Names of lanes that are alike: all but the first have a number. */
function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, place) => (place === 0 ? name : `${name} ${place + 1}`));
}

/**
 * Layers that can be under way at a time where they overlap. Those that have begun before their unit has turned to them,
 * and those with stores to come when it has turned to the next, hold a slot: further ahead than OBuf's or VMem's are weights
 * and ifmaps.
 */
function mostLayersAtOnce({ slots }: Hardware, { length }: readonly Layer[]): number {
  const onArray = 1 + slots.obuf + Math.max(slots.wbuf, slots.ibuf);
  return Math.min(Math.max(length, 1), onArray + 1 + slots.vmem);
}

/**
 * Tiles that a banked memory can be moving over an interface at a time: one per slot that they come from or go to, on
 * the SIMD array all loads or all stores of a step.
 */
function mostTilesUnderWay({ slots }: Hardware, layers: readonly Layer[]): Record<InterfaceName, number> {
  const operands = layers.flatMap((layer) =>
    layer.unit === 'SA' ? [] : isFusedSide(layer) ? [layer.mostTransfers] : transfersOf(layer),
  );
  return {
    weight: slots.wbuf + slots.bbuf,
    ifmap: slots.ibuf,
    psum: slots.obuf,
    vmem: slots.vmem * Math.max(1, ...operands),
  };
}

function transfersOf(layer: SimdLayer): number[] {
  return simdParts(layer).flatMap(({ loads, stores }) => [loads.length, stores.length]);
}

function wavefrontNames({ array }: Hardware): string[] {
  const ofKind = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, place) => `PE ${name} ${place}`);
  return [...ofKind('row', array.rows), ...ofKind('column', array.columns)];
}

/** The channels of all memories, in the order of their numbers. */
function channelNames(dram: DramModel): string[] {
  if (dram.kind !== 'banked') return [];
  return memorySharesOf(dram).flatMap(({ names, channels }) => {
    const owner = names.length === 1 ? `${names[0]} ` : '';
    return Array.from({ length: channels }, (_, channel) => `${owner}DRAM channel ${channel}`);
  });
}
