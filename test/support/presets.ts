/** The presets that come with Systole, loaded as the command line loads them. */
import { readFileSync } from 'node:fs';
import type { DramModel } from '../../src/model/dram/model.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import { parseDram } from '../../src/model/schemas/dram.ts';
import { type Hardware, parseHardware } from '../../src/model/schemas/hardware.ts';
import { parseJson } from '../../src/model/schemas/parse.ts';
import { parseWorkload, type Workload } from '../../src/model/schemas/workload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import type { Expansion } from '../../src/model/workload/expansion.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph, type Graph } from '../../src/model/workload/graph.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';

export const INFERENCE_HARDWARE = ['HI1', 'HI2', 'HI3'] as const;
export const TRAINING_HARDWARE = ['HT1', 'HT2', 'HT3'] as const;

function read(folder: string, name: string): [unknown, string] {
  const file = `${folder}/${name}.json`;
  return [parseJson(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'), file), file];
}

export function hardwarePreset(name: string): Hardware {
  return parseHardware(...read('hw', name));
}

/** A network as plain data. */
export function workloadPreset(name: string): { file: string; workload: Workload } {
  const [value, file] = read('workloads', name);
  return { file, workload: parseWorkload(value, file) };
}

/** A banked memory as commands use it unless told otherwise. */
export function memoryPreset(name: string): DramModel {
  return { kind: 'banked', spec: parseDram(...read('hw/dram', name)), layout: 'tiles', sharing: 'shared' };
}

export function graphPreset(name: string): Graph {
  const [value, file] = read('workloads', name);
  return buildGraph(parseWorkload(value, file), file);
}

/** The tiled layers of an inference of a preset network. */
export function inferenceLayers(network: string, hardware: Hardware, batch = 1): Layer[] {
  return tileProgram(inferenceProgram(graphPreset(network), batch), hardware);
}

/** The tiled layers of a training iteration of a preset network. */
export function trainingLayers(network: string, hardware: Hardware, expansion: Expansion, batch = 32): Layer[] {
  return tileProgram(trainingProgram(graphPreset(network), batch, expansion), hardware);
}
