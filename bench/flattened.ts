/**
 * What components cost: the conv and gemm layers of a training iteration once on the machine, once in a single function
 * with the same events on the same heap, but no objects, statistics, observers, assumptions or conservation checks, and
 * once heap-js alone replaying those events. Each in a thread of its own, round by round:
 *   node dist/bench/bench/flattened.js [ROUNDS]
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Heap } from 'heap-js';
import { compareEvents, EventQueue, PHASE, SimEvent } from '../src/model/engine/eventQueue.ts';
import type { SaLayer } from '../src/model/layers/layer.ts';
import { Machine } from '../src/model/machine/machine.ts';
import { HARDWARE } from '../src/model/schedule/assumptions.ts';
import { coversReduction } from '../src/model/schedule/loopMasks.ts';
import { SaSchedule } from '../src/model/schedule/saSchedule.ts';
import { usableWeightBitsPerCycle } from '../src/model/schemas/hardware.ts';
import { presetLayers } from './layers.ts';
import { RecordingHeap, replay } from './recordingHeap.ts';
import { median, sorted, timed } from './statistics.ts';

const { hardware, layers: all } = presetLayers('resnet50', 'HT1');
const layers = all.filter((layer): layer is SaLayer => layer.unit === 'SA');
const bitsPerCycle = { ...hardware.bitsPerCycle, weight: usableWeightBitsPerCycle(hardware) };
/** Two slots everywhere, as the presets have. */
const SLOTS = 2;
const RING = 16;

/** Cycles of a layer with operands reloaded, psums waiting for their stores and two slots. */
function flattened(schedule: SaSchedule): number {
  const { steps, shapes, weight, ifmap, psum } = schedule;
  const heap = new Heap<SimEvent>(compareEvents);
  const nothing = { handle: () => {} };
  const [weightEnd, ifmapEnd, psumEnd] = [0, 1, 2].map(() => new SimEvent(PHASE.transferEnd, nothing)) as [
    SimEvent,
    SimEvent,
    SimEvent,
  ];
  const computeEnd = new SimEvent(PHASE.computeEnd, nothing);
  const cyclesOf = (bits: number, perCycle: number): number => Math.ceil(bits / perCycle);
  const psumCycles = shapes.map(({ psumBits }) => cyclesOf(psumBits, bitsPerCycle.psum));
  const ifmapCycles = shapes.map(({ ifmapBits }) => cyclesOf(ifmapBits, bitsPerCycle.ifmap));
  const weightCycles = shapes.map(({ weightBits }) => cyclesOf(weightBits, bitsPerCycle.weight));
  const biasCycles = shapes.map(({ biasBits }) => cyclesOf(biasBits, bitsPerCycle.weight));
  const [walk, weights, ifmaps, psums] = [
    schedule.walk().inner,
    schedule.useNest(weight),
    schedule.useNest(ifmap),
    schedule.useNest(psum),
  ];
  const canHazard = schedule.fewestVisitsBetween() < SLOTS;
  const queued = new Array<number>(RING).fill(0);
  let [now, sequence, computed] = [0, 0, 0];
  let [weightStep, ifmapStep, psumStep] = [0, 0, 0];
  let [weightsHere, weightUses, ifmapsHere, ifmapUses] = [0, 1, 0, 1];
  let [granted, visited, stores, psumsHere, psumsNeeded] = [0, 0, 0, 0, 0];
  let [weightsFree, ifmapsFree] = [(1 - SLOTS) * weight.stepsPerUse, (1 - SLOTS) * ifmap.stepsPerUse];
  let [isWeightBusy, isIfmapBusy, isPsumBusy, isComputing, isPlaced, loadsPsum] = [
    false,
    false,
    false,
    false,
    false,
    false,
  ];
  let [servesStore, head, waiting, follows] = [0, 0, 0, -1];
  let isRootSpent = false;

  const endsIn = (event: SimEvent, cycles: number): void => {
    event.cycle = now + cycles;
    event.sequence = sequence++;
    if (isRootSpent) {
      isRootSpent = false;
      heap.replace(event);
    } else {
      heap.add(event);
    }
  };
  const movePsum = (isStore: number, shape: number): void => {
    if (isPsumBusy) {
      queued[(head + waiting++) % RING] = 2 * shape + isStore;
      return;
    }
    isPsumBusy = true;
    servesStore = isStore;
    endsIn(psumEnd, psumCycles[shape]!);
  };
  const loadWeights = (): void => {
    while (weightStep < steps && computed >= weightsFree && !isWeightBusy) {
      const bias = coversReduction(weights.firstMask) ? biasCycles[weights.shape]! : 0;
      isWeightBusy = true;
      endsIn(weightEnd, weightCycles[weights.shape]! + bias);
      weightsFree += weight.stepsPerUse;
      weightStep += weight.stepsPerUse;
      weights.advance();
    }
  };
  const loadIfmaps = (): void => {
    while (ifmapStep < steps && computed >= ifmapsFree && !isIfmapBusy) {
      isIfmapBusy = true;
      endsIn(ifmapEnd, ifmapCycles[ifmaps.shape]!);
      ifmapsFree += ifmap.stepsPerUse;
      ifmapStep += ifmap.stepsPerUse;
      ifmaps.advance();
    }
  };
  const grantPsums = (): void => {
    while (psumStep < steps && (isPlaced || granted - stores < SLOTS)) {
      if (!isPlaced) {
        loadsPsum = !coversReduction(psums.firstMask);
        const visit = granted++;
        if (loadsPsum && canHazard) follows = visit - schedule.visitsSincePrevious(psums);
        isPlaced = true;
      }
      if (loadsPsum) {
        if (stores <= follows) return;
        follows = -1;
        movePsum(0, psums.shape);
      }
      psumStep += psum.stepsPerUse;
      psums.advance();
      isPlaced = false;
    }
  };
  const compute = (): void => {
    if (isComputing || computed === steps || ifmapsHere < ifmapUses || weightsHere < weightUses) return;
    if (granted <= visited || psumsHere < psumsNeeded) return;
    isComputing = true;
    endsIn(computeEnd, shapes[walk.shape]!.computeCycles);
  };
  const handle = (event: SimEvent): void => {
    switch (event) {
      case ifmapEnd:
        isIfmapBusy = false;
        ifmapsHere++;
        loadIfmaps();
        compute();
        break;
      case psumEnd: {
        const wasStore = servesStore === 1;
        isPsumBusy = false;
        if (waiting > 0) {
          const next = queued[head]!;
          head = (head + 1) % RING;
          waiting--;
          movePsum(next % 2, next >> 1);
        }
        if (wasStore) {
          stores++;
          grantPsums();
        } else {
          psumsHere++;
        }
        compute();
        break;
      }
      case computeEnd: {
        isComputing = false;
        computed++;
        const { shape } = walk;
        const level = walk.advance();
        if (level <= psum.position) {
          visited++;
          movePsum(1, shape);
        }
        if (computed < steps) {
          if (level <= weight.position) weightUses++;
          if (level <= ifmap.position) ifmapUses++;
          if (level <= psum.position && !coversReduction(walk.firstMask)) psumsNeeded++;
          loadWeights();
          loadIfmaps();
        }
        compute();
        break;
      }
      default:
        isWeightBusy = false;
        weightsHere++;
        loadWeights();
        compute();
    }
  };
  if (!coversReduction(walk.firstMask)) psumsNeeded++;
  loadWeights();
  loadIfmaps();
  grantPsums();
  for (let event = heap.peek(); event !== undefined; event = heap.peek()) {
    now = event.cycle;
    isRootSpent = true;
    handle(event);
    if (isRootSpent) {
      isRootSpent = false;
      heap.pop();
    }
  }
  return now;
}

