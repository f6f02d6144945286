import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Changes, RunDifference } from '../../src/studies/check/difference.ts';
import type { RunReport } from '../../src/views/report/runReport.ts';
import { root, systoleWide as systole, temporaryFile, temporaryFolder } from '../support/cli.ts';

const hi2 = '--hardware HI2 --workload resnet18';
const hi3 = '--hardware HI3 --workload resnet18';

function diffJson(a: string, b: string): RunDifference {
  return JSON.parse(systole('diff', '--format', 'json', '--', a, b).stdout) as RunDifference;
}

/** A run of HI3, in a file. */
const runFile = join(temporaryFolder(), 'run.json');
beforeAll(() => {
  expect(systole('run', ...hi3.split(' '), '-o', runFile).status).toBe(0);
});

/** That run with its first layer changed; totals, which must fit the layers, are left out. */
function changedFile(name: string, change: (layer: RunReport['layers'][number]) => void): string {
  const { totals: _, ...run } = JSON.parse(readFileSync(runFile, 'utf8')) as RunReport;
  change(run.layers[0]!);
  return temporaryFile(name, run);
}

function moveToStall(cycles: { computeCycles: number; stallCycles: number }): void {
  cycles.computeCycles -= 1;
  cycles.stallCycles += 1;
}

/** A run of one layer that computes 5 cycles and waits 2. */
function withLayer(simulated: object): object {
  const cycles = { totalCycles: 7, computeCycles: 5, stallCycles: 2 };
  const counts = { fillCycles: 1, waiting: { drain: 2 }, dramBits: {}, sramBits: {}, opCounts: {} };
  const layer = {
    name: 'a',
    op: 'conv',
    unit: 'SA',
    closedForm: cycles,
    simulated: { ...cycles, ...counts, ...simulated },
  };
  return { hardware: 'h', workload: 'w', phase: 'inference', batch: 1, layers: [layer] };
}

const sum = (changes: Changes): number =>
  Object.values(changes).reduce((total, { difference }) => total + difference, 0);

