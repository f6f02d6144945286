import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { assumptionsOf } from '../../src/model/schedule/assumptions.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import type { Graph } from '../../src/model/workload/graph.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { importExported } from '../support/onnx.ts';
import { graphPreset, hardwarePreset } from '../support/presets.ts';

/** What every layer takes by both models, in program order. */
function figuresOf(graph: Graph, hardwareName: string, phase: 'inference' | 'training'): object[] {
  const hardware = hardwarePreset(hardwareName);
  const program = phase === 'inference' ? inferenceProgram(graph, 1) : trainingProgram(graph, 2, 'exact');
  const machine = new Machine(hardware);
  return tileProgram(program, hardware).map((layer) => ({
    op: layer.op,
    tile: layer.tile,
    closedForm: closedForm(layer, hardware, 'ceiling'),
    simulated: machine.run(layer, assumptionsOf(new Set(['reload-operands']))),
  }));
}

describe('an exported network runs as its preset does', () => {
  it.each([
    ['resnet34', 'resnet34', 'HI1'],
    ['resnext50_32x4d', 'resnext50_32x4d', 'HI2'],
    ['vgg16_bn', 'vgg16_bn', 'HI3'],
    ['resnet18-train', 'resnet18', 'HI3'],
  ])('%s as %s, an inference on %s', (exported, preset, hardware) => {
    expect(figuresOf(importExported(exported).graph, hardware, 'inference')).toEqual(
      figuresOf(graphPreset(preset), hardware, 'inference'),
    );
  });

  it('resnet18-train as resnet18, a training iteration on HT1', () => {
    expect(figuresOf(importExported('resnet18-train').graph, 'HT1', 'training')).toEqual(
      figuresOf(graphPreset('resnet18'), 'HT1', 'training'),
    );
  });
});
