import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PRESETS, presetWorkload } from '../../src/doors/presets/torchvision.ts';
import { parametersOfGraph, usefulMacsOfGraph } from '../../src/model/workload/counts.ts';
import type { Graph, GraphNode } from '../../src/model/workload/graph.ts';
import { workloadText } from '../../src/views/report/workloadText.ts';
import { importExported } from '../support/onnx.ts';
import { graphPreset } from '../support/presets.ts';

const FOLDER = new URL('../../workloads/', import.meta.url);
const textOf = (name: string): string => readFileSync(new URL(`${name}.json`, FOLDER), 'utf8');

/** Parameters and 10⁹ MACs that torchvision documents for its models, or that torch counts (unet). */
const DOCUMENTED: [string, number, number][] = [
  ['resnet18', 11_689_512, 1.814],
  ['resnet34', 21_797_672, 3.664],
  ['resnet50', 25_557_032, 4.089],
  ['resnet101', 44_549_160, 7.801],
  ['resnet152', 60_192_808, 11.514],
  ['resnext50_32x4d', 25_028_904, 4.23],
  ['wide_resnet50_2', 68_883_240, 11.398],
  ['vgg11', 132_863_336, 7.609],
  ['vgg11_bn', 132_868_840, 7.609],
  ['vgg13', 133_047_848, 11.308],
  ['vgg13_bn', 133_053_736, 11.308],
  ['vgg16', 138_357_544, 15.47],
  ['vgg16_bn', 138_365_992, 15.47],
  ['vgg19', 143_667_240, 19.632],
  ['vgg19_bn', 143_678_248, 19.632],
  ['alexnet', 61_100_840, 0.714],
  ['squeezenet1_1', 1_235_496, 0.349],
  ['densenet121', 7_978_856, 2.834],
  ['googlenet', 6_624_904, 1.498],
  // Documented with the auxiliary classifier: 1×1×768×128 and 5×5×128×768 weights, two batch norms, 768×1000 + 1000.
  ['inception_v3', 27_161_264 - (768 * 128 + 2 * 128 + 25 * 128 * 768 + 2 * 768 + 769_000), 5.713],
  ['mobilenet_v2', 3_504_872, 0.301],
  ['mobilenet_v3_large', 5_483_032, 0.217],
  ['mnasnet1_0', 4_383_312, 0.314],
  ['shufflenet_v2_x1_0', 2_278_604, 0.145],
  ['efficientnet_b0', 5_288_548, 0.386],
  ['regnet_y_400mf', 4_344_144, 0.402],
  ['vit_b_16', 86_567_656, 17.564],
  ['unet', 117_378, 0.402],
];

describe('the preset networks', () => {
  it.each(DOCUMENTED)('%s has %i parameters and %f·10⁹ useful MACs, and says so', (name, parameters, billionMacs) => {
    const graph = graphPreset(name);
    const stated = JSON.parse(textOf(name)) as { parameters: number; macs: number };
    expect([parametersOfGraph(graph), stated.parameters]).toEqual([parameters, parameters]);
    expect(usefulMacsOfGraph(graph)).toBe(stated.macs);
    expect(Number((stated.macs / 1e9).toFixed(3))).toBe(billionMacs);
  });

  it('are all documented here', () => {
    const files = readdirSync(FOLDER).filter((file) => file !== 'workload.schema.json');
    expect(files.sort()).toEqual(DOCUMENTED.map(([name]) => `${name}.json`).sort());
    expect(Object.keys(PRESETS).sort()).toEqual(DOCUMENTED.map(([name]) => name).sort());
  });

  it.each(Object.keys(PRESETS))('%s is what `npm run presets` writes', (name) => {
    expect(textOf(name)).toBe(workloadText(presetWorkload(name)));
  });
});

/** Batch norms that exporters fold: behind a convolution that nobody else reads. Dropout goes too. */
function isFolded(node: GraphNode, graph: Graph): boolean {
  if (node.layer.op === 'dropout') return true;
  const [conv] = node.producers;
  const isOnly = graph.nodes.filter(({ producers }) => producers.includes(conv)).length === 1;
  return node.layer.op === 'batch-norm' && conv !== undefined && /conv$/.test(conv.layer.op) && isOnly;
}

/** What the layers of a graph do and which of them feed which, without names, and without layers that are left out. */
function structureOf(graph: Graph, isLeftOut: (node: GraphNode) => boolean, hasBiases: boolean): object[] {
  const kept = graph.nodes.filter((node) => !isLeftOut(node));
  const source = (node: GraphNode | undefined): number =>
    node === undefined ? -1 : isLeftOut(node) ? source(node.producers[0]) : kept.indexOf(node);
  return kept.map(({ layer: { name, inputs, ...layer }, producers, outputShape }) => ({
    ...layer,
    // A folded batch norm leaves a bias.
    ...('bias' in layer && !hasBiases ? { bias: true } : {}),
    outputShape,
    producers: producers.map(source),
  }));
}

describe('a preset has the layers of the exported graph', () => {
  const none = () => false;

  it.each([
    ['resnet18', 'resnet18-train'],
    ['mobilenet_v2', 'mobilenet_v2-train'],
    ['unet', 'unet_small-train'],
  ])('%s, of %s', (preset, exported) => {
    expect(structureOf(graphPreset(preset), none, true)).toEqual(
      structureOf(importExported(exported).graph, none, true),
    );
  });

  it.each([
    ['densenet121', 'densenet121'],
    ['efficientnet_b0', 'efficientnet_b0'],
    ['googlenet', 'googlenet'],
    ['mobilenet_v2', 'mobilenet_v2'],
    ['resnet34', 'resnet34'],
    ['resnext50_32x4d', 'resnext50_32x4d'],
    ['squeezenet1_1', 'squeezenet1_1'],
    ['unet', 'unet_small'],
    ['vgg16_bn', 'vgg16_bn'],
  ])('%s, but for what is folded in %s', (preset, exported) => {
    const graph = graphPreset(preset);
    const expected = structureOf(importExported(exported).graph, none, false);
    expect(structureOf(graph, (node) => isFolded(node, graph), false)).toEqual(expected);
  });
});
