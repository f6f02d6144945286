import { describe, expect, it } from 'vitest';
import { parametersOfGraph } from '../../src/model/workload/counts.ts';
import { graphPreset } from '../support/presets.ts';

describe('the preset networks', () => {
  // The numbers of parameters that torchvision documents for these models.
  it.each([
    ['resnet18', 11_689_512],
    ['resnet50', 25_557_032],
    ['vgg16', 138_357_544],
    ['alexnet', 61_100_840],
  ])('%s has %i parameters', (network, count) => {
    expect(parametersOfGraph(graphPreset(network))).toBe(count);
  });
});
