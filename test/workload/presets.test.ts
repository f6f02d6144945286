import { describe, expect, it } from 'vitest';
import { graphPreset } from '../support/presets.ts';

/** Weights, biases and BN scales and shifts of a network, from its layers' dimensions. */
function parameters(network: string): number {
  return graphPreset(network).nodes.reduce((sum, { layer }) => {
    switch (layer.op) {
      case 'conv': {
        const { OC, IC, KH, KW } = layer.dimensions;
        return sum + OC * IC * KH * KW + (layer.bias ? OC : 0);
      }
      case 'gemm':
        return sum + layer.dimensions.OC * layer.dimensions.IC + (layer.bias ? layer.dimensions.OC : 0);
      case 'batch-norm':
        return sum + 2 * layer.dimensions.C;
      default:
        return sum;
    }
  }, 0);
}

describe('the preset networks', () => {
  // The numbers of parameters that torchvision documents for these models.
  it.each([
    ['resnet18', 11_689_512],
    ['resnet50', 25_557_032],
    ['vgg16', 138_357_544],
    ['alexnet', 61_100_840],
  ])('%s has %i parameters', (network, count) => {
    expect(parameters(network)).toBe(count);
  });
});
