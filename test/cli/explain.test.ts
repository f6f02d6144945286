import { describe, expect, it } from 'vitest';
import { systole } from '../support/cli.ts';

const hi3 = ['explain', '--hardware', 'HI3', '--workload', 'resnet50'];

describe('systole explain', () => {
  it('says which capacity bounds the tile: 64 KiB more of WBuf and the 512 channels need one pass', () => {
    // A slot is half of WBuf. 3·3·512·64 weights of 8 bits are 288 KiB, so 576 KiB hold two such tiles, 512 do not.
    const { status, stdout, stderr } = systole(...hi3, '--layer', 'layer4.0.conv2');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('WBuf (512 KiB): 64 KiB more and T_ic would be 512 instead of 448');
    expect(stdout).toContain('layer4.0.conv2 (conv): 59,147 cycles simulated, 40,305 by the closed form');
    expect(stdout).toMatch(/case 5: .* 7\.00 /);
  });

  it('explains SIMD layers', () => {
    const { stdout } = systole(...hi3, '--layer', 'layer1.0.relu1');
    expect(stdout).toContain('VMem at 512 bits per cycle: a bottleneck');
  });

  it('gives the same as data', () => {
    const { stdout } = systole(...hi3, '--layer', 'layer4.0.conv2', '--format', 'json');
    const report = JSON.parse(stdout) as { simulated: unknown; tileLevers: { sram: string; more: { kib: number } }[] };
    expect(report.simulated).toMatchObject({ totalCycles: 59_147 });
    expect(report.tileLevers[0]).toMatchObject({
      sram: 'wbuf',
      more: { kib: 64, changes: [{ dim: 'ic', from: 448, to: 512 }] },
    });
  });

  it('explains a layer of a training iteration, and one on real memory', () => {
    const training = ['--hardware', 'HT3', '--workload', 'resnet18', '--phase', 'training', '--layer', 'conv1.dW'];
    expect(systole('explain', ...training).stdout).toContain('waits: hazard');
    expect(systole(...hi3, '--layer', 'fc', '--dram', 'HBM2').stdout).toContain('DRAM: HBM2');
  });

  it.each([
    [
      ['--layer', 'layer4.0.conv9'],
      '--layer: got "layer4.0.conv9", expected a layer of the network, such as layer4.0.conv1',
    ],
    [['--layer', 'fc', '--format', 'csv'], '--format: got "csv", expected table or json'],
  ])('refuses %j with one message', (args, message) => {
    const { status, stdout, stderr } = systole(...hi3, ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
