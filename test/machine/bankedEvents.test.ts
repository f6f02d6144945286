/** What observers hear of layers on banked memory: nothing of it depends on how the memory gets through its cycles. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LAYOUTS } from '../../src/model/dram/layout.ts';
import { type DramModel, SHARINGS } from '../../src/model/dram/model.ts';
import { type Layer, NO_WINDOW, type SimdLayer } from '../../src/model/layers/layer.ts';
import { watchedBy } from '../../src/model/machine/channelWatching.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import type { MachineObserver } from '../../src/model/machine/observer.ts';
import type { Assumptions } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { assumptionSets, type Case, isDefined, saCases, sample } from '../support/arbitraries.ts';
import { dramPreset } from '../support/dram.ts';
import { hardwarePreset } from '../support/presets.ts';

/** Everything that an observer can hear of a layer but its beginning, which has no cycle. */
const EVENTS = [
  'transferRequested',
  'transferStarted',
  'secondTileStarted',
  'transferEnded',
  'computeStarted',
  'computeEnded',
  'slotGranted',
  'waited',
  'layerEnded',
] as const satisfies readonly (keyof MachineObserver)[];

/**
 * Runs a layer; returns what is told and what comes of it. Somebody who watches the channels makes them keep their
 * queues: then nothing is followed by runs, nor ahead.
 */
function heardOf(hardware: Hardware, dram: DramModel, layer: Layer, assumptions: Assumptions, isByQueues: boolean) {
  const channelWatching = isByQueues ? watchedBy({ burstServed: () => {}, refreshed: () => {} }) : undefined;
  const machine = new Machine(hardware, { dram, channelWatching });
  const heard: unknown[][] = [];
  const listeners = EVENTS.map((event) => [event, (...told: unknown[]) => heard.push([event, ...told])]);
  machine.observe({ layerStarted: () => {}, ...Object.fromEntries(listeners) });
  // How often the engine is busy with the memory is all that may differ.
  const { events: _, ...result } = machine.run(layer, assumptions);
  return { heard, result };
}

const bandwidth = fc.constantFrom(128, 256, 512, 1024);
/** Tiles of many bursts on HI1's array, which a SIMD operation loads and stores in turn. */
const streams: fc.Arbitrary<Case<SimdLayer>> = fc
  .record({
    op: fc.constantFrom('relu' as const, 'tensor-add' as const),
    vmem: bandwidth,
    slots: fc.integer({ min: 1, max: 3 }),
    clockPicoseconds: fc.constantFrom(500, 965, 1000, 1700),
    tile: fc.record({ c: fc.integer({ min: 1, max: 4 }), h: fc.integer({ min: 1, max: 4 }), w: fc.nat({ max: 39 }) }),
    trips: fc.record({ c: fc.integer({ min: 1, max: 2 }), h: fc.integer({ min: 1, max: 3 }) }),
  })
  .map(({ op, vmem, slots, clockPicoseconds, tile: { c, h, w }, trips }) => {
    const preset = hardwarePreset('HI1');
    const lanes = preset.array.columns;
    const hardware: Hardware = {
      ...preset,
      clockPicoseconds,
      slots: { ...preset.slots, vmem: slots },
      bitsPerCycle: { ...preset.bitsPerCycle, vmem },
    };
    const tile = { c: lanes * c, n: 1, h, w: w + 1 };
    const layer: SimdLayer = {
      unit: 'SIMD',
      name: `random ${op}`,
      op,
      sizes: { ...tile, c: tile.c * trips.c, h: h * trips.h },
      tile,
      window: NO_WINDOW,
      bits: { ...hardware.bits, input: 8, output: 32 },
    };
    return { hardware, layer };
  });
const cases: fc.Arbitrary<Case<Layer>> = fc.oneof(streams, saCases({ randomSlots: true, randomOrder: true }));

const memories: fc.Arbitrary<DramModel> = fc
  .record({
    preset: fc.constantFrom('HBM1', 'HBM2', 'HBM3-6400'),
    channels: fc.constantFrom(1, 2, 8),
    queue: fc.constantFrom(4, 8, 32),
    layout: fc.constantFrom(...LAYOUTS),
    sharing: fc.constantFrom(...SHARINGS),
  })
  .map(({ preset, channels, queue, layout, sharing }) => {
    // Split, each interface has some channels of its own.
    const base = dramPreset(preset, sharing === 'split' ? Math.max(4, channels) : channels);
    const spec = { ...base, queues: { ...base.queues, read: queue, write: queue } };
    return { kind: 'banked', spec, layout, sharing };
  });

it('tells the same in the same cycles whether channels follow runs and lone streams ahead or keep their queues', () => {
  fc.assert(
    fc.property(cases, memories, assumptionSets, ({ hardware, layer }, dram, assumptions) => {
      fc.pre(isDefined({ hardware, layer }, assumptions));
      const [ahead, byQueues] = [false, true].map((isByQueues) =>
        heardOf(hardware, dram, layer, assumptions, isByQueues),
      );
      expect(ahead).toEqual(byQueues);
    }),
    sample(60),
  );
});