const onMachine = (queue = new EventQueue()): number[] => {
  const machine = new Machine(hardware, { fastForward: false, queue });
  return layers.map((layer) => machine.run(layer, HARDWARE).totalCycles);
};

/** What a thread does once a round. */
function workOf(kind: string): () => unknown {
  const schedules = layers.map((layer) => new SaSchedule(layer, hardware, HARDWARE));
  if (kind === 'machine') return onMachine;
  if (kind === 'flattened') return () => schedules.map(flattened);
  const recorder = new RecordingHeap();
  onMachine(new EventQueue(recorder));
  const recording = recorder.recording();
  return () => replay(recording);
}

const KINDS = ['machine', 'flattened', 'heap-js alone'] as const;
const WARM_UP_ROUNDS = 5;

async function measure(rounds: number): Promise<void> {
  const threads = KINDS.map((kind) => new Worker(new URL(import.meta.url), { workerData: kind }));
  const ask = (thread: Worker): Promise<number> =>
    new Promise((resolve) => {
      thread.once('message', resolve);
      thread.postMessage('go');
    });
  const times: number[][] = KINDS.map(() => []);
  for (let round = 0; round < rounds + WARM_UP_ROUNDS; round++) {
    for (const [place, thread] of threads.entries()) {
      const milliseconds = await ask(thread);
      if (round >= WARM_UP_ROUNDS) times[place]!.push(milliseconds);
    }
  }
  for (const [place, kind] of KINDS.entries()) {
    const ratios = times[place]!.map((time, round) => time / times[2]![round]!);
    console.log(
      `${kind.padEnd(14)} median ${median(times[place]!).toFixed(1)} ms, minimum ${sorted(times[place]!)[0]!.toFixed(1)} ms, ${median(ratios).toFixed(2)} × heap-js alone`,
    );
  }
  await Promise.all(threads.map((thread) => thread.terminate()));
}

if (isMainThread) {
  const flat = layers.map((layer) => flattened(new SaSchedule(layer, hardware, HARDWARE)));
  if (JSON.stringify(flat) !== JSON.stringify(onMachine())) throw new Error('the flattened machine is another machine');
  console.log(`ResNet-50 training on HT1, ${layers.length} conv and gemm layers, every tile stepped:`);
  await measure(Number(process.argv[2] ?? 21));
} else {
  const work = workOf(workerData as string);
  parentPort!.on('message', () => parentPort!.postMessage(timed(work)));
}
