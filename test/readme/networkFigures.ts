/** The README's figures of networks and of what is read of them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/cli.ts';
import type { Figures } from './figures.ts';
import { quoted } from './outputs.ts';

export const networkFigures: readonly Figures[] = [
  {
    text: 'The {presets} presets (`ls workloads`)',
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
