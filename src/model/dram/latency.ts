/** DRAM as a pipe with latency: what-if studies between the ideal pipe and banks. */
import seedrandom from 'seedrandom';
import type { InterfaceLatency } from '../schemas/latency.ts';
import type { DramPort } from './ideal.ts';

const BITS_PER_BYTE = 8;

/** Latency, then whole bursts at a share of the bandwidth; the jitter is drawn from the seed, transfer by transfer. */
export class LatencyPort implements DramPort {
  private readonly spec: InterfaceLatency;
  private readonly bitsPerCycle: number;
  private readonly random: seedrandom.PRNG;

  constructor(bitsPerCycle: number, spec: InterfaceLatency, seed: string) {
    this.spec = spec;
    this.bitsPerCycle = bitsPerCycle * spec.efficiency;
    this.random = seedrandom(seed);
  }

  transferCycles(bits: number): number {
    const { latencyCycles, jitterCycles, burstBytes } = this.spec;
    const burstBits = BITS_PER_BYTE * burstBytes;
    const jitter = jitterCycles === 0 ? 0 : Math.floor(this.random() * (jitterCycles + 1));
    return latencyCycles + jitter + Math.ceil((Math.ceil(bits / burstBits) * burstBits) / this.bitsPerCycle);
  }
}
