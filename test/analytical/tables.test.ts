import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/analytical/closedForm.ts';
import { addInto, emptyResult, sumOf } from '../../src/layers/result.ts';
import { hardwarePreset, INFERENCE_HARDWARE, inferenceLayers } from '../support/presets.ts';

const printed = JSON.parse(readFileSync(new URL('../golden/tables.json', import.meta.url), 'utf8')) as Record<
  'VI_resnet50' | 'VII_resnet18',
  Record<string, number[]>
>;

describe.each([
  ['VI', 'resnet50', printed.VI_resnet50],
  ['VII', 'resnet18', printed.VII_resnet18],
] as const)('table %s (%s)', (_, network, rows) => {
  it.each(INFERENCE_HARDWARE)('prints the non-conv shares and the runtime of %s', (name) => {
    const hardware = hardwarePreset(name);
    const totals = { SA: emptyResult(), SIMD: emptyResult() };
    for (const layer of inferenceLayers(network, hardware)) {
      addInto(totals[layer.unit], closedForm(layer, hardware, 'published'));
    }
    const { SA, SIMD } = totals;
    const percent = (nonConv: number, conv: number): number => Number(((100 * nonConv) / (nonConv + conv)).toFixed(1));
    const seconds = ((SA.totalCycles + SIMD.totalCycles) * hardware.clockPicoseconds) / 1e12;
    const [runtime, onChip, offChip, , , runtimeSeconds] = rows[name]!;
    expect(percent(SIMD.totalCycles, SA.totalCycles)).toBe(runtime);
    expect(percent(sumOf(SIMD.sramBits), sumOf(SA.sramBits))).toBe(onChip);
    expect(percent(sumOf(SIMD.dramBits), sumOf(SA.dramBits))).toBe(offChip);
    expect(seconds.toFixed(3)).toBe(runtimeSeconds!.toFixed(3));
  });
});
