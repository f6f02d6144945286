import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { BeyondExactness } from '../../src/model/layers/exactness.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { runNetwork, totalsOf } from '../../src/model/network/network.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { LARGEST_EXACT } from '../../src/model/schemas/bounds.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph } from '../../src/model/workload/graph.ts';
import { complete } from '../support/complete.ts';
import { hardwarePreset } from '../support/presets.ts';

/** A ReLU over 16 channels, as wide as HI1's SIMD array, on planes of H × W. */
function relu(hardware: Hardware, H: number, W: number, batch: number): Layer {
  const dimensions = { C: 16, H, W };
  const layers = [{ name: 'r', op: 'relu', inputs: ['input'], dimensions }];
  const graph = buildGraph(parseWorkload({ name: 'net', input: dimensions, layers }, 'net.json'), 'net.json');
  return tileProgram(inferenceProgram(graph, batch), hardware)[0]!;
}

const hardware = hardwarePreset('HI1');
/** A bit takes 1024 cycles. */
const slow = { ...hardware, bitsPerCycle: { ...hardware.bitsPerCycle, vmem: 2 ** -10 } };

/** Half of HI1's VMem, 64 KiB, holds 2¹⁹ bits of 32-bit elements in 16 channels: planes of 2¹⁰, 32 × 32. */
const whole = (batch: number, on = hardware): Layer => ({ ...relu(on, 32, 32, batch) });

describe('figures up to 2⁵³', () => {
  it('are exact, however many tiles there are', () => {
    // One slot: load, compute and store of a tile take turns, and every image is a tile.
    const one = new Machine(hardware).run(whole(1), HARDWARE);
    const images = 999_999_937;
    const { totalCycles, computeCycles, stallCycles, dramBits, tiles } = new Machine(hardware).run(
      whole(images),
      HARDWARE,
    );
    expect(tiles).toBe(images);
    const times = (figure: number): bigint => BigInt(figure) * BigInt(images);
    expect(BigInt(totalCycles)).toBe(times(one.totalCycles));
    expect(BigInt(computeCycles) + BigInt(stallCycles)).toBe(times(one.totalCycles));
    expect(BigInt(dramBits.ifmap)).toBe(times(16 * 32 * 32 * 32));
  });

  it('are refused where they would pass that, at once and with the name of the layer', () => {
    // In and out go 2 · 16 · 32 · 32 · 32 bits, at 2⁻¹⁰ bits per cycle 2³⁰ cycles a tile. Compute takes 32 · 32 and the
    // pipeline 5 + 15: ⌊(2⁵³ − 1) / (2³⁰ + 1044)⌋ = 8,388,599 images fit, 9 fewer than the 2²³ of the transfers alone.
    const most = 8_388_599;
    expect(new Machine(slow).run(whole(1, slow), HARDWARE).totalCycles).toBe(2 ** 30 + 1044);
    expect(new Machine(slow).run(whole(most, slow), HARDWARE).totalCycles).toBeLessThanOrEqual(LARGEST_EXACT);
    const beyond = () => new Machine(slow).run(whole(most + 1, slow), HARDWARE);
    expect(beyond).toThrow(BeyondExactness);
    expect(beyond).toThrow(/^layer r: totalCycles: got 9007\d{12}, expected at most 9007199254740991 \(2⁵³ − 1/);
    expect(() => closedForm(whole(most + 1, slow), slow, 'published')).toThrow(/^layer r: totalCycles: got 9007/);
  });

  it('are refused in sums over layers', () => {
    const half = whole(2 ** 22 + 2 ** 21, slow);
    const outcomes = (layers: readonly Layer[]) => complete(runNetwork(layers, slow, HARDWARE, 'published')).layers;
    expect(() => totalsOf(outcomes([half]))).not.toThrow();
    expect(() => totalsOf(outcomes([half, half]))).toThrow(
      /^all layers: totalCycles: got 1351\d{13}, expected at most/,
    );
  });

  it('are refused before tiles are sought where the layer alone passes them', () => {
    // 16 · 2²⁰ · 2²⁰ elements in each of 2⁹ images are 2⁵³.
    expect(() => relu(hardware, 2 ** 20, 2 ** 20, 2 ** 9)).toThrow(
      'net.json: layer r: executions of an instruction: got 9007199254740992, expected at most 9007199254740991',
    );
    expect(() => relu(hardware, 2 ** 20, 2 ** 20, 2 ** 8)).not.toThrow();
  });
});
