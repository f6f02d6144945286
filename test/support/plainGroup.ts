/**
 * A fused group counted in the plainest way, from the pages alone (SEMANTICS.md; FUSION.md, Steps of a group): every step
 * of the loop nest is written down, then time goes from one end of something to the next. It shares no code with `src/`
 * and has no speed: what it says, the machine must say.
 */

const LOOPS = ['oc', 'ic', 'kh', 'kw', 'n', 'oh', 'ow'] as const;
type Loop = (typeof LOOPS)[number];
type Sides = Readonly<Record<Loop, number>>;

/** An element-wise operation of a group's SIMD side. */
export interface PlainMember {
  /** Cycles per element and lane, NOPs included. */
  readonly cyclesPerElement: number;
  /** Bits per element of each operand that it has to load. */
  readonly operandBits: readonly number[];
}

/** A group: an SA layer of padded sizes, and the SIMD layers behind it. */
export interface PlainGroup {
  readonly array: { readonly rows: number; readonly columns: number };
  readonly bits: { readonly weight: number; readonly ifmap: number; readonly psum: number; readonly bias: number };
  /** The width of a weight in the hardware, which bounds what the array takes per cycle. */
  readonly hardwareWeightBits: number;
  readonly bitsPerCycle: Readonly<Record<'weight' | 'ifmap' | 'psum' | 'vmem', number>>;
  readonly slots: Readonly<Record<'wbuf' | 'ibuf' | 'obuf' | 'bbuf' | 'vmem', number>>;
  readonly groups: number;
  readonly sizes: Sides;
  readonly tile: Sides;
  readonly stride: { readonly h: number; readonly w: number };
  readonly dilation: { readonly h: number; readonly w: number };
  /** Outermost first; groups are outside of all. */
  readonly loopOrder: readonly Loop[];
  readonly members: readonly PlainMember[];
  /** Of each element that the last member stores; 0 if it stores none. */
  readonly outputBits: number;
  /** Behind the last tile of an oc tile: cycles per channel and lane, bits of each of the vectors stored per channel. */
  readonly statistics?: { readonly cyclesPerChannel: number; readonly storedBits: readonly number[] };
  /** A layer outside of the group reads the sum too. */
  readonly isSumStored: boolean;
}

/** What a group takes. */
export interface PlainCount {
  readonly totalCycles: number;
  readonly saBusyCycles: number;
  readonly simdBusyCycles: number;
  /** The SIMD side's waits, but those after its last step. */
  readonly simdWaiting: { readonly vmemStore: number; readonly obufTile: number; readonly vmemLoad: number };
  readonly dramBits: Readonly<
    Record<'weight' | 'bias' | 'ifmap' | 'psum' | 'ofmap' | 'vmemLoad' | 'vmemStore', number>
  >;
  readonly saSteps: number;
  readonly simdSteps: number;
}

/** A tile in a slot: what it is loaded by, and the steps that use it. */
interface Use {
  readonly bits: number;
  /** The bias that travels with it. */
  readonly bias: number;
  last: number;
  isHere: boolean;
}

/** Steps in a row that work on one psum tile. */
interface Visit {
  readonly key: string;
  readonly bits: number;
  readonly isLoaded: boolean;
  /** The visit that has stored what this one loads, or −1. */
  readonly after: number;
  readonly first: number;
  last: number;
  isComplete: boolean;
  isHere: boolean;
  isComputed: boolean;
  isStored: boolean;
  isUsed: boolean;
  readonly extent: Sides;
}

interface SaStep {
  readonly cycles: number;
  readonly weight: number;
  readonly ifmap: number;
  /** −1: it adds to a psum. */
  readonly bias: number;
  readonly visit: number;
}

interface SimdStep {
  /** −1: statistics behind an oc tile. */
  readonly visit: number;
  readonly cycles: number;
  readonly loads: readonly number[];
  readonly stores: readonly number[];
  loadsLeft: number;
  storesLeft: number;
  grantedAt: number;
  loadedAt: number;
}

/** A transfer, and what its end means. */
interface Job {
  readonly cycles: number;
  readonly ended: (now: number) => void;
}

const up = (size: number, unit: number): number => Math.ceil(size / unit);

