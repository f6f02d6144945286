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

  it.each([
    ['layer4.0.conv', [], 'expected a layer of the network, such as layer4.0.conv'],
    ['fc', ['--assume', 'prefetch'], 'expected no layers under prefetch, where several run at a time'],
  ])('refuses %s %j', (layers, more, message) => {
    const { status, stdout, stderr } = systole(...RUN, '--cycle-stepped', layers, ...more);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`systole: --cycle-stepped: `);
    expect(stderr).toContain(message);
  });
});
