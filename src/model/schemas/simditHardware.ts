/** SimDIT's own hardware file: 18 flat keys, without clock and latencies (those of the phase are taken). */
import { z } from 'zod';
import { ALU_CYCLES, CLOCK_PICOSECONDS } from './aluCycles.ts';
import { BOUNDS, countUpTo } from './bounds.ts';
import { type Hardware, parseHardware, smallestSramKiB } from './hardware.ts';
import { InputError, Problems } from './inputError.ts';
import { validate } from './parse.ts';

/** What such a file holds. Few runs read one: the schema is made for those that do. */
function simditHardwareSchema() {
  const side = countUpTo(BOUNDS.arraySide);
  const elementBits = countUpTo(BOUNDS.elementBits);
  const capacity = countUpTo(BOUNDS.capacityBits);
  const bandwidth = countUpTo(BOUNDS.bitsPerCycle);

  return z.strictObject({
    ARRAY_N: side,
    ARRAY_M: side,
    WGT_DATA_WIDTH: elementBits,
    ACT_DATA_WIDTH: elementBits,
    BIAS_WIDTH: elementBits,
    ACC_WIDTH: elementBits,
    IBUF_CAPACITY_BITS: capacity,
    WBUF_CAPACITY_BITS: capacity,
    OBUF_CAPACITY_BITS: capacity,
    BBUF_CAPACITY_BITS: capacity,
    INST_MEM_CAPACITY_BITS: capacity,
    INST_MEM_AXI_DATA_WIDTH: bandwidth,
    IBUF_AXI_DATA_WIDTH: bandwidth,
    PARAMBUF_AXI_DATA_WIDTH: bandwidth,
    OBUF_AXI_DATA_WIDTH: bandwidth,
    SIMD_INST_MEM_ADDR_WIDTH: countUpTo(BOUNDS.addressBits),
    SIMD_VMEM_CAPACITY_BITS: capacity,
    SIMD_AXI_DATA_WIDTH: bandwidth,
  });
}

/** Where the capacity of an SRAM stands, and into how many parts of that size it is divided. */
const CAPACITIES = {
  wbuf: { key: 'WBUF_CAPACITY_BITS', parts: 1 },
  ibuf: { key: 'IBUF_CAPACITY_BITS', parts: 1 },
  obuf: { key: 'OBUF_CAPACITY_BITS', parts: 2 },
  bbuf: { key: 'BBUF_CAPACITY_BITS', parts: 1 },
  vmem: { key: 'SIMD_VMEM_CAPACITY_BITS', parts: 2 },
} as const;

const BITS_PER_KIB = 8192;
const INSTRUCTION_BITS = 32;

/** Whether a parsed file looks like SimDIT's hardware rather than ours. */
export function isSimditHardware(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'ARRAY_N' in value;
}

/** Throws an InputError about the GeneSys compiler's own configuration, which also begins with the array. */
function refuseCompilerConfiguration(value: unknown, file: string): void {
  const key = Object.keys(value as object).find((each) => each.endsWith('_DEPTH'));
  if (key === undefined) return;
  throw new InputError({
    file,
    path: key,
    expected:
      'a hardware file of ours or of SimDIT; this is a configuration of the GeneSys compiler, without bandwidths',
  });
}

/**
 * Reads SimDIT's hardware keys. OBuf and VMem capacities are one of two halves there, the others totals; the
 * INST_MEM keys belong to the systolic side's instruction memory, which is not modelled.
 */
export function parseSimditHardware(
  value: unknown,
  file: string,
  name: string,
  phase: 'inference' | 'training',
): Hardware {
  refuseCompilerConfiguration(value, file);
  const keys = validate(simditHardwareSchema(), value, file);
  const kib = (sram: keyof typeof CAPACITIES): number =>
    (CAPACITIES[sram].parts * keys[CAPACITIES[sram].key]) / BITS_PER_KIB;
  const hardware: Hardware = {
    name,
    array: { rows: keys.ARRAY_N, columns: keys.ARRAY_M },
    bits: { weight: keys.WGT_DATA_WIDTH, ifmap: keys.ACT_DATA_WIDTH, psum: keys.ACC_WIDTH, bias: keys.BIAS_WIDTH },
    sramKiB: {
      wbuf: kib('wbuf'),
      ibuf: kib('ibuf'),
      obuf: kib('obuf'),
      bbuf: kib('bbuf'),
      vmem: kib('vmem'),
      imem: (2 ** keys.SIMD_INST_MEM_ADDR_WIDTH * INSTRUCTION_BITS) / BITS_PER_KIB,
    },
    slots: { wbuf: 2, ibuf: 2, obuf: 2, bbuf: 2, vmem: 1 },
    bitsPerCycle: {
      weight: keys.PARAMBUF_AXI_DATA_WIDTH,
      ifmap: keys.IBUF_AXI_DATA_WIDTH,
      psum: keys.OBUF_AXI_DATA_WIDTH,
      vmem: keys.SIMD_AXI_DATA_WIDTH,
    },
    aluCycles: ALU_CYCLES[phase],
    clockPicoseconds: CLOCK_PICOSECONDS[phase],
  };
  const problems = new Problems();
  for (const [sram, { key, parts }] of Object.entries(CAPACITIES)) {
    const [smallestKib, formula] = smallestSramKiB(hardware)[sram as keyof typeof CAPACITIES];
    const smallest = (smallestKib * BITS_PER_KIB) / parts;
    const half = parts === 2 ? ', of which this is half' : '';
    const expected = `at least ${smallest} bits (${formula}${half}, the smallest valid ${sram})`;
    if (keys[key] < smallest) problems.add({ file, path: key, value: keys[key], expected });
  }
  problems.throwIfAny();
  return parseHardware(hardware, file);
}