/** All steps of both sides. */
function writtenDown(group: PlainGroup) {
  const { array, bits, sizes, tile, stride, dilation, loopOrder } = group;
  const order: readonly (Loop | 'g')[] = ['g', ...loopOrder];
  const trips = order.map((loop) => (loop === 'g' ? group.groups : up(sizes[loop], tile[loop])));
  const at = order.map(() => 0);
  const innermost = (relevant: readonly (Loop | 'g')[]): number =>
    Math.max(...relevant.map((loop) => order.indexOf(loop)));
  const places = {
    weight: innermost(['g', 'oc', 'ic', 'kh', 'kw']),
    ifmap: innermost(['g', 'ic', 'kh', 'kw', 'n', 'oh', 'ow']),
    psum: innermost(['g', 'oc', 'n', 'oh', 'ow']),
  };
  const weights: Use[] = [];
  const ifmaps: Use[] = [];
  const biases: { readonly channels: string; last: number }[] = [];
  const visits: Visit[] = [];
  const steps: SaStep[] = [];
  const latestOf = new Map<string, number>();
  let advanced = -1;
  for (;;) {
    const step = steps.length;
    const index = Object.fromEntries(order.map((loop, place) => [loop, at[place]!])) as Record<Loop | 'g', number>;
    const extent = Object.fromEntries(
      LOOPS.map((loop) => [loop, Math.min(tile[loop], sizes[loop] - index[loop] * tile[loop])]),
    ) as unknown as Sides;
    const { oc, ic, kh, kw, n, oh, ow } = extent;
    const begins = index.ic === 0 && index.kh === 0 && index.kw === 0;
    const ends = index.ic + 1 === up(sizes.ic, tile.ic) && index.kh + 1 === up(sizes.kh, tile.kh);
    const channels = `${index.g},${index.oc}`;
    const isNewBias = begins && biases.at(-1)?.channels !== channels;
    if (isNewBias) biases.push({ channels, last: step });
    if (begins) biases.at(-1)!.last = step;
    if (advanced <= places.weight) {
      const tileBits = oc * ic * kh * kw * bits.weight;
      weights.push({ bits: tileBits, bias: isNewBias ? oc * bits.bias : 0, last: step, isHere: false });
    } else if (isNewBias) throw new Error('a bias without weights');
    weights.at(-1)!.last = step;
    if (advanced <= places.ifmap) {
      const rows = (oh - 1) * stride.h + (kh - 1) * dilation.h + 1;
      const columns = (ow - 1) * stride.w + (kw - 1) * dilation.w + 1;
      ifmaps.push({ bits: rows * columns * ic * n * bits.ifmap, bias: 0, last: step, isHere: false });
    }
    ifmaps.at(-1)!.last = step;
    if (advanced <= places.psum) {
      const key = `${channels},${index.n},${index.oh},${index.ow}`;
      visits.push({
        ...{ key, bits: oc * n * oh * ow * bits.psum, isLoaded: !begins, after: latestOf.get(key) ?? -1, first: step },
        ...{ last: step, isComplete: false, isHere: false, isComputed: false, isStored: false, isUsed: false, extent },
      });
      latestOf.set(key, visits.length - 1);
    }
    const visit = visits.at(-1)!;
    visit.last = step;
    visit.isComplete = ends && index.kw + 1 === up(sizes.kw, tile.kw);
    const passes = oh * ow * n * kh * kw * up(ic, array.rows) * up(oc, array.columns);
    steps.push({
      cycles: passes + (array.rows - 1) + (array.columns - 1),
      weight: weights.length - 1,
      ifmap: ifmaps.length - 1,
      bias: begins ? biases.length - 1 : -1,
      visit: visits.length - 1,
    });
    advanced = order.length - 1;
    while (advanced >= 0 && at[advanced]! + 1 === trips[advanced]!) at[advanced--] = 0;
    if (advanced < 0) break;
    at[advanced]!++;
  }
  return { weights, ifmaps, biases, visits, steps, simd: simdSteps(group, visits) };
}

