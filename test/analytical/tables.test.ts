import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { addInto, emptyResult, sumOf } from '../../src/model/layers/result.ts';
import {
  hardwarePreset,
  INFERENCE_HARDWARE,
  inferenceLayers,
  TRAINING_HARDWARE,
  trainingLayers,
} from '../support/presets.ts';

const printed = JSON.parse(readFileSync(new URL('../golden/tables.json', import.meta.url), 'utf8')) as Record<
  'VI_resnet50' | 'VII_resnet18',
  Record<string, number[]>
>;

/**
 * Two shares are rounded twice in print (MODEL.md §5): 59.247 → 59.25 → 59.3 and 41.747 → 41.75 → 41.8.
 * Everything else is rounded once.
 */
function isRoundedTwice(network: string, name: string, share: number): boolean {
  const twice: Record<string, string> = { 'resnet50 HT2': '59.247', 'resnet18 HT1': '41.747' };
  return share.toFixed(3) === twice[`${network} ${name}`];
}

describe.each([
  ['VI', 'resnet50', printed.VI_resnet50],
  ['VII', 'resnet18', printed.VII_resnet18],
] as const)('table %s (%s)', (_, network, rows) => {
  it.each([...INFERENCE_HARDWARE, ...TRAINING_HARDWARE])('prints the non-conv shares and the runtime of %s', (name) => {
    const hardware = hardwarePreset(name);
    const totals = { SA: emptyResult(), SIMD: emptyResult() };
    const isTraining = name.startsWith('HT');
    const layers = isTraining ? trainingLayers(network, hardware, 'published') : inferenceLayers(network, hardware);
    for (const layer of layers) {
      addInto(totals[layer.unit], closedForm(layer, hardware, 'published'));
    }
    const { SA, SIMD } = totals;
    const percent = (nonConv: number, conv: number): number => {
      const share = (100 * nonConv) / (nonConv + conv);
      return Number((isRoundedTwice(network, name, share) ? Number(share.toFixed(2)) + 1e-9 : share).toFixed(1));
    };
    const seconds = ((SA.totalCycles + SIMD.totalCycles) * hardware.clockPicoseconds) / 1e12;
    const [runtime, onChip, offChip, , , runtimeSeconds] = rows[name]!;
    expect(percent(SIMD.totalCycles, SA.totalCycles)).toBe(runtime);
    expect(percent(sumOf(SIMD.sramBits), sumOf(SA.sramBits))).toBe(onChip);
    expect(percent(sumOf(SIMD.dramBits), sumOf(SA.dramBits))).toBe(offChip);
    const digits = isTraining ? 2 : 3;
    expect(seconds.toFixed(digits)).toBe(runtimeSeconds!.toFixed(digits));
  });
});
