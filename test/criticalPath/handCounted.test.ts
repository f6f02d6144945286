/** Critical paths that a reader can count, on a 1×1 array that moves a bit per cycle. */
import { describe, expect, it } from 'vitest';
import { type FusedGroup, fusedGroups } from '../../src/model/fusion/groups.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { HARDWARE, PAPER } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { criticalPath } from '../../src/studies/criticalPath/criticalPath.ts';
import { DependencyRecorder } from '../../src/studies/criticalPath/dependencyRecorder.ts';
import { complete } from '../support/complete.ts';
import * as fiveTiles from '../support/fiveTiles.ts';
import { TINY_HARDWARE, tinyConv } from '../support/tinyMachine.ts';

/** Ifmaps and psums travel two bits at a time. */
const QUICK: Hardware = { ...TINY_HARDWARE, bitsPerCycle: { ...TINY_HARDWARE.bitsPerCycle, ifmap: 2, psum: 2 } };
/** Three tiles of two positions: ifmap 1 cycle, compute 2, store 1; weight and bias 2. */
const threeTiles = tinyConv({ ow: 6 }, { ow: 2 });

/** `from–to resource step: reason` for each segment. */
function pathOf(
  layers: readonly Layer[],
  hardware: Hardware,
  assumptions = HARDWARE,
  groups: readonly FusedGroup[] = [],
) {
  const recorder = new DependencyRecorder(hardware, assumptions);
  const machine = new Machine(hardware);
  machine.observe(recorder);
  if (assumptions.prefetch) complete(machine.runOverlapped(layers, assumptions, groups));
  else machine.run(layers[0]!, assumptions);
  const path = criticalPath(recorder.graph);
  const inWords = path.segments.map(
    ({ from, to, resource, reason, tile: { layer, step } }) => `${from}–${to} ${resource} ${layer}.${step}: ${reason}`,
  );
  return { ...path, inWords };
}

