/** The README's figures of what hunts have found: each case as it lies in test/hunt/found, judged again. */
import { Machine } from '../../src/model/machine/machine.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { parseHardware } from '../../src/model/schemas/hardware.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { layerOf } from '../../src/studies/hunt/huntCase.ts';
import { builtIn } from '../support/hunt.ts';
import type { Figures } from './figures.ts';
import { file, quoted } from './outputs.ts';

interface FoundFile {
  readonly hardware: unknown;
  readonly workload: unknown;
  readonly phase: 'inference' | 'training';
  readonly batch: number;
  readonly layer: string;
}

/** What a formula says of a case that was found, and what the machine takes. */
export function foundCase(formula: string, side: 'over' | 'under'): { said: number; taken: number } {
  const path = `test/hunt/found/${formula}-${side}.json`;
  const { layer: layerName, phase, batch, ...found } = JSON.parse(file(path)) as FoundFile;
  const hardware = parseHardware(found.hardware, path);
  const layer = layerOf({ hardware, workload: parseWorkload(found.workload, path), phase, batch, layerName })!;
  const said = builtIn(formula).on(hardware).column(layer, 'cycles')!;
  const taken = new Machine(hardware).run(layer, HARDWARE).totalCycles;
  const isOver = said > taken;
  if (isOver !== (side === 'over') || Math.abs(said / taken - 1) <= 0.1) throw new Error(`${path} breaks nothing`);
  return { said, taken };
}

const row = (formula: string, side: 'over' | 'under', begins: string): Figures => ({
  text: `| \`${formula}\` | {said} | {taken} | ${begins}`,
  are: () => foundCase(formula, side),
});

export const huntFigures: readonly Figures[] = [
  row('published', 'over', 'a conv of two rows'),
  row('published', 'under', 'a conv of two input channels'),
  row('ceiling', 'over', 'a conv of three outputs'),
  row('ceiling', 'under', 'a gemm of two outputs'),
  row('scale-sim', 'over', 'a gemm of five input channels'),
  row('scale-sim', 'under', 'a single multiply-accumulate'),
  row('roofline', 'over', "a conv of one pixel's kernel"),
  row('roofline', 'under', 'a single multiply-accumulate'),
  {
    text: '{corner} cases against `corner` and {published} with `--bounds whole-tiles` against `published`',
    are: () => quoted('test/hunt/hunt.test.ts', /runsAll \? (?<corner>[\d_]+)[\s\S]*?runsAll \? (?<published>[\d_]+)/),
  },
  {
    text: 'of the forgotten bias two groups of two rows are left, {taken} cycles and not {said}.',
    are: () =>
      quoted(
        'test/hunt/hunt.test.ts',
        /toEqual\(\{ G: 2, N: 2 \}\);\s+expect\(\[prey\.smallest\.said, prey\.smallest\.simulated\]\)\.toEqual\(\[(?<said>\d+), (?<taken>\d+)\]\)/,
      ),
  },
];