function simdSteps({ array, members, outputBits, statistics }: PlainGroup, visits: readonly Visit[]): SimdStep[] {
  const fill = 5 + (array.columns - 1);
  const steps: SimdStep[] = [];
  const fresh = { storesLeft: 0, grantedAt: -1, loadedAt: -1 };
  const add = (visit: number, cycles: number, loads: readonly number[], stores: readonly number[]): void => {
    steps.push({ visit, cycles, loads, stores, ...fresh, loadsLeft: loads.length });
  };
  const complete = visits.flatMap((visit, place) => (visit.isComplete ? [place] : []));
  const channelsOf = (place: number | undefined): string | undefined =>
    place === undefined ? undefined : visits[place]!.key.split(',').slice(0, 2).join();
  for (const [number, place] of complete.entries()) {
    const { oc, n, oh, ow } = visits[place]!.extent;
    const lanes = up(oc, array.columns);
    const positions = n * oh * ow;
    const elements = lanes * array.columns * positions;
    const cycles = members.reduce((sum, { cyclesPerElement }) => sum + lanes * positions * cyclesPerElement + fill, 0);
    const loads = members.flatMap(({ operandBits }) => operandBits.map((bits) => elements * bits));
    add(place, cycles, loads, outputBits === 0 ? [] : [elements * outputBits]);
    if (statistics === undefined || channelsOf(complete[number + 1]) === channelsOf(place)) continue;
    const stores = statistics.storedBits.map((bits) => lanes * array.columns * bits);
    add(-1, lanes * statistics.cyclesPerChannel, [], stores);
  }
  return steps;
}

/** A load's end. */
function arrives(use: Use): Job['ended'] {
  return () => {
    use.isHere = true;
  };
}

