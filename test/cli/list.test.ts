/** What there is to choose from, and the layers of a network. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { root, systole, systoleWide } from '../support/cli.ts';

const presetsOf = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.json') && !name.endsWith('.schema.json'))
    .map((name) => name.slice(0, -'.json'.length));
const fileOf = (folder: string, name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(root, folder, `${name}.json`), 'utf8')) as Record<string, unknown>;

interface Network {
  readonly name: string;
  readonly layers: number;
  readonly parameters: number;
  readonly macs: number;
  readonly runsIn: readonly string[];
}
interface Memory {
  readonly name: string;
  readonly description: string;
  readonly kind: string;
  readonly channels: number | null;
  readonly peakGigabytesPerSecond: number | null;
}
interface Lists {
  readonly version: string;
  readonly hardware: readonly Record<string, unknown>[];
  readonly workloads: readonly Network[];
  readonly dram: readonly Memory[];
  readonly operations: readonly {
    op: string;
    unit: string | null;
    isInFiles: boolean;
    loads: string[];
    stores: string[];
  }[];
  readonly formulas: readonly { name: string; source: string; columns: string[] }[];
}

describe('systole list', () => {
  const lists = JSON.parse(systole('list', '--format', 'json').stdout) as Lists;

  it('has every hardware preset with what its file says', () => {
    expect(lists.hardware.map(({ name }) => name)).toEqual(presetsOf('hw').sort());
    for (const { $schema, ...file } of presetsOf('hw').map((name) => fileOf('hw', name))) {
      // Cycles of ALU operations that a file does not give are there too.
      expect(lists.hardware.find(({ name }) => name === file['name'])).toMatchObject(file);
    }
    const { stdout } = systole('list', 'hardware');
    // Array, WBuf to VMem in KiB, four bandwidths, the clock.
    expect(stdout).toMatch(/^HI3 +64×64 +512 +256 +1024 +8 +1024( +512){4} +965$/m);
  });

  it('has every network with what its file states, and the phases that run', () => {
    expect(lists.workloads.map(({ name }) => name).sort()).toEqual(presetsOf('workloads').sort());
    for (const { name, layers, parameters, macs } of lists.workloads) {
      const file = fileOf('workloads', name);
      expect([layers, parameters, macs]).toEqual([
        (file['layers'] as unknown[]).length,
        file['parameters'],
        file['macs'],
      ]);
    }
    const alexnet = lists.workloads.find(({ name }) => name === 'alexnet')!;
    expect(alexnet.runsIn).toEqual(['inference', 'training']);
    const [refused] = lists.workloads.filter(({ runsIn }) => runsIn.length === 0);
    if (refused !== undefined) expect(systole('run', '-c', 'HI1', '-t', refused.name).status).toBe(2);
  });

  it('has every formula that comes along', () => {
    const formulas = lists.formulas;
    expect(formulas.map(({ name }) => `${name}.formula`).sort()).toEqual(presetsOf('hw/formulas').sort());
    for (const { name, source } of formulas) expect(source, name).not.toBe('');
    expect(formulas.find(({ name }) => name === 'scale-sim')!.columns).toEqual(['cycles']);
  });

  it('has every name that formulas can read, apart from the others', () => {
    expect(lists).not.toHaveProperty('names');
    const { names } = JSON.parse(systole('list', 'names', '--format', 'json').stdout) as {
      names: { name: string; of: string; unit: string; meaning: string }[];
    };
    expect(new Set(names.map(({ name, of }) => `${of} ${name}`)).size).toBe(names.length);
    expect(names).toContainEqual({ name: 'J', of: 'any', unit: 'PEs', meaning: 'rows of the PE array' });
    expect(names.filter(({ name }) => name === 'PSO').map(({ of }) => of)).toEqual(['SA', 'SIMD']);
    expect(names.filter(({ meaning }) => meaning === '')).toEqual([]);
    expect(systoleWide('list', 'names').stdout).toMatch(
      /^λ_div +any +cycles +an ALU takes for div, also aluCycles\.div$/m,
    );
  });

  it('has every memory with the peak that its description gives', () => {
    expect(lists.dram.map(({ name }) => name).sort()).toEqual(presetsOf('hw/dram').sort());
    const banked = lists.dram.filter(({ kind }) => kind === 'banked');
    expect(banked.length).toBeGreaterThan(5);
    for (const { name, description, channels, peakGigabytesPerSecond } of banked) {
      const said = Number(/([\d.]+) GB\/s/.exec(description)![1]);
      // A memory's clock is a whole number of picoseconds: 833 ps is a little more than 1200 MHz.
      expect(Math.abs(peakGigabytesPerSecond! / said - 1), name).toBeLessThan(0.005);
      expect(channels).toBe((fileOf('hw/dram', name)['organization'] as { channels: number }).channels);
    }
    expect(lists.dram.find(({ kind }) => kind === 'latency')).toMatchObject({
      channels: null,
      peakGigabytesPerSecond: null,
    });
  });

  it('has every operation, those of files and those that they become', () => {
    const of = (name: string): object => lists.operations.find(({ op }) => op === name)!;
    expect(of('conv')).toMatchObject({ unit: 'SA', isInFiles: true });
    expect(of('tensor-add')).toEqual({
      op: 'tensor-add',
      unit: 'SIMD',
      isInFiles: true,
      loads: ['X1', 'X2'],
      stores: ['Y'],
    });
    expect(of('sgd-1d')).toEqual({ op: 'sgd-1d', unit: 'SIMD', isInFiles: false, loads: ['P', 'dP'], stores: ['P'] });
    expect(of('flatten')).toEqual({ op: 'flatten', unit: null, isInFiles: true, loads: [], stores: [] });
    expect(new Set(lists.operations.map(({ op }) => op)).size).toBe(lists.operations.length);
  });

  it('is all of it as a table, and one list as CSV', () => {
    const { stdout } = systoleWide('list');
    for (const { name } of [...lists.workloads, ...lists.dram]) expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
    const rows = parse(systole('list', 'hardware', '--format', 'csv').stdout, { columns: true }) as Record<
      string,
      string
    >[];
    expect(rows.find(({ name }) => name === 'HT3')).toMatchObject({ 'sramKiB.wbuf': '1024', 'array.rows': '64' });
    const { status, stderr } = systole('list', '--format', 'csv');
    expect([status, stderr]).toEqual([
      2,
      'systole: --format: got "csv", expected table or json, or one of hardware, workloads, dram, operations, formulas\n',
    ]);
  });

  it.each([
    [['list', 'hardwre'], 'did you mean hardware?'],
    [
      ['list', 'hardware', '-t', 'alexnet'],
      '--workload: got "alexnet", expected list layers, without which it changes nothing',
    ],
    [['list', 'layers'], '--workload: expected a network whose layers to list (it is missing)'],
    [
      ['list', 'layers', '-t', 'alexnet', '--expansion', 'exact'],
      '--expansion: got "exact", expected --phase training',
    ],
  ])('refuses %j', (args, message) => {
    const { status, stdout, stderr } = systole(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});

describe('systole list layers', () => {
  interface Listed {
    readonly name: string;
    readonly op: string;
    readonly sizes: object;
    readonly tile?: object;
    readonly tiles?: number;
  }
  const layersOf = (...args: string[]): readonly Listed[] =>
    (JSON.parse(systole('list', 'layers', '--format', 'json', ...args).stdout) as { layers: Listed[] }).layers;

  it('has the layers that run, in order, with the dimensions of the batch', () => {
    const layers = layersOf('-t', 'resnet18', '--batch', '2');
    expect(layers).toHaveLength(48);
    // 3 → 64 channels, 7 × 7, 224 / 2 = 112.
    expect(layers[0]).toEqual({
      name: 'conv1',
      op: 'conv',
      unit: 'SA',
      sizes: { oc: 64, ic: 3, kh: 7, kw: 7, n: 2, oh: 112, ow: 112 },
      stride: { h: 2, w: 2 },
    });
    expect(layers.at(-1)).toMatchObject({ name: 'fc', op: 'gemm', sizes: { oc: 1000, ic: 512, n: 2 } });
  });

  it('has the tiles of a hardware point, as many as the machine runs', () => {
    const run = JSON.parse(systole('run', '-c', 'HI3', '-t', 'resnet18', '--format', 'json').stdout) as {
      layers: { name: string; op: string; tile: object; simulated: { tiles: number } }[];
    };
    const listed = layersOf('-c', 'HI3', '-t', 'resnet18').filter(({ op }) => op === 'conv' || op === 'gemm');
    const ran = run.layers.filter(({ op }) => op === 'conv' || op === 'gemm');
    expect(listed.map(({ name, tile, tiles }) => ({ name, tile, tiles }))).toEqual(
      ran.map(({ name, tile, simulated }) => ({ name, tile, tiles: simulated.tiles })),
    );
  });

  it('says the same as CSV and as a table', () => {
    const args = ['list', 'layers', '-t', 'resnet18', '-c', 'HI3', '--phase', 'training'];
    const json = layersOf(...args.slice(2));
    const rows = parse(systole(...args, '--format', 'csv').stdout, { columns: true }) as Record<string, string>[];
    expect(rows.map(({ layer, op, tiles }) => [layer, op, Number(tiles)])).toEqual(
      json.map(({ name, op, tiles }) => [name, op, tiles]),
    );
    for (const [place, { sizes, tile }] of json.entries()) {
      for (const [prefix, sides] of [
        ['sizes', sizes],
        ['tile', tile!],
      ] as const) {
        for (const [dim, side] of Object.entries(sides)) expect(rows[place]![`${prefix}.${dim}`]).toBe(String(side));
      }
    }
    const table = systoleWide(...args).stdout;
    expect(table).toMatch(/^resnet18 training, batch 32, on HI3: \d+ layers$/m);
    expect(table).toMatch(/^conv1 +conv +oc=64 ic=3 .*n=32.* stride=2 +oc=64 ic=64 .*oh=19 ow=19 +1,152$/m);
  });
});
