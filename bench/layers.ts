/** The layers that the benchmarks run: preset networks on preset hardware. */
import { readFileSync } from 'node:fs';
import type { Layer } from '../src/model/layers/layer.ts';
import { type Hardware, parseHardware } from '../src/model/schemas/hardware.ts';
import { parseWorkload } from '../src/model/schemas/workload.ts';
import { tileProgram } from '../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../src/model/workload/forward.ts';
import { buildGraph, type Graph } from '../src/model/workload/graph.ts';
import { trainingProgram } from '../src/model/workload/training.ts';

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8'));

/** The hardware of a preset. */
export function presetHardware(name: string): Hardware {
  return parseHardware(read(`hw/${name}.json`), name);
}

/** The graph of a preset network. */
export function presetGraph(name: string): Graph {
  return buildGraph(parseWorkload(read(`workloads/${name}.json`), name), name);
}

/** A training iteration (as published, batch 32) on HT hardware, else an inference of `batch` images. */
export function presetLayers(
  network: string,
  hardwareName: string,
  batch = 1,
): { hardware: Hardware; layers: Layer[] } {
  const hardware = presetHardware(hardwareName);
  const graph = presetGraph(network);
  const program = hardwareName.startsWith('HT')
    ? trainingProgram(graph, 32, 'published')
    : inferenceProgram(graph, batch);
  return { hardware, layers: tileProgram(program, hardware) };
}
