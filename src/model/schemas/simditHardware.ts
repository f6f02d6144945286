/** SimDIT's own hardware file: 18 flat keys, without clock and latencies (those of the phase are taken). */
import { z } from 'zod';
import { ALU_CYCLES, CLOCK_PICOSECONDS } from './aluCycles.ts';
import { type Hardware, parseHardware } from './hardware.ts';
import { validate } from './parse.ts';

const count = z.int().positive();

const simditHardwareSchema = z.strictObject({
  ARRAY_N: count,
  ARRAY_M: count,
  WGT_DATA_WIDTH: count,
  ACT_DATA_WIDTH: count,
  BIAS_WIDTH: count,
  ACC_WIDTH: count,
  IBUF_CAPACITY_BITS: count,
  WBUF_CAPACITY_BITS: count,
  OBUF_CAPACITY_BITS: count,
  BBUF_CAPACITY_BITS: count,
  INST_MEM_CAPACITY_BITS: count,
  INST_MEM_AXI_DATA_WIDTH: count,
  IBUF_AXI_DATA_WIDTH: count,
  PARAMBUF_AXI_DATA_WIDTH: count,
  OBUF_AXI_DATA_WIDTH: count,
  SIMD_INST_MEM_ADDR_WIDTH: count,
  SIMD_VMEM_CAPACITY_BITS: count,
  SIMD_AXI_DATA_WIDTH: count,
});

const BITS_PER_KIB = 8192;
const INSTRUCTION_BITS = 32;

/** Whether a parsed file looks like SimDIT's hardware rather than ours. */
export function isSimditHardware(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'ARRAY_N' in value;
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
  const keys = validate(simditHardwareSchema, value, file);
  return parseHardware(
    {
      name,
      array: { rows: keys.ARRAY_N, columns: keys.ARRAY_M },
      bits: { weight: keys.WGT_DATA_WIDTH, ifmap: keys.ACT_DATA_WIDTH, psum: keys.ACC_WIDTH, bias: keys.BIAS_WIDTH },
      sramKiB: {
        wbuf: keys.WBUF_CAPACITY_BITS / BITS_PER_KIB,
        ibuf: keys.IBUF_CAPACITY_BITS / BITS_PER_KIB,
        obuf: (2 * keys.OBUF_CAPACITY_BITS) / BITS_PER_KIB,
        bbuf: keys.BBUF_CAPACITY_BITS / BITS_PER_KIB,
        vmem: (2 * keys.SIMD_VMEM_CAPACITY_BITS) / BITS_PER_KIB,
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
    },
    file,
  );
}