describe('systole diff', () => {
  it('compares runs whose layers overlap: the causes and the overlap add up to the cycles', () => {
    const prefetch = `${hi3} --assume prefetch`;
    const { cycles, causes, layers } = diffJson(hi3, prefetch);
    expect(cycles.difference).toBe(sum(causes));
    expect(causes['overlap']!.difference).toBeLessThan(0);
    for (const layer of layers) expect(layer.cycles.difference).toBe(sum(layer.causes));
    expect(systole('diff', '--', prefetch, prefetch)).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it.each(['', ' --assume prefetch', ' --energy fit', ' --assume paper'])(
    'compares fused runs%s: a group stands at its conv, and all adds up to the runs',
    (options) => {
      const [apart, fused] = [`${hi3}${options}`, `${hi3}${options} --fuse chains`];
      const { cycles, causes, layers, closedFormCycles } = diffJson(apart, fused);
      const totalsOf = (args: string): RunReport['totals']['all'] =>
        (JSON.parse(systole('run', ...args.split(' '), '--format', 'json').stdout) as RunReport).totals.all;
      const [before, after] = [totalsOf(apart), totalsOf(fused)];
      expect([cycles.a, cycles.b]).toEqual([before.simulated.totalCycles, after.simulated.totalCycles]);
      expect(closedFormCycles.b).toBeCloseTo(after.closedForm.totalCycles, 6);
      expect(cycles.difference).toBe(sum(causes));
      for (const layer of layers) expect(layer.cycles.difference).toBe(sum(layer.causes));
      expect(layers.find(({ name }) => name === 'layer1.0.add')!.cycles.b).toBe(0);
      const file = join(temporaryFolder(), 'fused.json');
      systole('run', ...fused.split(' '), '-o', file);
      expect(systole('diff', file, '--', fused)).toEqual({ status: 0, stdout: '', stderr: '' });
    },
  );

  it('says which of two runs is fused', () => {
    expect(systole('diff', '--', hi3, `${hi3} --fuse pairs`).stdout).toContain('on HI3; fused: none\nb: ');
  });

  it('says nothing of equal runs and exits 0, from a file or run now', () => {
    for (const [a, b] of [
      [hi3, hi3],
      [runFile, runFile],
      [runFile, hi3],
    ] as const) {
      for (const format of ['table', 'json', 'csv']) {
        expect(systole('diff', '--format', format, '--', a, b)).toEqual({ status: 0, stdout: '', stderr: '' });
      }
    }
  });

  it('exits 1 on a difference; causes add up to layers and layers to the whole', () => {
    expect(systole('diff', '--', hi2, hi3).status).toBe(1);
    const { cycles, causes, layers } = diffJson(hi2, hi3);
    expect(cycles.difference).toBe(cycles.b - cycles.a);
    expect(sum(causes)).toBe(cycles.difference);
    for (const layer of layers) expect(sum(layer.causes)).toBe(layer.cycles.difference);
    expect(layers.reduce((total, layer) => total + layer.cycles.difference, 0)).toBe(cycles.difference);
  });

  it('shows the largest change first', () => {
    const sizes = diffJson(hi2, hi3).layers.map(({ cycles }) => Math.abs(cycles.difference));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  });

  it('gives the cause of a change of one assumption: without the hazard nobody waits for it', () => {
    const { causes, layers } = diffJson(hi3, `${hi3} --assume no-psum-hazard`);
    // layer4.*.conv2 and layer4.1.conv1 wait 1,568 cycles each for the store of their own psum.
    expect(causes['hazard']!.difference).toBe(-3 * 1568);
    expect(layers.map(({ name }) => name).sort()).toEqual(['layer4.0.conv2', 'layer4.1.conv1', 'layer4.1.conv2']);
  });

  it('names layers that only one run has, and counts them whole', () => {
    const { cycles, layers } = diffJson(hi3, '--hardware HI3 --workload resnet50');
    const only = layers.filter((layer) => layer.in === 'b');
    expect(only.map(({ name }) => name)).toContain('layer3.5.conv3');
    expect(only.every((layer) => layer.cycles.a === 0 && sum(layer.causes) === layer.cycles.b)).toBe(true);
    expect(layers.reduce((total, layer) => total + layer.cycles.difference, 0)).toBe(cycles.difference);
  });

  it('shows the cycles of the closed form where only they differ', () => {
    const options = ['--', hi3, `${hi3} --closed-form ceiling`];
    const { cycles, layers } = diffJson(hi3, `${hi3} --closed-form ceiling`);
    expect(cycles.difference).toBe(0);
    expect(layers.length).toBeGreaterThan(0);
    expect(layers.every(({ closedFormCycles }) => closedFormCycles.difference !== 0)).toBe(true);
    const { status, stdout } = systole('diff', ...options);
    expect(status).toBe(1);
    // 512 input channels in tiles of 448 are 2 passes for each of 8 oc tiles, not 1.14: 6.857 tiles more, each of which
    // computes 49·9·7 + 126 = 3,213 cycles while its weights take 9·448·64 / 64 = 4,032, 819 more.
    expect(stdout).toMatch(
      /layer4\.0\.conv2 +conv +40,305 +67,953 +\+27,648 +\+68\.6% +compute \+22,032, stall \+5,616/,
    );
    expect(stdout).toMatch(/total +1,668,104 +1,780,493 +\+112,389/);
  });

  it.each([
    [
      '--assume paper',
      'machine: reload-operands',
      'machine: full-edge-tiles, lockstep, no-psum-hazard, reload-operands',
    ],
    ['--closed-form ceiling', 'closed form: published', 'closed form: ceiling'],
    ['--dram latency', 'DRAM: ideal', 'DRAM: latency'],
    ['--energy fit', 'energy data: none', 'energy data: fit'],
  ])('says what sets %s apart', (option, inA, inB) => {
    const { status, stdout } = systole('diff', '--', hi3, `${hi3} ${option}`);
    expect(status).toBe(1);
    const [a, b] = stdout.split('\n');
    expect(a).toBe(`a: resnet18 inference, batch 1, on HI3; ${inA}`);
    expect(b).toBe(`b: resnet18 inference, batch 1, on HI3; ${inB}`);
  });

  it('sees another clock, and another expansion', () => {
    const hardware = JSON.parse(readFileSync(join(root, 'hw', 'HI3.json'), 'utf8')) as object;
    const slow = temporaryFile('slow.json', { ...hardware, clockPicoseconds: 1930 });
    const { status, stdout } = systole('diff', '--', hi3, `--hardware ${slow} --workload resnet18`);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^a: .*; clock: 965 ps\nb: .*; clock: 1930 ps\n/);
    expect(stdout).toContain('cycles by cause: unchanged');
    expect(stdout).toMatch(/the run: .*seconds\.simulated 0\.\d+ → 0\.\d+/);
    const training = '--hardware HT3 --workload resnet18 --phase training';
    const expansions = systole('diff', '--', training, `${training} --expansion published`).stdout;
    expect(expansions).toMatch(/^a: .*; expansion: exact\nb: .*; expansion: published\n/);
  });

  it('tells runs apart by where they came from if by nothing else', () => {
    const { stdout } = systole(
      'diff',
      runFile,
      changedFile('ops.json', ({ simulated }) => (simulated.ops += 2)),
    );
    expect(stdout).toMatch(/^a: .*\(\S+run\.json\)\nb: .*\(\S+ops\.json\)\n/);
    expect(stdout).toMatch(/conv1 +conv +ops 5,035,261,952 → 5,035,261,954/);
  });

  it('sees a change of any figure of a layer', () => {
    const changed: [string, (layer: RunReport['layers'][number]) => void][] = [
      ['ops', ({ simulated }) => (simulated.ops += 1)],
      ['wbufHeldBits', ({ simulated }) => (simulated.wbufHeldBits += 1)],
      ['interfaceBusyCycles.psum', ({ simulated }) => (simulated.interfaceBusyCycles.psum += 1)],
      ['closedForm.stallCycles', ({ closedForm }) => moveToStall(closedForm)],
      ['closedForm.dramBits.psum', ({ closedForm }) => (closedForm.dramBits.psum += 1)],
      ['tile.oh', ({ tile }) => Object.assign(tile, { oh: 1 })],
    ];
    for (const [figure, change] of changed) {
      const { cycles, layers } = diffJson(runFile, changedFile('changed.json', change));
      expect(cycles.difference).toBe(0);
      expect(layers.map(({ name }) => name)).toEqual(['conv1']);
      expect(Object.keys(layers[0]!.amounts)).toContain(figure);
    }
  });

  it('does not care how a run was simulated', () => {
    const stepped = changedFile('stepped.json', ({ simulated }) => {
      simulated.jumpedTiles += 5;
      simulated.steppedTiles -= 5;
      simulated.events += 5;
    });
    for (const b of [stepped, `${hi3} --no-fast-forward`]) {
      expect(systole('diff', '--', runFile, b)).toEqual({ status: 0, stdout: '', stderr: '' });
    }
  });

  it('splits an option set as a shell would', () => {
    const folder = join(temporaryFolder(), "o'my files");
    mkdirSync(folder);
    copyFileSync(join(root, 'hw', 'HI3.json'), join(folder, 'h.json'));
    const quoted = `--hardware "${join(folder, 'h.json')}" --workload 'resnet18'`;
    expect(systole('diff', '--', runFile, quoted)).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('writes CSV', () => {
    const { stdout } = systole('diff', '--format', 'csv', '--', hi3, `${hi3} --assume no-psum-hazard`);
    expect(stdout.split('\n')[0]).toBe('layer,op,in,figure,a,b,difference');
    expect(stdout).toContain('layer4.0.conv2,conv,both,cycles.hazard,1568,0,-1568');
  });

  it.each([
    [['no.json', hi3], 'systole diff: got "no.json", expected the JSON file of a run, or the options of one'],
    [
      [temporaryFile('bad.json', { layers: [] }), hi3],
      'bad.json: hardware: expected a value of type string (it is missing)',
    ],
    [[temporaryFile('text.json', 'x'), hi3], 'text.json: expected JSON'],
    [['--hardware HI3', hi3], 'expected options of run'],
    [[`${hi3} --help`, hi3], "expected options of run (error: unknown option '--help')"],
    [[`${hi3} -o b.json`, hi3], 'expected options of run without --output and --format: those of the comparison go'],
    [[hi3, `${hi3} --format json`], 'expected options of run without --output and --format'],
    [[hi3, "--hardware 'HI3"], 'expected quotes in pairs'],
    [
      [temporaryFile('sum.json', withLayer({ totalCycles: 8 })), hi3],
      'sum.json: layers[0].simulated.totalCycles: got 8, expected 7, the sum of computeCycles and waiting',
    ],
    [
      [temporaryFile('large.json', JSON.stringify(withLayer({ totalCycles: -1 })).replace('-1', '1e999')), hi3],
      'large.json: layers[0].simulated.totalCycles: got Infinity, expected a finite number',
    ],
  ])('refuses %j with one message', (args, message) => {
    const { status, stdout, stderr } = systole('diff', '--', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
