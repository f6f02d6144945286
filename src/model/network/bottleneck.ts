/** Why a simulated layer takes as long as it does: how busy everything was, and which roof bounds it. */

import type { Layer } from '../layers/layer.ts';
import { type Result, sumOf } from '../layers/result.ts';
import { share } from '../layers/share.ts';
import type { SimulatedResult } from '../machine/statistics.ts';
import type { Hardware } from '../schemas/hardware.ts';

const BITS_PER_BYTE = 8;

/** Shares of a layer's (or network's) total cycles, and its place under the roofs. */
export interface Bottleneck {
  /** MACs per J·K·cycle on the SA; vectors in execution per cycle on the SIMD array. */
  readonly computeUtilisation: number;
  /** Busy cycles per cycle. */
  readonly interfaceUtilisation: SimulatedResult['interfaceBusyCycles'];
  /** Accessed bits over what the ports of each SRAM can move: J·K weights, J ifmap elements, K psums in and out a cycle, … */
  readonly sramUtilisation: Record<'wbuf' | 'ibuf' | 'obuf' | 'bbuf' | 'vmem' | 'imem', number>;
  /** Operations per byte of DRAM traffic. */
  readonly opsPerDramByte: number;
  /** What takes longest on its own: the unit's arithmetic or one interface's transfers. */
  readonly roof: 'compute' | keyof SimulatedResult['interfaceBusyCycles'];
  /** How much of the total time that alone would take: 1 means that the layer sits on its roof. */
  readonly shareOfRoof: number;
}

function sramUtilisation(result: Result, hardware: Hardware): Bottleneck['sramUtilisation'] {
  const { array, bits } = hardware;
  const { sramBits, totalCycles } = result;
  const of = (accessed: number, portBits: number): number => share(accessed, portBits * totalCycles);
  return {
    wbuf: of(sramBits.wbuf, array.rows * array.columns * bits.weight),
    ibuf: of(sramBits.ibuf, array.rows * bits.ifmap),
    obuf: of(sramBits.obuf, 2 * array.columns * bits.psum),
    bbuf: of(sramBits.bbuf, array.columns * bits.bias),
    // Two operands in, one result out, for each of K lanes.
    vmem: of(sramBits.vmem, 3 * array.columns * bits.psum),
    imem: of(sramBits.imem, 32),
  };
}

/** Analyses a simulated layer, or the sums of several on one unit. */
export function bottleneckOf(unit: Layer['unit'], result: SimulatedResult, hardware: Hardware): Bottleneck {
  const { totalCycles, interfaceBusyCycles, computeCycles, fillCycles } = result;
  const pes = hardware.array.rows * hardware.array.columns;
  const arithmeticCycles = unit === 'SA' ? result.opCounts.mac / pes : computeCycles - fillCycles;
  const candidates: [Bottleneck['roof'], number][] = [
    ['compute', arithmeticCycles],
    ...(Object.entries(interfaceBusyCycles) as [keyof typeof interfaceBusyCycles, number][]),
  ];
  const [roof, cycles] = candidates.reduce((longest, each) => (each[1] > longest[1] ? each : longest));
  const { weight, ifmap, psum, vmem } = interfaceBusyCycles;
  return {
    computeUtilisation: share(arithmeticCycles, totalCycles),
    interfaceUtilisation: {
      weight: share(weight, totalCycles),
      ifmap: share(ifmap, totalCycles),
      psum: share(psum, totalCycles),
      vmem: share(vmem, totalCycles),
    },
    sramUtilisation: sramUtilisation(result, hardware),
    opsPerDramByte: share(result.ops * BITS_PER_BYTE, sumOf(result.dramBits)),
    roof,
    shareOfRoof: share(cycles, totalCycles),
  };
}
