/** Machines for random networks whose layers overlap. */
import fc from 'fast-check';
import type { Hardware } from '../../src/model/schemas/hardware.ts';

const upTo = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const bandwidth = fc.constantFrom(4, 8, 16, 32, 64, 256);
const slots = upTo(1, 3);

/** Arrays, memories and bandwidths so small that tiles and waits of every kind occur. */
export const smallMachines: fc.Arbitrary<Hardware> = fc
  .record({
    array: fc.record({ rows: upTo(1, 4), columns: upTo(1, 4) }),
    slots: fc.record({ wbuf: slots, ibuf: slots, obuf: slots, bbuf: slots, vmem: slots }),
    bitsPerCycle: fc.record({ weight: bandwidth, ifmap: bandwidth, psum: bandwidth, vmem: bandwidth }),
    sramKiB: fc.record({ wbuf: upTo(1, 2), ibuf: upTo(1, 2), obuf: upTo(1, 2), bbuf: upTo(1, 2), vmem: upTo(1, 4) }),
  })
  .map(({ sramKiB, ...more }) => ({
    name: 'random',
    ...more,
    sramKiB: { ...sramKiB, imem: 1 },
    bits: { weight: 8, ifmap: 8, psum: 32, bias: 32 },
    aluCycles: { add: 1, sub: 1, mul: 1, div: 9, max: 1, exp: 3, invSqrt: 13, condMove: 1, min: 1, mac: 1 },
    clockPicoseconds: 1000,
  }));
