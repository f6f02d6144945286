import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { importScaleSim } from '../../src/model/importers/scaleSim.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { assumptionsOf } from '../../src/model/schedule/assumptions.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { usefulMacsOfGraph } from '../../src/model/workload/counts.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import type { Graph } from '../../src/model/workload/graph.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { importExported } from '../support/onnx.ts';
import { graphPreset, hardwarePreset } from '../support/presets.ts';

const namesIn = (folder: string): string[] => readdirSync(new URL(folder, import.meta.url));
const PRESETS = namesIn('../../workloads/')
  .filter((file) => !file.endsWith('.schema.json'))
  .map((file) => file.replace('.json', ''));
const LISTS = namesIn('./scalesim/').filter((file) => file.startsWith('scalesim_'));

/** What every layer takes by both models, in program order. */
function figuresOf(
  graph: Graph,
  hardwareName: string,
  phase: 'inference' | 'training',
): (object & { readonly useful: number })[] {
  const hardware = hardwarePreset(hardwareName);
  const program = phase === 'inference' ? inferenceProgram(graph, 1) : trainingProgram(graph, 2, 'exact');
  const machine = new Machine(hardware);
  return tileProgram(program, hardware).map((layer) => ({
    op: layer.op,
    tile: layer.tile,
    useful: layer.useful!.macs,
    closedForm: closedForm(layer, hardware, 'ceiling'),
    simulated: machine.run(layer, assumptionsOf(new Set(['reload-operands']))),
  }));
}

describe('an exported network runs as its preset does', () => {
  it.each([
    ['resnet34', 'resnet34', 'HI1'],
    ['resnext50_32x4d', 'resnext50_32x4d', 'HI2'],
    ['vgg16_bn', 'vgg16_bn', 'HI3'],
    ['mobilenet_v2', 'mobilenet_v2', 'HI1'],
    ['efficientnet_b0', 'efficientnet_b0', 'HI2'],
    ['densenet121', 'densenet121', 'HI3'],
    ['googlenet', 'googlenet', 'HI1'],
    ['squeezenet1_1', 'squeezenet1_1', 'HI2'],
    ['resnet18-train', 'resnet18', 'HI3'],
  ])('%s as %s, an inference on %s', (exported, preset, hardware) => {
    expect(figuresOf(importExported(exported).graph, hardware, 'inference')).toEqual(
      figuresOf(graphPreset(preset), hardware, 'inference'),
    );
  });

  it.each([
    ['resnet18-train', 'resnet18', 'HT1'],
    ['mobilenet_v2-train', 'mobilenet_v2', 'HT2'],
  ])('%s as %s, a training iteration on %s', (exported, preset, hardware) => {
    expect(figuresOf(importExported(exported).graph, hardware, 'training')).toEqual(
      figuresOf(graphPreset(preset), hardware, 'training'),
    );
  });

  it.each(['lenet5', 'unet_small', 'unet_small-train'])('%s by itself', (exported) => {
    const { graph } = importExported(exported);
    const phase = exported.endsWith('-train') ? 'training' : 'inference';
    const figures = figuresOf(graph, phase === 'training' ? 'HT3' : 'HI3', phase);
    expect(figures.length).toBeGreaterThanOrEqual(graph.nodes.length / 2);
  });
});

describe('every network that comes with Systole', () => {
  it.each(PRESETS)('%s is tiled for all presets of hardware, and runs', (name) => {
    const graph = graphPreset(name);
    for (const hardware of ['HI1', 'HI2', 'HI3']) tileProgram(inferenceProgram(graph, 1), hardwarePreset(hardware));
    for (const hardware of ['HT1', 'HT2', 'HT3']) {
      tileProgram(trainingProgram(graph, 32, 'exact'), hardwarePreset(hardware));
    }
    const macs = figuresOf(graph, 'HI3', 'inference').reduce((sum, { useful }) => sum + useful, 0);
    expect(macs).toBe(usefulMacsOfGraph(graph));
  });
});

describe("SCALE-Sim's lists", () => {
  it.each(LISTS)('%s runs, all of its MACs useful', (file) => {
    const text = readFileSync(new URL(`./scalesim/${file}`, import.meta.url), 'utf8');
    const { graph } = importScaleSim(text, file, file);
    const macs = figuresOf(graph, 'HI2', 'inference').reduce((sum, { useful }) => sum + useful, 0);
    expect(macs).toBe(usefulMacsOfGraph(graph));
  });
});
