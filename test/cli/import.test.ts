import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ImportSummary } from '../../src/views/report/importSummary.ts';
import { systole, temporaryFile } from '../support/cli.ts';
import { onnxBytes } from '../support/onnx.ts';

const UNET = 'test/importers/onnx/unet_small.onnx';
const VIT = 'test/importers/scalesim/scalesim_vit_s_mnk.csv';

describe('systole import', () => {
  it('writes a workload that is read back as the same', () => {
    const file = temporaryFile('net.json', '');
    expect(systole('import', UNET, '-o', file)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(systole('import', file).stdout).toBe(readFileSync(file, 'utf8'));
    expect(systole('import', UNET).stdout).toBe(readFileSync(file, 'utf8'));
  });

  it('sums up: parameters, useful MACs, and the output of every layer', () => {
    const { status, stdout } = systole('import', UNET, '--summary', '--format', 'json');
    expect(status).toBe(0);
    const summary = JSON.parse(stdout) as ImportSummary;
    // As torch counts them (test/importers/onnx/unet_small.json).
    expect(summary).toMatchObject({ name: 'unet_small', parameters: 116_850, macs: 401_866_752 });
    // 128·128 outputs · 16 channels · 3·3·3.
    expect(summary.layers[0]).toEqual({
      name: '/d1/d1.0/Conv',
      op: 'conv',
      macs: 7_077_888,
      outputShape: [1, 16, 128, 128],
    });
  });

  it.each(['-', '/dev/stdout'])('does not mix workload and summary on stdout (%s)', (output) => {
    expect(systole('import', VIT, '--summary', '-o', output)).toEqual({
      status: 2,
      stdout: '',
      stderr: `systole: --output: got "${output}", expected a file, because the summary goes to stdout\n`,
    });
  });

  it('writes the workload beside the summary', () => {
    const file = temporaryFile('net.json', '');
    const { stdout } = systole('import', VIT, '--summary', '--format', 'csv', '-o', file);
    expect(stdout.split('\n').slice(0, 2)).toEqual(['name,op,macs,outputShape', 'L0,gemm,14450688,1×196×192']);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ name: 'scalesim_vit_s_mnk', graph: 'list' });
  });

  it('shows a table', () => {
    const { stdout } = systole('import', 'alexnet', '--summary');
    expect(stdout.split('\n')[0]).toBe('alexnet: 61,100,840 parameters, 714,188,480 useful MACs per image');
  });

  it("reads SimDIT's programs", () => {
    const { stdout } = systole('import', 'test/simdit/resnet18-inference.json', '--summary', '--format', 'json');
    const summary = JSON.parse(stdout) as ImportSummary;
    // A ResNet-18 with its batch norms folded: the preset's MACs, a bias for each channel.
    expect(summary.macs).toBe(1_814_073_344);
    expect(summary.parameters).toBe(11_689_512 - 4800);
  });

  it('counts everything that is not supported in one message, and names what is near', () => {
    const model = onnxBytes({
      nodes: [
        { op: 'Elu', inputs: ['x'], outputs: ['a'], name: '/first/Elu' },
        { op: 'Elu', inputs: ['a'], outputs: ['b'] },
        { op: 'Relu', inputs: ['b'], outputs: ['c'] },
        { op: 'LogSoftmax', inputs: ['c'], outputs: ['d'], name: '/Log' },
        { op: 'FusedConv', domain: 'com.microsoft', inputs: ['d'], outputs: ['y'], name: '/Fused' },
      ],
    });
    const file = temporaryFile('odd.onnx', model);
    const { status, stdout, stderr } = systole('import', file);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      `systole: ${file}: expected only operators that can be imported; these cannot: 2 × Elu (first: /first/Elu; Relu can be), 1 × LogSoftmax (first: /Log; Softmax can be), 1 × com.microsoft.FusedConv (first: /Fused)\n`,
    );
  });

  const wrong: [string, string | Uint8Array, string, string][] = [
    ['no file of any kind', 'hello', 'net.txt', 'expected JSON (line 1'],
    ['a file cut off', onnxBytes({ nodes: [] }).subarray(0, 9), 'net.onnx', 'expected an ONNX model as protobuf'],
    ['a model without nodes', onnxBytes({ nodes: [] }), 'net.onnx', 'expected an ONNX model with a graph of nodes'],
    ['an empty file', '', 'net.onnx', 'expected an ONNX model with a graph of nodes'],
  ];
  it.each(wrong)('refuses %s with exit code 2', (_, content, name, message) => {
    const { status, stdout, stderr } = systole('import', temporaryFile(name, content));
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.split('\n')).toHaveLength(2);
  });

  it.each([['/tmp'], ['/no/such/file.onnx']])('refuses %s, which cannot be read', (path) => {
    const { status, stderr } = systole('import', path);
    expect(status).toBe(2);
    expect(stderr).toContain(`systole: systole import: got "${path}", expected a preset (`);
  });
});

