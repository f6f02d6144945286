import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/views/report/runReport.ts';
import {
  type Moment,
  root,
  startSystole,
  systoleWide as systole,
  temporaryFile,
  temporaryFolder,
} from '../support/cli.ts';

const hi3 = ['--hardware', 'HI3', '--workload', 'resnet50'];

const texts = new Map<string, string>();

/** What `explain` says of a layer of ResNet-50 on HI3; each command is run once. */
function textOf(...args: string[]): string {
  const known = texts.get(args.join());
  if (known !== undefined) return known;
  const { status, stdout, stderr } = systole('explain', ...hi3, '--layer', ...args);
  expect([status, stderr]).toEqual([0, '']);
  texts.set(args.join(), stdout);
  return stdout;
}

/** A preset network with a layer's tile given. */
function withTile(network: string, name: string, tile: unknown): string {
  const workload = JSON.parse(readFileSync(join(root, 'workloads', `${network}.json`), 'utf8')) as {
    layers: { name: string }[];
  };
  const layers = workload.layers.map((layer) => (layer.name === name ? { ...layer, tile } : layer));
  return temporaryFile('given.json', { ...workload, layers });
}

describe('systole explain', () => {
  it('says which capacity bounds the tile: 64 KiB more of WBuf and the 512 channels need one pass', () => {
    // A slot is half of WBuf. 3·3·512·64 weights of 8 bits are 288 KiB, so 576 KiB hold two such tiles, 512 do not.
    const text = textOf('layer4.0.conv2');
    expect(text).toContain('layer4.0.conv2 (conv): 59,147 cycles simulated, 40,305 by the closed form');
    expect(text).toContain('T_ic: WBuf: 64 KiB more and T_ic would be 512 instead of 448: 40,746 cycles (-31.1%)');
    expect(text).toContain('WBuf (512 KiB): 64 KiB more and T_ic would be 512 instead of 448');
    expect(text).toMatch(/case 5: .* 7\.00 /);
  });

  it('says which capacities bound it together, and what is as large as the layer', () => {
    const text = textOf('layer1.0.conv2');
    expect(text).toContain(
      'T_oh, T_ow: IBuf: 165 KiB more, OBuf: 544 KiB more, together, and T_oh would be 56 instead of 28, T_ow would be 56 instead of 28',
    );
    expect(text).toContain('T_oc = OC, T_ic = IC, T_kh = KH, T_kw = KW, T_n = N: nothing bounds them.');
  });

  it('says up to where an SRAM could go: the loader takes no smaller one', () => {
    const { stdout } = systole('explain', '-c', 'HI2', '-t', 'alexnet', '--layer', 'conv4');
    expect(stdout).toContain('113 KiB could go without a change of the tile (14.0625 KiB is the smallest valid IBuf).');
    const hardware = JSON.parse(readFileSync(join(root, 'hw', 'HI2.json'), 'utf8')) as { sramKiB: { ibuf: number } };
    const withIbuf = (ibuf: number): string =>
      temporaryFile('hardware.json', { ...hardware, sramKiB: { ...hardware.sramKiB, ibuf } });
    expect(systole('run', '-c', withIbuf(128 - 113), '-t', 'alexnet').status).toBe(0);
    expect(systole('run', '-c', withIbuf(128 - 114), '-t', 'alexnet').stderr).toContain('at least 14.0625 KiB');
  });

  it('explains counts that nobody can count', () => {
    expect(textOf('layer4.0.conv2')).toContain('Counts are fractions where a tile does not divide the layer');
    expect(textOf('layer4.0.conv2')).toContain('Counts are signed');
    expect(textOf('layer1.0.conv2')).not.toContain('Counts are');
  });

  it('gives the segments of a gemm with one row', () => {
    expect(textOf('fc')).toMatch(/a new oc tile, and the last one out +6\.00 +3,914\n/);
  });

  it('names the bottleneck of a SIMD layer, which no bandwidth hides', () => {
    const text = textOf('layer1.0.add');
    // The tile is 128·28·28 words of 32 bits, a half 512 KiB.
    expect(text).toContain('the tile takes of a slot, in each half: VMem 76.6% of 4,194,304 bits');
    expect(text).toContain('The bottleneck: the VMem interface; twice as much saves 75,264 cycles (46.0%).');
    expect(text).toContain('VMem has one slot, so loads, compute and stores take turns');
    expect(text).toMatch(
      /From [\d,]+ bits per cycle on .* twice as much of the SIMD lanes \(array columns\) saves more/,
    );
  });

  it('names the array where that is the bottleneck, and no interface that is worth less than a percent', () => {
    const { stdout } = systole('explain', '-c', 'HI2', '-t', 'alexnet', '--layer', 'conv3');
    expect(stdout).toContain('The bottleneck: the array rows; twice as much saves 54,564 cycles (47.6%).');
    expect(stdout.match(/bottleneck/g)).toHaveLength(1);
  });

  it('says whose tile it is, and what the generator would have chosen', () => {
    const tile = { oc: 64, ic: 64, kh: 3, kw: 3, n: 1, oh: 14, ow: 14 };
    const given = withTile('resnet50', 'layer1.0.conv2', tile);
    const { stdout } = systole('explain', '-c', 'HI3', '-t', given, '--layer', 'layer1.0.conv2');
    expect(stdout).toContain(
      'The generator would have chosen oc 64, ic 64, kh 3, kw 3, n 1, oh 28, ow 28: 32,764 cycles',
    );
    expect(stdout).not.toContain('64 times');
    expect(textOf('layer1.0.conv2')).toContain('layer1.0.conv2 (conv): 32,764 cycles simulated');
  });

  it("takes a compiler's tiles as `run` does", () => {
    const hardware = JSON.parse(readFileSync(join(root, 'hw', 'HI3.json'), 'utf8')) as { sramKiB: { wbuf: number } };
    const larger = temporaryFile('larger.json', { ...hardware, sramKiB: { ...hardware.sramKiB, wbuf: 1024 } });
    const options = ['-c', larger, '-t', 'test/simdit/resnet18-inference.json', '--tiles', 'file', '--format', 'json'];
    const { layers } = JSON.parse(systole('run', ...options).stdout) as RunReport;
    const { name, tile, simulated } = layers.find(({ op }) => op === 'conv')!;
    const explained = JSON.parse(systole('explain', ...options, '--layer', name).stdout) as {
      layer: { tile: unknown };
      simulated: unknown;
      givenTile: { generated: unknown };
    };
    expect(explained.layer.tile).toEqual(tile);
    expect(explained.simulated).toEqual(simulated);
    expect(explained.givenTile.generated).not.toEqual(tile);
  });

  it('gives the energy that `run` gives', () => {
    const { layers } = JSON.parse(systole('run', ...hi3, '--energy', 'fit', '--format', 'json').stdout) as RunReport;
    const explained = JSON.parse(textOf('fc', '--energy', 'fit', '--format', 'json')) as { energy: unknown };
    expect(explained.energy).toEqual(layers.find(({ name }) => name === 'fc')!.energy);
    expect(textOf('fc', '--energy', 'fit')).toContain('energy with the constants "fit": A fit, not measured data');
  });

  it('gives the same as data', () => {
    const report = JSON.parse(textOf('layer4.0.conv2', '--format', 'json')) as {
      dimensionLevers: { dim: string }[];
      [other: string]: unknown;
    };
    expect(report).toMatchObject({
      simulated: { totalCycles: 59_147 },
      assumptions: ['reload-operands'],
      tileLevers: [{ sram: 'wbuf', more: { kib: 64, changes: [{ dim: 'ic', from: 448, to: 512 }] } }, {}, {}, {}],
    });
    // What there is none of is left out.
    expect(report).not.toHaveProperty('givenTile');
    expect(report.dimensionLevers.find(({ dim }) => dim === 'ic')).toMatchObject({
      size: 512,
      side: 448,
      more: { kib: { wbuf: 64 }, tile: { ic: 512 } },
      cyclesThen: 40_746,
    });
  });

  it('says which side of a fused group binds, and what would help: here a second slot of VMem, or twice its interface', () => {
    // 8 tiles of 128·28·28 elements, one after another: the shortcut in (32 bits), an add and a relu on 64 lanes with
    // 5 + 63 cycles of filling each, the result out (8 bits).
    const tile = 128 * 28 * 28;
    const taking = (bitsPerCycle: number): number =>
      8 * ((tile * 32) / bitsPerCycle + 2 * (tile / 64 + 68) + (tile * 8) / bitsPerCycle);
    const text = textOf('layer1.1.relu3', '--fuse', 'chains');
    expect(text).toContain(
      'layer1.1.conv3 + layer1.1.add + layer1.1.relu3 (fused): 88,896 cycles simulated, 292,078 one after the other',
    );
    expect(taking(512)).toBe(88_896);
    expect(text).toContain("The SIMD array's side binds: the PE array waits 59.0% of the time for a slot of OBuf");
    expect(text).toContain('The bottleneck: the VMem interface; twice as much saves 31,360 cycles (35.3%).');
    expect(taking(512) - taking(1024)).toBe(31_360);
    const slots = /the VMem slots +1 slot +([\d,]+) /.exec(text)![1]!.replaceAll(',', '');
    const hardware = JSON.parse(readFileSync(join(root, 'hw', 'HI3.json'), 'utf8')) as {
      slots: object;
      sramKiB: { vmem: number };
    };
    const two = temporaryFile('two.json', {
      ...hardware,
      slots: { ...hardware.slots, vmem: 2 },
      sramKiB: { ...hardware.sramKiB, vmem: 2 * hardware.sramKiB.vmem },
    });
    const { groups } = JSON.parse(
      systole('run', '-c', two, '-t', 'resnet50', '--fuse', 'chains', '--format', 'json').stdout,
    ) as RunReport;
    expect(groups!.find(({ members }) => members.includes('layer1.1.conv3'))!.totalCycles).toBe(Number(slots));
  });

  it('says where the PE array binds, and what a group is, as data too', () => {
    expect(textOf('conv1', '--fuse', 'pairs')).toContain("The PE array's side binds: the PE array waits 0.0%");
    const group = JSON.parse(textOf('conv1', '--fuse', 'pairs', '--format', 'json', '--energy', 'fit')) as {
      [name: string]: unknown;
    };
    expect(group).toMatchObject({
      group: 'conv1 + relu',
      binding: 'SA',
      isSumStored: false,
      members: [{ name: 'conv1' }, { name: 'relu' }],
    });
    const report = JSON.parse(
      systole('run', ...hi3, '--fuse', 'pairs', '--energy', 'fit', '--format', 'json').stdout,
    ) as RunReport;
    const [conv1, relu] = report.layers as [RunReport['layers'][number], RunReport['layers'][number]];
    const [first] = report.groups!;
    const parts = [first!, conv1, relu].map(({ energy }) => energy!.simulated.totalJoules);
    expect((group['energy'] as { totalJoules: number }).totalJoules).toBeCloseTo(parts[0]! + parts[1]! + parts[2]!, 15);
    expect(group['totalCycles']).toBe(first!.totalCycles);
    // What is in no group is explained as it is, and a group's own name will do.
    expect(textOf('maxpool', '--fuse', 'pairs')).toBe(textOf('maxpool'));
    expect(textOf('conv1 + relu', '--fuse', 'pairs')).toBe(textOf('conv1', '--fuse', 'pairs'));
  });

  it('explains a layer of a training iteration, and one on real memory', () => {
    const training = ['--hardware', 'HT3', '--workload', 'resnet18', '--phase', 'training', '--layer', 'conv1.dW'];
    expect(systole('explain', ...training).stdout).toContain('waits: hazard');
    const onMemory = ['-c', 'HI3', '-t', 'resnet18', '--layer', 'layer4.0.downsample.conv', '--dram', 'HBM2'];
    const { stdout } = systole('explain', ...onMemory);
    expect(stdout).toContain('DRAM: HBM2');
    expect(stdout).toContain('The layer runs alone on fresh memory');
    expect(stdout).toMatch(/the DRAM channels +8 channels/);
  });

  it('shows how far it is, and stops on Ctrl-C within one of its many runs', async () => {
    const options = ['-c', 'HI3', '-t', 'resnet18', '--batch', '8', '--layer', 'conv1', '--dram', 'HBM2'];
    const moment: Moment = { at: { stderr: 'run 2, ' }, happens: { signal: 'SIGINT' } };
    const { status, stdout, stderr } = await startSystole(moment, 'explain', ...options).ended;
    expect([status, stdout]).toEqual([130, '']);
    const progress = '(systole: trying .*, \\d of 4: run \\d+, \\d+% done\\n)';
    expect(stderr).toMatch(new RegExp(`^${progress}+\\(SIGINT\\)\nsystole: interrupted\n$`));
  });

  it.each([
    [
      ['--layer', 'layer4.0.conv9'],
      '--layer: got "layer4.0.conv9", expected a layer of the network, such as layer4.0.conv1',
    ],
    [['--layer', 'fc', '--energy', 'none.json'], '--energy: got "none.json"'],
  ])('refuses %j with one message', (args, message) => {
    const { status, stdout, stderr } = systole('explain', ...hi3, ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it.each([
    ['--format', 'csv', "option '--format <format>' argument 'csv' is invalid. Allowed choices are table, json"],
    ['-o', join(temporaryFolder(), 'fc.csv'), '--format: got "csv", expected table or json'],
  ])('refuses %s %s before it looks at anything else', (option, value, message) => {
    const { status, stdout, stderr } = systole('explain', '-c', 'none', '-t', 'none', '--layer', 'fc', option, value);
    expect([status, stdout, stderr]).toEqual([2, '', `systole: ${message}\n`]);
  });
});
