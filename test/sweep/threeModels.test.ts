import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import type { SweepReport } from '../../src/views/report/sweepReport.ts';
import { root, systole, temporaryFolder } from '../support/cli.ts';
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

  it.runIf(process.env['SYSTOLE_VERIFY'] === '1')(
    'falls behind by both simulations, which agree better with each other than with the closed form, as the README says',
    () => {
      const { status, stdout } = systole('sweep', 'three-models-64x64', '-o', temporaryFolder(), '--format', 'json');
      expect(status).toBe(0);
      const { best, rerank, agreements } = JSON.parse(stdout) as SweepReport;
      const sizesOf = ({ parameters }: { parameters: Readonly<Record<string, unknown>> }): unknown[] =>
        ['wbuf', 'ibuf', 'obuf', 'vmem'].map((name) => parameters[`sramKiB.${name}`]);
      expect(sizesOf(best!)).toEqual(printed.KiB);
      const [wbuf, ibuf, obuf, vmem] = printed.KiB;
      const readme = readFileSync(join(root, 'README.md'), 'utf8');
      const section = readme.slice(readme.indexOf('## Search a design space'));
      for (const model of rerank) {
        expect(sizesOf(model.best!)).toEqual([ibuf, wbuf, obuf, vmem]);
        const [first] = model.points;
        expect(first!.rankAgain).toBeGreaterThan(1);
        const figures = [
          `rank ${first!.rankAgain}`,
          first!.valueAgain.toLocaleString('en-US'),
          model.best!.valueAgain.toLocaleString('en-US'),
          `${model.spearman!.toFixed(3)}/${model.kendall!.toFixed(3)}`,
        ];
        for (const figure of figures) expect(section).toContain(figure);
        expect(agreements[0]!.spearman!).toBeGreaterThan(model.spearman!);
        expect(agreements[0]!.kendall!).toBeGreaterThan(model.kendall!);
      }
      expect(section).toContain(`${agreements[0]!.spearman!.toFixed(3)}/${agreements[0]!.kendall!.toFixed(3)}`);
    },
    600_000,
  );
});
