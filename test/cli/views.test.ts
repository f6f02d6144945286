/** What is seen of a result: how much of it, in which order, in how many columns. */
import { parse } from 'csv-parse/sync';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../src/doors/cli/outputWidth.ts';
import { systole, systoleWide, systoleWith, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { SMALL } from '../support/sweep.ts';

const RUN = ['run', '-c', 'HI3', '-t', 'resnet18'];
const linesOf = (...args: string[]): string[] => {
  const { status, stdout, stderr } = systole(...args);
  expect([status, stderr]).toEqual([0, '']);
  return stdout.trimEnd().split('\n');
};

interface Run {
  readonly layers: readonly { name: string; closedForm: Figures; simulated: Figures }[];
  readonly totals: { readonly all: { closedForm: Figures; simulated: Figures } };
  readonly seconds: { closedForm: number; simulated: number };
}
interface Figures {
  readonly totalCycles: number;
  readonly stallCycles: number;
  readonly dramBits: Readonly<Record<string, number>>;
}
const json = JSON.parse(systole(...RUN, '--format', 'json').stdout) as Run;
const grouped = (value: number): string => value.toLocaleString('en-US');

/** The names of the layers that a table or CSV shows, in order. */
const csvRows = (...args: string[]): Record<string, string>[] =>
  parse(systole(...RUN, '--format', 'csv', ...args).stdout, { columns: true }) as Record<string, string>[];
const tableRows = (...args: string[]): string[] => {
  const lines = linesOf(...RUN, ...args);
  const header = lines.findIndex((line) => line.startsWith('layer '));
  return lines.slice(header + 2, lines.indexOf('', header + 2));
};

describe('the first lines of a run', () => {
  const [first, second, cycles, time, units, dominant, title, ...largest] = linesOf(...RUN, '--summary');

  it('are ten, and all that --summary prints', () => {
    expect(largest).toHaveLength(3);
    const table = linesOf(...RUN);
    expect(table.slice(0, 11)).toEqual([first, second, cycles, time, units, dominant, title, ...largest, '']);
  });

  it('say what ran, and cycles and time by both models', () => {
    const { all } = json.totals;
    const change = (100 * (all.simulated.totalCycles / all.closedForm.totalCycles - 1)).toFixed(1);
    expect([first, second]).toEqual([
      'resnet18 inference, batch 1, on HI3',
      'machine: reload-operands; DRAM: ideal; closed form: published',
    ]);
    expect(cycles).toBe(
      `cycles: ${grouped(all.simulated.totalCycles)} simulated, ${grouped(all.closedForm.totalCycles)} by the closed form (+${change}%)`,
    );
    expect(time).toContain(`${json.seconds.simulated.toPrecision(4)} s simulated`);
    expect(time).toContain(`${json.seconds.closedForm.toPrecision(4)} s by the closed form`);
  });

  it('name the layers that take most, and what they do meanwhile', () => {
    const ranked = [...json.layers].sort((a, b) => b.simulated.totalCycles - a.simulated.totalCycles);
    for (const [place, line] of largest.entries()) {
      const { name, simulated } = ranked[place]!;
      const share = (100 * simulated.totalCycles) / json.totals.all.simulated.totalCycles;
      expect(line).toContain(`  ${name}: ${grouped(simulated.totalCycles)} cycles, ${share.toFixed(1)}%; `);
    }
    // 84.2 % of the SA's cycles and 15.3 + 1.0 % of the SIMD array's compute: of all, the most is the SA's computing.
    expect(dominant).toMatch(/^most of it: SA computes \d+\.\d%, SIMD awaits vmemLoad \d+\.\d%/);
  });

  it('have a line more with energy', () => {
    const lines = linesOf(...RUN, '--summary', '--energy', 'fit');
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toMatch(/^energy: [\d.]+ mJ simulated, [\d.]+ W on average$/);
  });
});

describe('--sort', () => {
  it('orders the layers of table and CSV by a column, the largest number first', () => {
    const by = (of: (figures: Figures) => number, model: 'simulated' | 'closedForm' = 'simulated'): string[] =>
      [...json.layers].sort((a, b) => of(b[model]) - of(a[model])).map(({ name }) => name);
    const named = (column: string): string[] => csvRows('--sort', column).map(({ layer }) => layer!);
    expect(named('stallCycles')).toEqual(by(({ stallCycles }) => stallCycles));
    expect(named('simulated.stallCycles')).toEqual(by(({ stallCycles }) => stallCycles));
    expect(named('closedForm.totalCycles')).toEqual(by(({ totalCycles }) => totalCycles, 'closedForm'));
    expect(named('DRAMBITS.weight')).toEqual(by(({ dramBits }) => dramBits['weight']!));
    expect(tableRows('--sort', 'stallcycles').map((line) => line.split(' ')[0])).toEqual(
      by(({ stallCycles }) => stallCycles),
    );
  });

  it('orders by the change between the models, and by words', () => {
    // 512 input channels in tiles of 448: three convs change by 46.7 %, the most of all.
    const changed = csvRows('--sort', 'change').map(({ layer }) => layer);
    expect(changed.slice(0, 3)).toEqual(['layer4.0.conv2', 'layer4.1.conv1', 'layer4.1.conv2']);
    const words = csvRows('--sort', 'layer').map(({ layer }) => layer!);
    expect(words).toEqual([...words].sort());
    // What has no such figure comes last, in program order.
    const tiles = csvRows('--sort', 'tile.ic').map((row) => row['tile.ic']);
    expect(tiles.slice(tiles.indexOf('')).every((tile) => tile === '')).toBe(true);
  });

  it('is refused for a column that there is not, before anything runs, with what was meant', () => {
    const { status, stdout, stderr } = systole(...RUN, '--sort', 'stalCycles');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--sort: got "stalCycles", expected change, or a column of --format csv');
    expect(stderr).toContain('; did you mean stallCycles?\n');
  });
});

describe('--top', () => {
  it('shows the layers that take most, and how many are left, above the totals of all', () => {
    const ranked = [...json.layers].sort((a, b) => b.simulated.totalCycles - a.simulated.totalCycles);
    const lines = tableRows('--top', '4');
    expect(lines.slice(0, 4).map((line) => line.split(' ')[0])).toEqual(ranked.slice(0, 4).map(({ name }) => name));
    expect(lines.slice(4)).toEqual(['… and 44 more layers']);
    expect(linesOf(...RUN, '--top', '4').find((line) => line.startsWith('total '))).toContain(
      grouped(json.totals.all.simulated.totalCycles),
    );
  });

  it('shows the first by --sort, and as many rows of CSV', () => {
    expect(csvRows('--top', '2', '--sort', 'change').map(({ layer }) => layer)).toEqual([
      'layer4.0.conv2',
      'layer4.1.conv1',
    ]);
    expect(csvRows('--top', '1000')).toHaveLength(json.layers.length);
  });

  it.each([
    [['--top', '3', '--format', 'json'], '--top: got 3, expected --format table or csv, and no --summary'],
    [['--sort', 'change', '--summary'], '--sort: got "change", expected --format table or csv, and no --summary'],
    [['--summary', '--format', 'csv'], '--summary: expected --format table'],
    [
      ['--dram', 'HBM2', '--dram-energy', 'HBM2', '--format', 'csv'],
      '--dram-energy: got "HBM2", expected --format table or json',
    ],
    [['--dram', 'HBM2', '--dram-energy', 'HBM2', '--summary'], '--dram-energy: got "HBM2", expected no --summary'],
    [
      ['--dram', 'HBM2', '--dram-counts', '--energy', 'fit', '--format', 'csv'],
      '--energy: got "fit", expected rows of layers, not --dram-counts',
    ],
  ])('is refused where it would change nothing: %j', (args, message) => {
    const { status, stderr } = systole(...RUN, ...args);
    expect(status).toBe(2);
    expect(stderr).toContain(`${message}, without which it changes nothing`);
  });
});

describe('a table', () => {
  const own = temporaryFile('run.json', JSON.parse(systole(...RUN, '--format', 'json').stdout));

  it.each([
    ['run', '-c', 'HT3', '-t', 'resnet18', '--phase', 'training', '--energy', 'fit'],
    ['run', '-c', 'HI3', '-t', 'test/cases/escape.json'],
    ['run', '-c', 'HI3', '-t', 'test/importers/onnx/resnet34.onnx', '--assume', 'paper'],
    ['check', '-c', 'HI3', '-t', 'resnet18', '--against', 'test/cli/predictions.csv'],
    ['check', '-c', 'HI3', '-t', 'test/cases/pad.json', '--dram', 'HBM2', '--keep-resident'],
    ['explain', '-c', 'HI3', '-t', 'resnet50', '--layer', 'layer4.0.conv2', '--energy', 'fit'],
    ['diff', '--', own, '-c HI2 -t resnet18 --energy fit'],
    ['dram', '--rule', 'test/dram/random.json'],
    ['verify', '--cases', '3'],
    ['paper', 'VI', '5'],
    ['import', 'test/importers/onnx/unet_small.onnx', '--summary'],
    ['sweep', temporaryFile('sweep.json', SMALL), '-o', temporaryFolder()],
  ])('of %s fits 80 columns', (...args) => {
    const { stdout } = systole(...args);
    expect(stdout.length).toBeGreaterThan(100);
    expect(stdout.split('\n').filter((line) => stringWidth(line) > 80)).toEqual([]);
  });

  it('has all columns where COLUMNS says that there is room, and says how much is needed where there is not', () => {
    const { stdout } = systole(...RUN);
    const [, needed] = /\(no room for: operation, .*with COLUMNS=(\d+) there is\)/s.exec(
      stdout.replaceAll('\n  ', ' '),
    )!;
    const wide = (columns: number): string => systoleWith({ COLUMNS: String(columns) }, ...RUN).stdout;
    expect(wide(Number(needed))).not.toContain('no room for');
    expect(wide(Number(needed) - 1)).toContain('no room for');
    for (const title of ['operation', 'compute', 'tiles']) expect(wide(300)).toContain(title);
    // Narrower than 80, or no number, says nothing.
    expect([wide(40), systoleWith({ COLUMNS: 'wide' }, ...RUN).stdout]).toEqual([stdout, stdout]);
  });
});

describe('the room of a table', () => {
  it.each([
    ['elsewhere', undefined, undefined, 80],
    ['in a terminal', 120, undefined, 120],
    ['in a narrow one', 60, undefined, 60],
    ['in one that does not say', 0, undefined, 80],
    ['where more is asked for', 60, '100', 100],
    ['where less is asked for', 120, '90', 120],
    ['where no number is asked for', undefined, 'wide', 80],
  ])('is, %s, of a terminal of %s columns and COLUMNS=%s, %i', (_, terminal, asked, columns) => {
    expect(columnsOf(terminal, asked)).toBe(columns);
  });
});

describe('table, CSV and JSON', () => {
  interface Full {
    readonly layers: readonly (Record<string, unknown> & {
      name: string;
      op: string;
      closedForm: Model;
      simulated: Model & { tiles: number };
    })[];
  }
  interface Model extends Figures {
    readonly computeCycles: number;
    readonly sramBits: Readonly<Record<string, number>>;
    readonly useful: { readonly dramBits: Readonly<Record<string, number>>; readonly peUtilisation: number };
    readonly issued: { readonly peUtilisation: number };
  }
  const args = ['run', '-c', 'HT2', '-t', 'alexnet', '--phase', 'training'];
  const { layers } = JSON.parse(systole(...args, '--format', 'json').stdout) as Full;
  /** What the last columns say of all rows. */
  const run: Readonly<Record<string, unknown>> = { network: 'alexnet', hardware: 'HT2', phase: 'training', batch: 32 };

  /** A field of a layer by its path. */
  const fieldOf = (layer: object, path: string): unknown =>
    path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], layer);
  /** What the CSV calls otherwise. */
  const renamed = (column: string): string =>
    column === 'layer' ? 'name' : column.replace('simulated.waitingCycles', 'simulated.waiting');

  it('say the same of every layer, in every column of the CSV', () => {
    const rows = parse(systole(...args, '--format', 'csv').stdout, { columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(layers.length);
    for (const [place, row] of rows.entries()) {
      for (const [column, cell] of Object.entries(row)) {
        const value = fieldOf(layers[place]!, renamed(column)) ?? run[column];
        const text = Array.isArray(value) ? value.join(' ') : String(value ?? '');
        expect([column, cell]).toEqual([column, text]);
      }
    }
  });

  it('say the same of every layer, in every column of the table', () => {
    const lines = systoleWide(...args).stdout.split('\n');
    const first = lines.findIndex((line) => line.startsWith('layer ')) + 2;
    const megabits = (bits: Readonly<Record<string, number>>): string =>
      (Object.values(bits).reduce((sum, value) => sum + value, 0) / 1e6).toFixed(1);
    const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
    for (const [place, { name, op, closedForm, simulated }] of layers.entries()) {
      const change = simulated.totalCycles / closedForm.totalCycles - 1;
      const use = [simulated.issued.peUtilisation, simulated.useful.peUtilisation];
      expect(lines[first + place]!.split(/ {2,}/).slice(0, use[0] === 0 ? 11 : 13)).toEqual([
        name,
        op,
        grouped(Math.round(closedForm.totalCycles)),
        grouped(simulated.totalCycles),
        simulated.totalCycles === closedForm.totalCycles ? '0' : `${change > 0 ? '+' : ''}${percent(change)}`,
        grouped(simulated.computeCycles),
        grouped(simulated.stallCycles),
        megabits(simulated.dramBits),
        megabits(simulated.useful.dramBits),
        megabits(simulated.sramBits),
        ...(use[0] === 0 ? [] : use.map(percent)),
        grouped(simulated.tiles),
      ]);
    }
  });
});
