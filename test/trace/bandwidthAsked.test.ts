import { describe, expect, it } from 'vitest';
import { BandwidthAsked } from '../../src/views/trace/bandwidthAsked.ts';
import type { CounterSample } from '../../src/views/trace/slice.ts';
import { SteppedCounter } from '../../src/views/trace/steppedCounter.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';

const [layer] = inferenceLayers('alexnet', hardwarePreset('HI3'));

/** The steps of an interface of 10 bits a cycle as [cycle, bits per cycle]; a transfer is [bits, start, end, next start]. */
function steps(...transfers: [number, number, number, number?][]): [number, number][] {
  const samples: CounterSample[] = [];
  const sink = { slice: () => true, flow: () => true, counter: (sample: CounterSample) => samples.push(sample) > 0 };
  const counter = new SteppedCounter({ name: 'used', unit: 'bits/cycle', key: 'weight-interface' }, sink);
  const used = new BandwidthAsked(counter, 10);
  for (const [bits, start, end, next] of transfers) used.transfer(bits, layer!, start, end, next);
  used.flush();
  return samples.map(({ cycle, value }) => [cycle, value]);
}

describe('the bandwidth asked for', () => {
  it("is a transfer's bits over its cycles, and 0 in between", () => {
    expect(steps([400, 0, 100], [300, 150, 200])).toEqual([
      [0, 4],
      [100, 0],
      [150, 6],
      [200, 0],
    ]);
  });

  it('of a transfer that began before the one ahead of it ended counts from that end', () => {
    // 240 bits in 100–130: 8 a cycle, less than 10.
    expect(steps([400, 0, 100, 90], [240, 90, 130])).toEqual([
      [0, 4],
      [100, 8],
      [130, 0],
    ]);
  });

  it('is spread over both where the interface cannot have moved so much since that end', () => {
    // 50 bits in 1 cycle are too many: with the 354 before them, 404 in 101 cycles.
    expect(steps([354, 0, 100, 90], [50, 90, 101])).toEqual([
      [0, 4],
      [101, 0],
    ]);
    // The same for two that end together.
    expect(steps([350, 0, 100, 90], [50, 90, 100])).toEqual([
      [0, 4],
      [100, 0],
    ]);
  });

  it('reaches back over as many transfers as it takes', () => {
    // 60 bits in 101–102 join 8 in 100–101: 34 a cycle still; with 340 in 0–100 these are 408 in 102 cycles.
    expect(steps([340, 0, 100, 90], [8, 90, 101, 92], [60, 92, 102])).toEqual([
      [0, 4],
      [102, 0],
    ]);
  });
});
