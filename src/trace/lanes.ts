/** The lanes of a trace: one per hardware resource, and one that shows the layers. */
import { INTERFACES, type InterfaceName } from '../machine/observer.ts';
import type { Hardware } from '../spec/hardware.ts';

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

/** What a lane stands for. `channel` is a DRAM channel, of which the ideal DRAM has none. */
export type LaneKind = 'layers' | 'unit' | 'interface' | 'slot' | 'channel';

/** A row of the timeline. Its slices never overlap. */
export interface Lane {
  /** Place among all lanes, from 0. */
  readonly index: number;
  readonly kind: LaneKind;
  /** What filters call it; the slots of an SRAM share theirs. */
  readonly key: string;
  readonly name: string;
}

/** The key of an interface's lane. */
export function interfaceKey(name: InterfaceName): string {
  return `${name}-interface`;
}

/** All keys that a lane filter may name. */
export const LANE_KEYS: readonly string[] = [
  'layers',
  'pe-array',
  'simd',
  ...INTERFACES.map(interfaceKey),
  ...TILE_SRAMS,
];

/** The lanes of a machine, in the order in which they are shown. */
export interface Lanes {
  readonly all: readonly Lane[];
  readonly layers: Lane;
  readonly peArray: Lane;
  readonly simd: Lane;
  readonly interfaces: Readonly<Record<InterfaceName, Lane>>;
  /** Per SRAM, a lane for each slot. */
  readonly slots: Readonly<Record<TileSram, readonly Lane[]>>;
}

/** The lanes of a hardware point. */
export function lanesOf(hardware: Hardware): Lanes {
  const all: Lane[] = [];
  const lane = (kind: LaneKind, key: string, name: string): Lane => {
    const added = { index: all.length, kind, key, name };
    all.push(added);
    return added;
  };
  const offChip = (name: InterfaceName): Lane => lane('interface', interfaceKey(name), `${name} interface`);
  const slots = (sram: TileSram): Lane[] =>
    Array.from({ length: hardware.slots[sram] }, (_, slot) => lane('slot', sram, `${SRAM_NAMES[sram]} slot ${slot}`));
  return {
    all,
    layers: lane('layers', 'layers', 'Layers'),
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
  };
}