describe('the critical path', () => {
  it('of three tiles under one weight goes through the array', () => {
    // Weight and bias 0–2, ifmaps 0–1 and 1–2, computes 2–4, 4–6, 6–8 (the third ifmap comes 4–5), the last store 8–9.
    const { inWords, totalCycles, resources, reasons } = pathOf([threeTiles], QUICK);
    expect(inWords).toEqual([
      '0–2 weight 0.0: first',
      '2–4 peArray 0.0: operand',
      '4–6 peArray 0.1: unit',
      '6–8 peArray 0.2: unit',
      '8–9 psum 0.2: result',
    ]);
    expect(totalCycles).toBe(9);
    expect(reasons).toEqual([
      { reason: 'unit', pathCycles: 4 },
      { reason: 'first', pathCycles: 2 },
      { reason: 'operand', pathCycles: 2 },
      { reason: 'result', pathCycles: 1 },
    ]);
    // The first ifmap and the third are there a cycle before they are used. Weight and bias, in one cycle, would bring
    // the end to 8; of one cycle there is no half.
    const of = (name: string) => resources.find(({ resource }) => resource === name);
    expect(of('ifmap')).toMatchObject({ pathCycles: 0, slackCycles: 1, twiceBoundCycles: 9 });
    expect(of('weight')).toMatchObject({ pathCycles: 2, slackCycles: 0, twiceBoundCycles: 8 });
  });

  it('of ifmaps that take two cycles goes through their interface', () => {
    // Ifmaps 0–2, 2–4 and, with a slot from 3 on, 4–6; the third position computes 6–7 and is stored 7–8.
    const slow = { ...TINY_HARDWARE, bitsPerCycle: { ...TINY_HARDWARE.bitsPerCycle, ifmap: 0.5 } };
    const { inWords, resources } = pathOf([tinyConv({ ow: 3 }, {})], slow);
    expect(inWords).toEqual([
      '0–2 ifmap 0.0: first',
      '2–4 ifmap 0.1: interface',
      '4–6 ifmap 0.2: interface',
      '6–7 peArray 0.2: operand',
      '7–8 psum 0.2: result',
    ]);
    // The second position computes 4–5: it could be a cycle later, and so could the first by two, its store at 3–4 by
    // four. But the array's third tile could not, so the array has no slack at all.
    const [ifmap, array, , weight] = resources;
    expect(ifmap).toMatchObject({ resource: 'ifmap', pathCycles: 6, slackCycles: 0, twiceBoundCycles: 6 });
    expect(array).toMatchObject({ resource: 'peArray', pathCycles: 1, slackCycles: 0, twiceBoundCycles: 8 });
    // Weight and bias are there at 2; the first position may compute up to 3–4, as the third's slot is then still free
    // in time.
    expect(weight).toMatchObject({ resource: 'weight', pathCycles: 0, slackCycles: 1, twiceBoundCycles: 8 });
  });

  it('of one slot for results waits for each to be stored', () => {
    // Computes 2–3, then each waits for the slot: stores 3–4, 5–6 and 7–8, computes 4–5 and 6–7.
    const single = { ...TINY_HARDWARE, slots: { ...TINY_HARDWARE.slots, obuf: 1 } };
    expect(pathOf([tinyConv({ ow: 3 }, {})], single).inWords).toEqual([
      '0–2 weight 0.0: first',
      '2–3 peArray 0.0: operand',
      '3–4 psum 0.0: result',
      '4–5 peArray 0.1: slot',
      '5–6 psum 0.1: result',
      '6–7 peArray 0.2: slot',
      '7–8 psum 0.2: result',
    ]);
  });

  it('of a psum that is accumulated in one tile waits for its own store', () => {
    // Two ic tiles of one position: weight and bias 0–2, compute 2–3, its store 3–4, its load 4–5, compute 5–6, 6–7.
    expect(pathOf([tinyConv({ ic: 2 }, {})], TINY_HARDWARE).inWords).toEqual([
      '0–2 weight 0.0: first',
      '2–3 peArray 0.0: operand',
      '3–4 psum 0.0: result',
      '4–5 psum 0.1: interface',
      '5–6 peArray 0.1: operand',
      '6–7 psum 0.1: result',
    ]);
  });

  it('in lockstep goes from segment to segment', () => {
    // With ifmaps that take three cycles: loads of the first step 0–3; compute and the second's ifmap 3–6; compute, its
    // store and the third's ifmap 6–9; the last compute 9–11 and its store in a segment of its own.
    const slow = { ...QUICK, bitsPerCycle: { ...QUICK.bitsPerCycle, ifmap: 0.75 } };
    expect(pathOf([threeTiles], slow, PAPER).inWords).toEqual([
      '0–3 ifmap 0.0: first',
      '3–6 ifmap 0.1: interface',
      '6–9 ifmap 0.2: interface',
      '9–11 peArray 0.2: operand',
      '11–12 psum 0.2: result',
    ]);
  });

  it('crosses the border between layers that overlap', () => {
    // The first layer as above, to 9; the second's weight comes meanwhile, its ifmap waits for the first's last store:
    // 9–10, compute 10–11, store 11–12.
    const second = { ...tinyConv({}, {}), name: 'second', producers: { ifmap: ['tiny'] } };
    const { inWords } = pathOf([threeTiles, second], QUICK, { ...HARDWARE, prefetch: true });
    expect(inWords.slice(4)).toEqual([
      '8–9 psum 0.2: result',
      '9–10 ifmap 1.0: producer',
      '10–11 peArray 1.0: operand',
      '11–12 psum 1.0: result',
    ]);
  });

  // The cycles of these three are counted in test/machine/prefetch.test.ts.
  describe('of five tiles', () => {
    const segments = (layers: readonly Layer[], groups: readonly FusedGroup[] = []): string[] =>
      pathOf(layers, fiveTiles.hardware, { ...HARDWARE, prefetch: true }, groups).inWords;

    it('beside five that do not need them goes through those that take longer', () => {
      // The ReLU's one slot in VMem: load, compute, store, and the next load has the slot.
      expect(segments([fiveTiles.conv('conv', 5), fiveTiles.relu])).toEqual([
        ...['0–4 vmem 1.0: first', '4–19 simdPipeline 1.0: operand', '19–23 vmem 1.0: result'],
        ...['23–27 vmem 1.1: interface', '27–42 simdPipeline 1.1: operand', '42–46 vmem 1.1: result'],
        ...['46–50 vmem 1.2: interface', '50–65 simdPipeline 1.2: operand', '65–69 vmem 1.2: result'],
        ...['69–73 vmem 1.3: interface', '73–88 simdPipeline 1.3: operand', '88–92 vmem 1.3: result'],
        ...['92–96 vmem 1.4: interface', '96–111 simdPipeline 1.4: operand', '111–115 vmem 1.4: result'],
      ]);
    });

    it('before one that is made from them crosses the border where the last is stored', () => {
      expect(segments([fiveTiles.conv('first', 5), fiveTiles.conv('second', 1, { ifmap: ['first'] })])).toEqual([
        '0–5 weight 0.0: first',
        '5–15 peArray 0.0: operand',
        '15–25 peArray 0.1: unit',
        '25–35 peArray 0.2: unit',
        '35–45 peArray 0.3: unit',
        '45–55 peArray 0.4: unit',
        '55–60 psum 0.4: result',
        '60–64 ifmap 1.0: producer',
        '64–74 peArray 1.0: operand',
        '74–79 psum 1.0: result',
      ]);
    });

    it('that a ReLU takes over goes back and forth between the arrays', () => {
      const program = [fiveTiles.conv('conv', 5), { ...fiveTiles.relu, producers: { X: ['conv'] }, asMade: ['X'] }];
      expect(segments(program, fusedGroups(program, 'chains'))).toEqual([
        '0–5 weight 0.0: first',
        '5–15 peArray 0.0: operand',
        ...['15–30 simdPipeline 1.0: tile', '30–34 vmem 1.0: result'],
        ...['34–49 simdPipeline 1.1: slot', '49–53 vmem 1.1: result'],
        ...['53–68 simdPipeline 1.2: slot', '68–72 vmem 1.2: result'],
        ...['72–87 simdPipeline 1.3: slot', '87–91 vmem 1.3: result'],
        ...['91–106 simdPipeline 1.4: slot', '106–110 vmem 1.4: result'],
      ]);
    });
  });
});
