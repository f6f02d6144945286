/** The README's figures of networks and of what is read of them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/cli.ts';
import type { Figures } from './figures.ts';
import { quoted, run } from './outputs.ts';

/** Cycles of ResNet-50 with a barrier between layers and without it. */
function prefetched(hardware: string, phase = ''): { before: number; after: number; saved: number; waits: number } {
  const options = `--hardware ${hardware} --workload resnet50${phase}`;
  const before = run(options).totals.all.simulated.totalCycles;
  const { totals, units } = run(`${options} --assume prefetch`);
  const after = totals.all.simulated.totalCycles;
  return { before, after, saved: 100 * (1 - after / before), waits: (100 * units!.SA.waiting.producer) / after };
}

export const networkFigures: readonly Figures[] = [
  {
    text: "It saves {saved} % of ResNet-50's inference on HI3 ({before} → {after} cycles) and {ofTraining} % of a training iteration on HT3: most of what is left is the wait for the layer before, {waits} % of the systolic array's time on HI3.",
    are: () => ({ ...prefetched('HI3'), ofTraining: prefetched('HT3', ' --phase training').saved }),
  },
  {
    text: 'The {presets} presets (`systole list workloads`)',
    are: () => {
      const files = readdirSync(join(root, 'workloads'));
      return { presets: files.filter((name) => !name.endsWith('.schema.json')).length };
    },
  },
  {
    text: 'of a model with {gigabytes} GB of them less than {kilobytes} kB are read.',
    are: () => {
      const test = 'test/importers/onnxFiles.test.ts';
      const { gigabytes } = quoted(test, /[\s\S]*'\d+ GB', (?<gigabytes>\d+) \* 1024 \*\* 3\]/);
      const { kilobytes } = quoted(test, /toBeLessThan\((?<kilobytes>\d+)_000\)/);
      return { gigabytes: gigabytes!, kilobytes: kilobytes! };
    },
  },
];
