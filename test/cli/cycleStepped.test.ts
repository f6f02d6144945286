import { describe, expect, it } from 'vitest';
import { systole } from '../support/cli.ts';

const RUN = ['run', '-c', 'HI3', '-t', 'resnet18'];

/** Figures that say how a run was computed, and not what came of it. */
const OF_THE_COMPUTATION = new Set(['events', 'steppedTiles', 'jumpedTiles']);

function figures(...args: string[]): unknown {
  const { status, stdout, stderr } = systole(...RUN, '--format', 'json', ...args);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout, (key, value: unknown) => (OF_THE_COMPUTATION.has(key) ? undefined : value));
}

describe('systole run --cycle-stepped', () => {
  it('gives the figures of the same run, whatever the assumptions', () => {
    const layers = ['--cycle-stepped', 'fc, maxpool, layer4.0.downsample.conv, avgpool'];
    expect(figures(...layers)).toEqual(figures());
    expect(figures(...layers, '--assume', 'paper')).toEqual(figures('--assume', 'paper'));
  });

  it('gives them where layers overlap and are fused too', () => {
    // `relu2` takes the tiles of a conv over, which is computed tile by tile.
    const layers = ['--cycle-stepped', 'fc, layer4.1.relu2'];
    const together = ['--assume', 'prefetch', '--fuse', 'chains'];
    expect(figures(...layers, ...together)).toEqual(figures(...together));
  });

  it('refuses a layer that there is not', () => {
    const { status, stdout, stderr } = systole(...RUN, '--cycle-stepped', 'layer4.0.conv');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('systole: --cycle-stepped: ');
    expect(stderr).toContain('expected a layer of the network, such as layer4.0.conv');
  });
});
