/** `systole trace --compare`: how its second run is given, and what is refused. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PageComparison, PageHead } from '../../src/views/trace/pageData.ts';
import { systole, temporaryFile, temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
const output = join(folder, 'page.html');
const A = ['-c', 'HI3', '-t', 'resnet18'];
/** As little as a page can have. */
const LITTLE = ['--lanes', 'layers', '--layer', 'fc', '--no-critical-path'];

interface Written {
  readonly a: PageHead;
  readonly b: PageHead | undefined;
  readonly comparison: PageComparison;
  readonly stderr: string;
}

/** The data of a page of two runs. */
function compared(b: string, ...args: string[]): Written {
  const { status, stderr } = systole('trace', ...A, '--compare', b, ...args, '-o', output);
  expect([status, stderr.replace(/^systole: run [AB]: .*\n/gm, '')]).toEqual([0, '']);
  const html = readFileSync(output, 'utf8');
  const jsonOf = (id: string): unknown => {
    const text = new RegExp(`id="${id}">(.*?)</script>`, 's').exec(html)?.[1];
    return text === undefined ? undefined : JSON.parse(text);
  };
  return {
    a: jsonOf('trace-head') as PageHead,
    b: jsonOf('second-head') as PageHead | undefined,
    comparison: jsonOf('trace-comparison') as PageComparison,
    stderr,
  };
}

/** Why the layers differ, in their order. */
const causesOf = ({ layers }: PageComparison): unknown[] => layers.map(({ causes }) => causes);

