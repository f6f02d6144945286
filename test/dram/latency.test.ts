import { expect, it } from 'vitest';
import { LatencyPort } from '../../src/model/dram/latency.ts';

it('a transfer takes the latency, then whole bursts at a share of the bandwidth', () => {
  // Bursts of 4 bytes at half of 8 bits a cycle: 8 cycles each.
  const port = new LatencyPort(8, { latencyCycles: 10, jitterCycles: 0, burstBytes: 4, efficiency: 0.5 }, 'seed');
  expect([1, 32, 33, 64].map((bits) => port.transferCycles(bits))).toEqual([18, 18, 26, 26]);
});

it('and up to its jitter more, every whole number of cycles', () => {
  const port = new LatencyPort(32, { latencyCycles: 10, jitterCycles: 2, burstBytes: 4, efficiency: 1 }, 'seed');
  const seen = Array.from({ length: 200 }, () => port.transferCycles(32));
  expect([...new Set(seen)].sort()).toEqual([11, 12, 13]);
});
