import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';

interface Allocation {
  readonly KiB: readonly [number, number, number, number];
  readonly bitsPerCycle: readonly [number, number, number, number];
}
const tables = JSON.parse(readFileSync(new URL('../golden/tables.json', import.meta.url), 'utf8')) as {
  VIII: Record<'64x64', Allocation>;
};
/** The optimum that the paper prints, which is the closed form's. */
const printed = tables.VIII['64x64'];

/** HI3's array and widths with other sizes, and the printed bandwidths. */
function withSizes([wbuf, ibuf, obuf, vmem]: Allocation['KiB']): Hardware {
  const preset = hardwarePreset('HI3');
  const [weight, ifmap, psum, simd] = printed.bitsPerCycle;
  return {
    ...preset,
    sramKiB: { ...preset.sramKiB, wbuf, ibuf, obuf, vmem },
    bitsPerCycle: { weight, ifmap, psum, vmem: simd },
  };
}

function cyclesOf(hardware: Hardware): { byClosedForm: number; simulated: number } {
  const machine = new Machine(hardware);
  const layers = inferenceLayers('resnet50', hardware);
  const sum = (cycles: (layer: (typeof layers)[number]) => number): number =>
    layers.reduce((all, layer) => all + cycles(layer), 0);
  return {
    byClosedForm: sum((layer) => closedForm(layer, hardware, 'published').totalCycles),
    simulated: sum((layer) => machine.run(layer, HARDWARE).totalCycles),
  };
}

describe('the optimum of table VIII for the 64×64 array', () => {
  it('is slower than another allocation of the same budget when it is simulated', () => {
    // WBuf and IBuf change places.
    const [wbuf, ibuf, obuf, vmem] = printed.KiB;
    const [optimum, other] = [cyclesOf(withSizes(printed.KiB)), cyclesOf(withSizes([ibuf, wbuf, obuf, vmem]))];
    expect(optimum.byClosedForm).toBeLessThan(other.byClosedForm);
    expect(other.simulated).toBeLessThan(optimum.simulated);
  });
});