describe('options that change nothing', () => {
  it.each([
    [['import', VIT, '--format', 'json'], '--format: got "json", expected --summary, without which it changes nothing'],
    [
      ['export', 'astra-sim', '-c', 'HT1', '-t', 'resnet18', '--phase', 'inference'],
      '--phase: got "inference", expected training, if it is given',
    ],
  ])('are refused: %s', (args, message) => {
    const { status, stderr } = systole(...args);
    expect([status, stderr]).toEqual([2, `systole: ${message}\n`]);
  });
});

describe('--workload', () => {
  it('runs an ONNX model, and says what of it cannot run yet', () => {
    const ran = systole('run', '-c', 'HI3', '-t', 'test/importers/onnx/resnet34.onnx', '--format', 'json');
    expect([ran.status, ran.stderr]).toEqual([0, '']);
    expect(JSON.parse(ran.stdout)).toMatchObject({ workload: 'resnet34' });
  });

  it('suggests the preset that may have been meant', () => {
    const { status, stderr } = systole('run', '-c', 'HI3', '-t', 'resnet81');
    expect(status).toBe(2);
    expect(stderr).toMatch(/or a file that can be read; did you mean resnet18\?\n$/);
  });
});

describe('systole export astra-sim', () => {
  const args = ['export', 'astra-sim', '-c', 'HT1', '-t', 'resnet18', '--batch', '2'];
  const rowsOf = (text: string): string[][] =>
    text
      .trim()
      .split('\n')
      .slice(2)
      .map((line) => line.split('\t'));

  it('writes a line of twelve columns per layer, whose times are all cycles of the iteration', () => {
    const { status, stdout } = systole(...args);
    expect(status).toBe(0);
    const [kind, count] = stdout.split('\n');
    const rows = rowsOf(stdout);
    expect([kind, Number(count)]).toEqual(['DATA', rows.length]);
    expect(rows.every((row) => row.length === 12)).toBe(true);
    const run = systole(
      'run',
      '-c',
      'HT1',
      '-t',
      'resnet18',
      '--batch',
      '2',
      '--phase',
      'training',
      '--format',
      'json',
    );
    const report = JSON.parse(run.stdout) as {
      layers: { name: string; simulated: { totalCycles: number } }[];
      totals: { all: { simulated: { totalCycles: number } } };
    };
    const cycles = new Map(report.layers.map((layer) => [layer.name, layer.simulated.totalCycles]));
    const times = rows.flatMap((row) => [row[2], row[5], row[8], row[11]].map(Number));
    expect(times.reduce((sum, time) => sum + time, 0)).toBe(report.totals.all.simulated.totalCycles);
    // A layer's forward pass, input gradient, weight gradient and update; its 3·3·64·64 weights are 4 bytes each.
    const row = rows.find(([name]) => name === 'layer1.0.conv1')!;
    const of = (suffix: string) => String(cycles.get(`layer1.0.conv1${suffix}`));
    expect(row).toEqual([
      ...['layer1.0.conv1', '-1', of(''), 'NONE', '0', of('.dX'), 'NONE', '0'],
      ...[of('.dW'), 'ALLREDUCE', String(9 * 64 * 64 * 4), of('.sgd')],
    ]);
    // The first layer has no input gradient; a ReLU no weights.
    expect(rows[0]!.slice(0, 8)).toEqual(['conv1', '-1', String(cycles.get('conv1')), 'NONE', '0', '0', 'NONE', '0']);
    expect(rows.find(([name]) => name === 'relu')!.slice(8)).toEqual(['0', 'NONE', '0', '0']);
  });

  it('knows nanoseconds: 1220 ps a cycle', () => {
    const [cycles, nanoseconds] = [systole(...args), systole(...args, '--unit', 'ns')].map(({ stdout }) =>
      rowsOf(stdout).map((row) => Number(row[2])),
    );
    expect(nanoseconds).toEqual(cycles!.map((time) => Math.round(time * 1.22)));
  });
});
