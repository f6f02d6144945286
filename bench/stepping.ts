/**
 * Full simulation beside heap-js alone replaying the same heap operations, interleaved in one run:
 *   node dist/bench/bench/stepping.js NETWORK HARDWARE [ROUNDS]
 * With HT hardware a training iteration runs (as published, batch 32), else an inference of one image.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { EventQueue } from '../src/model/engine/eventQueue.ts';
import { Machine } from '../src/model/machine/machine.ts';
import { HARDWARE } from '../src/model/schedule/assumptions.ts';
import { presetLayers } from './layers.ts';
import { type Recording, RecordingHeap, replay } from './recordingHeap.ts';
import { median, sorted } from './statistics.ts';

const [network = 'resnet50', hardwareName = 'HI1', rounds = '21'] = isMainThread
  ? process.argv.slice(2)
  : (workerData as string[]);
const { hardware, layers } = presetLayers(network, hardwareName);

const WARM_UP_ROUNDS = 5;

/** Every tile of every layer is stepped; nothing is reused between layers. */
function simulate(queue: EventQueue): { cycles: number; tiles: number } {
  const machine = new Machine(hardware, { queue, fastForward: false });
  let cycles = 0;
  let tiles = 0;
  for (const layer of layers) {
    const result = machine.run(layer, HARDWARE);
    cycles += result.totalCycles;
    tiles += result.tiles;
  }
  return { cycles, tiles };
}

/** Records in a thread of its own, so that the recording heap does not spoil what the optimiser knows of the real one. */
function record(): Promise<Recording> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: process.argv.slice(2) });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function measure(): Promise<void> {
  const recording = await record();
  const { cycles, tiles } = simulate(new EventQueue());
  const simulations: number[] = [];
  const replays: number[] = [];
  let checksum = 0;
  let events = 0;
  for (let round = 0; round < Number(rounds) + WARM_UP_ROUNDS; round++) {
    let start = performance.now();
    const queue = new EventQueue();
    const again = simulate(queue);
    const simulated = performance.now() - start;
    if (again.cycles !== cycles) throw new Error('two runs differ');
    events = queue.handled;
    start = performance.now();
    checksum += replay(recording);
    const replayed = performance.now() - start;
    if (round < WARM_UP_ROUNDS) continue;
    simulations.push(simulated);
    replays.push(replayed);
  }
  const ratios = simulations.map((time, round) => time / replays[round]!);
  const perSecond = (count: number, times: number[]): string => (count / median(times) / 1000).toFixed(2);
  console.log(
    [
      `${network} on ${hardwareName}: ${tiles} tile steps, ${events} events (${(events / tiles).toFixed(2)} a step), ${cycles} cycles, checksum ${checksum}`,
      line('full simulation', simulations, 'ms'),
      line('heap-js alone, same operations', replays, 'ms'),
      line('ratio, pair by pair', ratios, '×'),
      `  ${perSecond(events, simulations)} M events/s, ${perSecond(tiles, simulations)} M steps/s; heap-js alone ${perSecond(events, replays)} M events/s`,
      `  peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB (with the recording)`,
    ].join('\n'),
  );
}

const line = (name: string, values: number[], unit: string): string =>
  `  ${name.padEnd(34)} median ${median(values).toFixed(2)} ${unit}, minimum ${sorted(values)[0]!.toFixed(2)}`;

if (isMainThread) {
  await measure();
} else {
  const recorder = new RecordingHeap();
  simulate(new EventQueue(recorder));
  parentPort!.postMessage(recorder.recording());
}
