/** The names that depend on the hardware alone. */
import type { Layer } from '../layers/layer.ts';
import { ALU_OPS, type AluOp } from '../operations/simdRow.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../schemas/hardware.ts';
import { HARDWARE_PARAMETERS, type HardwareParameter } from '../tiling/costIdentity.ts';
import { perDimension, type Quantities } from './quantity.ts';

/** A number of the hardware file; 0 where the file has none. */
function hardwareNumber(hardware: Hardware, path: string): number {
  let at: unknown = hardware;
  for (const key of path.split('.')) at = (at as Readonly<Record<string, unknown>> | undefined)?.[key];
  return typeof at === 'number' ? at : 0;
}

const UNIT_OF_HARDWARE: Readonly<Record<string, string>> = {
  array: 'PEs',
  bits: 'bits',
  sramKiB: 'KiB',
  slots: 'tiles',
  bitsPerCycle: 'bits/cycle',
  aluCycles: 'cycles',
  instructionLoading: 'bits/cycle',
  clockPicoseconds: 'ps',
};

/** What depends on the hardware alone. */
export const HARDWARE_QUANTITIES: Quantities<Layer> = {
  J: { unit: 'PEs', meaning: 'rows of the PE array', read: (_, { array }) => array.rows },
  K: {
    unit: 'PEs',
    meaning: 'columns of the PE array, lanes of the SIMD array',
    read: (_, { array }) => array.columns,
  },
  BW_w: { unit: 'bits/cycle', meaning: 'of weights and biases', read: (_, { bitsPerCycle }) => bitsPerCycle.weight },
  BW_w_usable: {
    unit: 'bits/cycle',
    meaning: 'what the array takes of it: min(BW_w, J · bits.weight)',
    read: (_, hardware) => usableWeightBitsPerCycle(hardware),
  },
  BW_i: { unit: 'bits/cycle', meaning: 'of ifmaps', read: (_, { bitsPerCycle }) => bitsPerCycle.ifmap },
  BW_o: { unit: 'bits/cycle', meaning: 'of psums and ofmaps', read: (_, { bitsPerCycle }) => bitsPerCycle.psum },
  BW_v: { unit: 'bits/cycle', meaning: 'of VMem', read: (_, { bitsPerCycle }) => bitsPerCycle.vmem },
  ...perDimension<Layer, AluOp>(
    ALU_OPS,
    (alu) => `λ_${alu}`,
    (alu) => ({
      unit: 'cycles',
      meaning: `an ALU takes for ${alu}, also aluCycles.${alu}`,
      read: (_, { aluCycles }) => aluCycles[alu],
    }),
  ),
  ...perDimension<Layer, HardwareParameter>(
    Object.keys(HARDWARE_PARAMETERS) as HardwareParameter[],
    (path) => path,
    (path) => ({
      unit: UNIT_OF_HARDWARE[path.split('.')[0]!]!,
      meaning: path === 'instructionLoading.bitsPerCycle' ? 'of the hardware file, 0 without' : 'of the hardware file',
      read: (_, hardware) => hardwareNumber(hardware, path),
    }),
  ),
};
