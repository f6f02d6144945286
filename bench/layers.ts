/** The layers that the benchmarks run: preset networks on preset hardware. */
import { readFileSync } from 'node:fs';
import type { Layer } from '../src/layers/layer.ts';
import { type Hardware, parseHardware } from '../src/spec/hardware.ts';
import { parseWorkload } from '../src/spec/workload.ts';
import { tileProgram } from '../src/tiling/tileProgram.ts';
import { inferenceProgram } from '../src/workload/forward.ts';
import { buildGraph } from '../src/workload/graph.ts';
import { trainingProgram } from '../src/workload/training.ts';

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8'));

/** A training iteration (as published, batch 32) on HT hardware, else an inference of `batch` images. */
export function presetLayers(
  network: string,
  hardwareName: string,
  batch = 1,
): { hardware: Hardware; layers: Layer[] } {
  const hardware = parseHardware(read(`hw/${hardwareName}.json`), hardwareName);
  const graph = buildGraph(parseWorkload(read(`workloads/${network}.json`), network), network);
  const program = hardwareName.startsWith('HT')
    ? trainingProgram(graph, 32, 'published')
    : inferenceProgram(graph, batch);
  return { hardware, layers: tileProgram(program, hardware) };
}
