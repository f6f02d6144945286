/** Where depthwise convolutions run, by option; and SCALE-Sim's formula in place of a user's. */
import { describe, expect, it } from 'vitest';
import { systole } from '../support/cli.ts';

interface Run {
  readonly layers: readonly { readonly name: string; readonly unit: string }[];
  readonly totals: { readonly all: { readonly simulated: { readonly totalCycles: number } } };
}
const json = (...args: string[]): unknown => {
  const { status, stdout, stderr } = systole(...args, '--format', 'json');
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
};
const HI3 = ['--hardware', 'HI3', '--workload', 'mobilenet_v2'];

describe('--depthwise', () => {
  const units = (run: Run): Set<string> =>
    new Set(run.layers.filter(({ name }) => /\.conv\.(0|1)\.0$/.test(name)).map(({ unit }) => unit));

  it('puts them on the PE array; the SIMD array is the default', () => {
    const [asFile, lanes, pes] = [[], ['--depthwise', 'SIMD'], ['--depthwise', 'SA']].map(
      (option) => json('run', ...HI3, ...option) as Run,
    ) as [Run, Run, Run];
    expect(lanes.totals).toEqual(asFile.totals);
    expect(units(lanes)).toEqual(new Set(['SA', 'SIMD']));
    expect(units(pes)).toEqual(new Set(['SA']));
  });

  it('is what explain tries for such a layer, and for no other', () => {
    const layer = ['--layer', 'features.1.conv.0.0'];
    const cyclesOf = (unit: string): unknown =>
      (
        json('run', ...HI3, '--depthwise', unit) as { layers: { name: string; simulated: { totalCycles: number } }[] }
      ).layers.find(({ name }) => name === layer[1])!.simulated.totalCycles;
    const elsewhere = (more: string[]): unknown =>
      (json('explain', ...HI3, ...more) as { elsewhere?: unknown }).elsewhere;
    expect(elsewhere(layer)).toEqual({ unit: 'SA', totalCycles: cyclesOf('SA') });
    expect(elsewhere([...layer, '--depthwise', 'SA'])).toEqual({ unit: 'SIMD', totalCycles: cyclesOf('SIMD') });
    expect(elsewhere(['--layer', 'features.0.0'])).toBeUndefined();
  });

  it('is what check tries for all of them together', () => {
    const cyclesOn = (unit: string): number =>
      (json('run', ...HI3, '--depthwise', unit) as Run).totals.all.simulated.totalCycles;
    const { depthwise } = json('check', ...HI3) as { depthwise: Record<string, number> };
    expect(depthwise).toMatchObject({ layers: 17, otherUnit: 'SA' });
    // What comes next to a layer decides its width: nothing else of the network takes longer or shorter by much.
    const moved = depthwise['cyclesThere']! - depthwise['cycles']!;
    expect(moved / (cyclesOn('SA') - cyclesOn('SIMD'))).toBeCloseTo(1, 1);
    const { stdout } = systole('check', ...HI3);
    const words = `17 depthwise layers take ${depthwise['cycles']!.toLocaleString('en')} cycles on the SIMD array;`;
    expect(stdout.replace(/\s+/g, ' ')).toContain(words);
    expect(json('check', '--hardware', 'HI3', '--workload', 'resnet18')).not.toHaveProperty('depthwise');
  });

  it.each([
    [['resnet18', '--depthwise', 'SA'], 'a network with depthwise convolutions, without which it changes nothing'],
    [['mobilenet_v2', '--depthwise', 'PE'], 'SIMD, SA'],
  ])('is refused where it means nothing: %j', ([network, ...option], message) => {
    const { status, stderr } = systole('run', '--hardware', 'HI3', '--workload', network!, ...option);
    expect([status, stderr.includes(message)]).toEqual([2, true]);
  });
});

describe('check --against scale-sim', () => {
  it("compares SCALE-Sim's stall-free formula with the simulated cycles, layer by layer", () => {
    const list = 'test/importers/scalesim/scalesim_alexnet.csv';
    const { against } = json('check', '--hardware', 'HI3', '--workload', list, '--against', 'scale-sim') as {
      against: { layers: { name: string; predicted: number }[]; notPredicted: string[] };
    };
    expect(against.notPredicted).toEqual([]);
    // 224×224 images and 11×11 windows in steps of 4: 55 rounded up from 54.25 (and 96 filters, two passes of 64) and
    // 3·121 = 363 products, six passes of 64. Each takes 55·55 pixels and 2·64 + 64 − 2 cycles.
    const conv1 = against.layers.find(({ name }) => name === 'Conv1')!;
    expect(conv1.predicted).toBe(6 * 2 * (55 * 55 + 190) - 1);
  });
});