describe('systole trace --compare', () => {
  it('takes changes of the trace’s own options, or all options of a run, as diff does', () => {
    const changed = compared('--fuse pairs', ...LITTLE, '--assume', 'paper');
    expect(changed.b!.settings).toMatchObject({ hardware: 'HI3', workload: 'resnet18' });
    expect(changed.b!.settings.assumptions).toEqual(changed.a.settings.assumptions);
    expect(changed.comparison.names).toEqual(['resnet18 inference, batch 1, on HI3', 'with --fuse pairs']);
    // Named in full it is a run of its own: nothing is taken over.
    const whole = compared('-c HI3 -t resnet18 --fuse pairs', ...LITTLE, '--assume', 'paper');
    expect(whole.b!.settings.assumptions).not.toEqual(whole.a.settings.assumptions);
    expect(whole.comparison.names).toEqual([
      'resnet18 inference, batch 1, on HI3 with --assume paper',
      'with --fuse pairs',
    ]);
    const without = compared('--workload=resnet18 --hardware "HI3"', ...LITTLE, '--fuse', 'pairs');
    expect(without.comparison.names).toEqual([
      'resnet18 inference, batch 1, on HI3 with --fuse pairs',
      'without --fuse',
    ]);
    const other = compared('-c HI2 --seed 2 --no-fast-forward', ...LITTLE);
    expect(other.comparison.names).toEqual([
      'resnet18 inference, batch 1, on HI3',
      'resnet18 inference, batch 1, on HI2 with --seed 2 --no-fast-forward',
    ]);
  });

  it('takes a selection for both: layers that only one run has too', () => {
    const { a, b, comparison } = compared('--phase training --batch 1', ...LITTLE, '--layer', 'fc.dW');
    expect([a.settings.selection['layer'], b!.settings.selection['layer']]).toEqual(['fc', 'fc,fc.dW']);
    const dW = b!.layers.findIndex(({ layer }) => layer.name === 'fc.dW');
    const only = comparison.layers.find((each) => each.b === dW)!;
    expect(only.a).toBeUndefined();
    expect(Object.values(only.causes).reduce((sum, cycles) => sum + cycles, 0)).toBe(b!.layers[dW]!.totalCycles);
  });

  it('takes the JSON of a run, of which it keeps the figures', () => {
    const run = join(folder, 'run.json');
    systole('run', ...A, '--fuse', 'chains', '-o', run);
    const { a, b, comparison } = compared(run, ...LITTLE);
    expect(b).toBeUndefined();
    expect(comparison.names).toEqual([
      'resnet18 inference, batch 1, on HI3; fused: none',
      `${run}: resnet18 inference, batch 1, on HI3; fused: chains`,
    ]);
    const traced = compared('--fuse chains', ...LITTLE);
    expect(causesOf(comparison)).toEqual(causesOf(traced.comparison));
    expect(a).toEqual(traced.a);
  });

  it.each([
    ['--fuse pairs', '-c HI2 -t resnet18 --fuse pairs'],
    ['--batch 3 --assume prefetch,keep-resident', '-c HI2 -t resnet18 --batch 3 --assume keep-resident,prefetch'],
    ['--phase training --batch 1 --assume paper', '-c HI2 -t resnet18 --phase training --batch 1 --assume '],
  ])('says with which options a run from a file has a timeline: %s', (options, said) => {
    const run = join(folder, 'again.json');
    systole('run', '-c', 'HI2', '-t', 'resnet18', ...options.split(' '), '-o', run);
    const { comparison, stderr } = compared(run, ...LITTLE);
    const { optionsOfB } = comparison;
    expect(optionsOfB).toContain(said);
    expect(stderr).toContain(
      `run B: not in the timeline: a file of a run holds no tiles; with its options, "${optionsOfB}"`,
    );
    // They do: what differs, layer by layer, is the same.
    expect(causesOf(compared(optionsOfB!, ...LITTLE).comparison)).toEqual(causesOf(comparison));
  });

  it('names no options where the file does not hold them: files of hardware, a memory in words', () => {
    const own = temporaryFile('own.json', { ...JSON.parse(readFileSync('hw/HI2.json', 'utf8')), name: 'own' });
    for (const options of [
      ['-c', own],
      ['-c', 'HI2', '--dram', 'latency'],
    ]) {
      const run = join(folder, 'unnamed.json');
      systole('run', ...options, '-t', 'resnet18', '-o', run);
      const { comparison, stderr } = compared(run, ...LITTLE);
      expect(comparison.optionsOfB).toBeUndefined();
      expect(stderr).toContain('with its options in place of the file it is');
    }
  });

  it.each([
    ['assumptions', undefined],
    ['assumptions', ['lockstep', '\u001b[31mred']],
    ['fuse', '\u001b[31mred'],
    ['phase', 'both'],
    ['batch', 1.5],
  ])('takes no words of a file for options that it does not know: %s is %j', (field, value) => {
    const run = join(folder, 'said.json');
    systole('run', ...A, '-o', run);
    const changed = temporaryFile('changed.json', { ...JSON.parse(readFileSync(run, 'utf8')), [field]: value });
    const { comparison, stderr } = compared(changed, ...LITTLE);
    expect(comparison.optionsOfB).toBeUndefined();
    expect(stderr).not.toContain('\u001b');
  });

  it('says of which run there is nothing', () => {
    const { stderr } = compared('-c HI2', '--no-critical-path', '--cycles', '9007199254740991');
    expect(stderr.match(/run [AB]: nothing is selected: --cycles \S+ holds nothing of this run/g)).toHaveLength(2);
  });

  it('says of which run there is nothing where that has no such layer', () => {
    const { stderr } = compared('-t alexnet', '--no-critical-path', '--layer', 'fc');
    expect(stderr).toContain('run B: nothing is selected: --layer fc holds nothing of this run');
  });

  it.each([
    [
      'the same run',
      ['--batch 1', '--batch', '1'],
      '--compare: got "--batch 1", expected options that change something',
    ],
    ['what is no option of a run', ['--lanes simd'], "unknown option '--lanes'"],
    ['a value that there is not', ['--fuse all'], "argument 'all' is invalid"],
    ['quotes that do not end', ['-c "HI2'], '--compare: got "-c \\"HI2", expected quotes in pairs'],
    ['hardware that there is not', ['-c HI9'], '--compare: --hardware: got "HI9", expected a preset'],
    ['a file that there is not', ['none.json'], '--compare: got "none.json", expected the JSON file of a run, or the'],
    ['a file that is no run', [temporaryFile('no.json', { layers: 1 })], 'no.json: hardware'],
    ['a layer that neither has', ['--fuse pairs', '--layer', 'nix'], '--layer: got "nix", expected a layer'],
    ['a stepped layer that neither has', ['-c HI2', '--cycle-stepped', 'nix'], '--cycle-stepped: got "nix"'],
    ['a format that is no page', ['-c HI2', '--format', 'csv'], '--compare: got "-c HI2", expected --format html'],
    ['a size that cannot be', ['-c HI2', '--max-size', '0'], '--max-size'],
  ])('refuses %s, and leaves no file', (_, [b, ...args], message) => {
    const path = join(folder, 'refused.html');
    const { status, stdout, stderr } = systole('trace', ...A, '--compare', b!, ...args, '-o', path);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
    expect(existsSync(path)).toBe(false);
  });
});
