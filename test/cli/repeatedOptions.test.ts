/** An option that is given twice: said, unless it may be, as the last would win without a word. */
import { describe, expect, it } from 'vitest';
import { systole } from '../support/cli.ts';

const TINY = ['-t', 'test/cases/tiny.json'];
const RUN = ['-c', 'HI3', ...TINY];

describe('an option that is given twice', () => {
  it.each<[string[], string]>([
    [
      ['run', ...RUN, '--dram', 'HBM2', '--dram', 'DDR4-2400'],
      "option '--dram <ideal|preset|file>' is given twice: --dram HBM2 and --dram DDR4-2400. Expected it once",
    ],
    [
      ['run', ...RUN, '--hardware=HI2'],
      "option '-c, --hardware <preset|file>' is given twice: --hardware HI3 and --hardware HI2. Expected it once",
    ],
    [
      ['check', ...RUN, '--batch', '2', '--batch', '2'],
      "option '--batch <n>' is given twice: --batch 2 and --batch 2. Expected it once",
    ],
    [
      ['dram', '--rule', 'test/dram/random.json', '--refresh', 'per-bank', '--no-refresh'],
      "option '--no-refresh' is given twice: --refresh per-bank and --no-refresh. Expected it once",
    ],
    [
      ['sweep', 'merge', 'table-X', '-o', 'a', '--output', 'b'],
      "option '-o, --output <folder>' is given twice: --output a and --output b. Expected it once",
    ],
    [
      ['diff', '--', '-c HI2 -c HI3 -t alexnet', '-c HI3 -t alexnet'],
      'systole diff: got "-c HI2 -c HI3 -t alexnet", expected options of run (error: ' +
        "option '-c, --hardware <preset|file>' is given twice: --hardware HI2 and --hardware HI3. Expected it once)",
    ],
    [
      ['trace', ...RUN, '-o', '-', '--format', 'html', '--compare', '--batch 2 --batch 4'],
      '--compare: got "--batch 2 --batch 4", expected options that say what runs, or the JSON file of a run (error: ' +
        "option '--batch <n>' is given twice: --batch 2 and --batch 4. Expected it once)",
    ],
  ])('is refused: %j', (args, message) => {
    expect(systole(...args)).toEqual({ status: 2, stdout: '', stderr: `systole: ${message}\n` });
  });

  it('may be a flag', () => {
    const once = systole('run', ...RUN, '--no-fast-forward', '--format', 'csv');
    expect(once.status).toBe(0);
    expect(systole('run', ...RUN, '--no-fast-forward', '--no-fast-forward', '--format', 'csv')).toEqual(once);
  });

  it.each<[string[], string[]]>([
    [
      ['validate', 'roofline', ...TINY, '-c', 'HI1,HI2', '--phase', 'inference'],
      ['validate', 'roofline', ...TINY, '-c', 'HI1', '-c', 'HI2', '--phase', 'inference'],
    ],
    [
      ['trace', '-c', 'HI3', '-t', 'alexnet', '-o', '-', '--format', 'csv', '--layer', 'relu1,relu2'],
      ['trace', '-c', 'HI3', '-t', 'alexnet', '-o', '-', '--format', 'csv', '--layer', 'relu1', '--layer', 'relu2'],
    ],
  ])('adds to what it was, where it is a list: %j', (together, apart) => {
    const { status, stdout } = systole(...together);
    expect([status, stdout === '']).toEqual([0, false]);
    expect(systole(...apart)).toEqual({ status, stdout, stderr: '' });
  });
});