/** Counts a group's cycles, on a drained machine. */
export function countGroup(group: PlainGroup): PlainCount {
  const { weights, ifmaps, biases, visits, steps, simd } = writtenDown(group);
  const { slots, bitsPerCycle, array } = group;
  const rate = { ...bitsPerCycle, weight: Math.min(bitsPerCycle.weight, array.rows * group.hardwareWeightBits) };
  const dramBits = { weight: 0, bias: 0, ifmap: 0, psum: 0, ofmap: 0, vmemLoad: 0, vmemStore: 0 };
  const waiting = { vmemStore: 0, obufTile: 0, vmemLoad: 0 };
  const queues: Record<keyof typeof rate, Job[]> = { weight: [], ifmap: [], psum: [], vmem: [] };
  const served: Partial<Record<keyof typeof rate, { readonly end: number; readonly job: Job }>> = {};
  const free = { ...slots };
  const isComputedAt = visits.map(() => -1);
  let [now, nextWeight, nextIfmap, nextVisit, nextWorkingSet, saStep, simdStep] = [0, 0, 0, 0, 0, 0, 0];
  let [saEnd, simdEnd, simdFreeSince, lastStore] = [-1, -1, 0, 0];
  let gated = -1;
  const send = (name: keyof typeof rate, bits: number, booked: keyof typeof dramBits, ended: Job['ended']): void => {
    dramBits[booked] += bits;
    queues[name].push({ cycles: up(bits, rate[name]), ended });
  };
  const releaseIfDone = (place: number): void => {
    const { isComplete, isStored, isUsed } = visits[place]!;
    const mustStore = !isComplete || group.isSumStored;
    if ((!mustStore || isStored) && (!isComplete || isUsed)) free.obuf++;
  };
  const storePsum = (place: number, booked: 'psum' | 'ofmap'): void =>
    send('psum', visits[place]!.bits, booked, (cycle) => {
      visits[place]!.isStored = true;
      lastStore = cycle;
      releaseIfDone(place);
    });
  const endSaStep = (): void => {
    const { weight, ifmap, bias, visit } = steps[saStep]!;
    if (weights[weight]!.last === saStep) free.wbuf++;
    if (ifmaps[ifmap]!.last === saStep) free.ibuf++;
    if (bias >= 0 && biases[bias]!.last === saStep) free.bbuf++;
    if (visits[visit]!.last === saStep) {
      visits[visit]!.isComputed = true;
      isComputedAt[visit] = now;
      if (!visits[visit]!.isComplete) storePsum(visit, 'psum');
      else if (group.isSumStored) storePsum(visit, 'ofmap');
    }
    saStep++;
  };
  const endSimdStep = (): void => {
    const step = simd[simdStep]!;
    if (step.visit >= 0) {
      visits[step.visit]!.isUsed = true;
      releaseIfDone(step.visit);
    }
    step.storesLeft = step.stores.length;
    if (step.storesLeft === 0) free.vmem++;
    for (const bits of step.stores) {
      send('vmem', bits, 'vmemStore', (cycle) => {
        lastStore = cycle;
        if (--step.storesLeft === 0) free.vmem++;
      });
    }
    simdFreeSince = now;
    simdStep++;
  };
  const loadPsum = (place: number): void =>
    send('psum', visits[place]!.bits, 'psum', () => {
      visits[place]!.isHere = true;
    });
  const grant = (): void => {
    for (; nextWeight < weights.length; nextWeight++) {
      const use = weights[nextWeight]!;
      if (free.wbuf === 0 || (use.bias > 0 && free.bbuf === 0)) break;
      free.wbuf--;
      if (use.bias > 0) free.bbuf--;
      dramBits.weight += use.bits;
      dramBits.bias += use.bias;
      const cycles = up(use.bits, rate.weight) + up(use.bias, rate.weight);
      queues.weight.push({ cycles, ended: arrives(use) });
    }
    for (; nextIfmap < ifmaps.length && free.ibuf > 0; nextIfmap++) {
      const use = ifmaps[nextIfmap]!;
      free.ibuf--;
      send('ifmap', use.bits, 'ifmap', arrives(use));
    }
    for (;;) {
      if (gated < 0) {
        if (nextVisit === visits.length || free.obuf === 0) break;
        free.obuf--;
        gated = nextVisit++;
      }
      const { isLoaded, after } = visits[gated]!;
      if (isLoaded && !visits[after]!.isStored) break;
      if (isLoaded) loadPsum(gated);
      else visits[gated]!.isHere = true;
      gated = -1;
    }
    for (; nextWorkingSet < simd.length && free.vmem > 0; nextWorkingSet++) {
      const step = simd[nextWorkingSet]!;
      // Statistics follow strictly behind their tiles, and the next oc tile strictly behind them.
      const before = simd[nextWorkingSet - 1];
      const isStrict = before !== undefined && (step.visit < 0 || before.visit < 0);
      if (isStrict && free.vmem < slots.vmem) break;
      free.vmem--;
      step.grantedAt = now;
      step.loadedAt = now;
      for (const bits of step.loads) {
        send('vmem', bits, 'vmemLoad', (cycle) => {
          step.loadsLeft--;
          step.loadedAt = cycle;
        });
      }
    }
  };
  const start = (): void => {
    const sa = steps[saStep];
    if (
      saEnd < 0 &&
      sa !== undefined &&
      visits[sa.visit]!.isHere &&
      weights[sa.weight]!.isHere &&
      ifmaps[sa.ifmap]!.isHere
    )
      saEnd = now + sa.cycles;
    const step = simd[simdStep];
    const isTileThere = step !== undefined && (step.visit < 0 || visits[step.visit]!.isComputed);
    if (simdEnd >= 0 || step === undefined || !isTileThere || step.grantedAt < 0 || step.loadsLeft > 0) return;
    simdEnd = now + step.cycles;
    bookWait(step);
  };
  /** The wait before a step is for what came last; of equals for the slot, then the tile, then the load. */
  const bookWait = ({ visit, grantedAt, loadedAt }: SimdStep): void => {
    if (now === simdFreeSince) return;
    const handedAt = visit < 0 ? -1 : isComputedAt[visit]!;
    const latest = Math.max(grantedAt, handedAt, loadedAt);
    if (grantedAt !== latest && handedAt === latest) {
      waiting.obufTile += now - simdFreeSince;
      return;
    }
    const granted = Math.max(simdFreeSince, grantedAt);
    waiting.vmemStore += granted - simdFreeSince;
    waiting.vmemLoad += now - granted;
  };
  const serve = (): void => {
    for (const name of Object.keys(queues) as (keyof typeof rate)[]) {
      const job = served[name] === undefined ? queues[name].shift() : undefined;
      if (job !== undefined) served[name] = { end: now + job.cycles, job };
    }
  };
  for (;;) {
    // What ends now, then what may be asked for now; what computes may start.
    for (const name of Object.keys(queues) as (keyof typeof rate)[]) {
      const current = served[name];
      if (current?.end !== now) continue;
      delete served[name];
      current.job.ended(now);
    }
    if (saEnd === now) {
      saEnd = -1;
      endSaStep();
    }
    if (simdEnd === now) {
      simdEnd = -1;
      endSimdStep();
    }
    grant();
    start();
    serve();
    const ends = [saEnd, simdEnd, ...Object.values(served).map(({ end }) => end)].filter((end) => end > now);
    if (ends.length === 0) break;
    now = Math.min(...ends);
  }
  if (saStep < steps.length || simdStep < simd.length) throw new Error('the group is stuck');
  return {
    totalCycles: Math.max(lastStore, simdFreeSince),
    saBusyCycles: steps.reduce((sum, { cycles }) => sum + cycles, 0),
    simdBusyCycles: simd.reduce((sum, { cycles }) => sum + cycles, 0),
    simdWaiting: waiting,
    dramBits,
    saSteps: steps.length,
    simdSteps: simd.length,
  };
}
