/** What the interfaces asked of a memory, burst by burst, and the same asked again without a machine. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BurstSums, noBurstSums } from '../../src/model/dram/burstCounts.ts';
import { LAYOUTS, type Layout } from '../../src/model/dram/layout.ts';
import { noMemoryCounts } from '../../src/model/dram/memory.ts';
import { type DramModel, SHARINGS, type Sharing } from '../../src/model/dram/model.ts';
import { type Layer, NO_WINDOW, type SimdLayer } from '../../src/model/layers/layer.ts';
import { sumOf } from '../../src/model/layers/result.ts';
import type { DramCounts } from '../../src/model/machine/dramCounts.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { ClockRatio } from '../../src/model/machine/memoryClock.ts';
import { memorySharesOf } from '../../src/model/machine/memoryShares.ts';
import { INTERFACES } from '../../src/model/machine/observer.ts';
import { SIMD_OPERATIONS, type SimdOp } from '../../src/model/operations/simdTable.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { DramSpec } from '../../src/model/schemas/dram.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { AddressTrace } from '../../src/views/trace/addresses/addressTrace.ts';
import { REQUEST_COLUMNS } from '../../src/views/trace/addresses/formats.ts';
import type { BurstRequest } from '../../src/views/trace/addresses/requestSink.ts';
import type { Selection } from '../../src/views/trace/selection.ts';
import { assumptionSets, type Case, isDefined, saCases, sample, simdCases } from '../support/arbitraries.ts';
import { DRAM_PRESETS, dramPreset } from '../support/dram.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';
import { recordedRun, replayedLines, resultsOf } from '../support/recordedRun.ts';

type Banked = Extract<DramModel, { kind: 'banked' }>;

const IS_WHOLE = process.env['SYSTOLE_VERIFY'] === '1';

function banked(preset: string, sharing: Sharing = 'shared', channels?: number, layout: Layout = 'tiles'): Banked {
  return { kind: 'banked', spec: dramPreset(preset, channels), layout, sharing };
}

const withChannels = (spec: DramSpec, channels: number): DramSpec => ({
  ...spec,
  organization: { ...spec.organization, channels },
});

/** What a memory has done where nobody watches. */
function unwatched(layers: readonly Layer[], hardware: Hardware, dram: Banked, assumptions: Assumptions): DramCounts {
  const machine = new Machine(hardware, { dram });
  const results = resultsOf(machine, layers, assumptions);
  const asked = results.reduce((bits, { dramBits }) => bits + sumOf(dramBits), 0);
  machine.drainMemory();
  const counts = machine.components.dram!.counts();
  const askedBits = counts.tensors.flatMap(({ askedBits: { read, write } }) => [read, write]);
  expect(askedBits.reduce((bits, more) => bits + more, 0)).toBe(asked);
  return counts;
}

/** The sums of bursts, without what was asked for. */
function added(parts: readonly BurstSums[]): BurstSums {
  const sums = noBurstSums();
  for (const part of parts) for (const key of Object.keys(sums) as (keyof BurstSums)[]) sums[key] += part[key];
  return sums;
}

/** Whether each memory of a run, given its requests alone, does what it did: the same commands, the same last data. */
function expectSame(layers: readonly Layer[], hardware: Hardware, dram: Banked, assumptions = HARDWARE): number {
  const run = recordedRun(layers, hardware, assumptions, dram);
  const ratio = new ClockRatio(hardware.clockPicoseconds, dram.spec.clockPicoseconds);
  const sums = noMemoryCounts();
  const channelsOfReplays: unknown[] = [];
  const traffic = unwatched(layers, hardware, dram, assumptions);
  const burstBits = 8 * dram.spec.organization.bytesPerAccess;
  for (const { names, channels } of memorySharesOf(dram)) {
    const spec = withChannels(dram.spec, channels);
    const result = replayedLines(spec, run.lines.dram, (port) => names.includes(INTERFACES[port]!));
    for (const name of names) {
      const { finishCycle } = result.ports[INTERFACES.indexOf(name)]!;
      expect([name, ratio.cycleOf(finishCycle)]).toEqual([name, run.finish[name]]);
      const { read, write } = result.ports[INTERFACES.indexOf(name)]!;
      const mine = traffic.tensors.filter((each) => each.interface === name);
      for (const [direction, expected] of Object.entries({ read, write })) {
        const ofTensors = mine.map((each) => each[direction as 'read' | 'write']);
        expect([name, direction, added(ofTensors)]).toEqual([name, direction, expected]);
      }
    }
    channelsOfReplays.push(...result.channels.map(({ read, write }) => ({ read, write })));
    sums.bursts += result.requests;
    sums.writtenBursts += result.writes;
    for (const key of [
      'activates',
      'refreshes',
      'rowHits',
      'rowMisses',
      'rowConflicts',
      'turnarounds',
      'forwarded',
    ] as const)
      sums[key] += result[key];
    sums.readCommands += result.commands['RD'] ?? 0;
    sums.writeCommands += result.commands['WR'] ?? 0;
    sums.busBits += burstBits * (result.rowHits + result.rowMisses);
  }
  // Where nobody watches, streams are followed run by run: every count is the same.
  expect(traffic.channels.map(({ read, write }) => ({ read, write }))).toEqual(channelsOfReplays);
  for (const { interface: name, tensor, read, write } of traffic.tensors) {
    expect({
      'row hit': read.rowHits + write.rowHits,
      'row miss': read.rowMisses + write.rowMisses,
      forwarded: read.forwarded + write.forwarded,
    }).toEqual(run.services[`${name} ${tensor}`]);
  }
  expect(traffic.tensors.length).toBe(Object.keys(run.services).length);
  // The last writes are drained: all that was accepted is served.
  for (const { interface: name, accepted, waitingWrites } of traffic.interfaces) {
    const mine = traffic.tensors.filter((each) => each.interface === name).flatMap(({ read, write }) => [read, write]);
    const { busBursts, forwarded } = added(mine);
    expect([name, waitingWrites, accepted]).toEqual([name, 0, busBursts + forwarded]);
  }
  // A memory that has nothing more to do still refreshes while another has.
  const { refreshes, ...others } = run.counts;
  expect({ ...sums, refreshes: 0 }).toEqual({ ...others, refreshes: 0 });
  if (dram.sharing === 'shared') expect(sums.refreshes).toBe(refreshes);
  expect(run.counts.rowHits + run.counts.rowMisses + run.forwarded).toBe(run.counts.bursts);
  return run.counts.bursts;
}

describe('the requests of one burst each way', () => {
  // One element of 512 bits, a burst of HBM2, as in test/trace/banked.test.ts: the load is taken in cycle 0 and through
  // at 32, the compute ends at 38, and the store is a cycle on the link.
  const tiny: Hardware = {
    ...hardwarePreset('HI3'),
    array: { rows: 1, columns: 1 },
    bits: { weight: 512, ifmap: 512, psum: 512, bias: 512 },
    bitsPerCycle: { weight: 512, ifmap: 512, psum: 512, vmem: 512 },
    clockPicoseconds: 1000,
  };
  const relu: SimdLayer = {
    unit: 'SIMD',
    name: 'a,"relu"',
    op: 'relu',
    sizes: { c: 1, n: 1, h: 1, w: 1 },
    tile: { c: 1, n: 1, h: 1, w: 1 },
    window: NO_WINDOW,
    bits: { input: 512, output: 512, psum: 512, weight: 1, bias: 1 },
  };
  const dram = banked('HBM2', 'shared', 1);
  const { lines } = recordedRun([relu, relu], tiny, HARDWARE, dram);
  // The output lies a turn through all banks and four rows behind the input (CONTROLLER.md, Around the controller).
  const { accessesPerRow, bankGroups, banksPerGroup } = dram.spec.organization;
  const row = 64 * accessesPerRow;
  const output = row * (bankGroups * banksPerGroup + 4);

  it('are two lines in each format, at the cycles in which the controller takes them', () => {
    expect(lines.dram.slice(0, 3)).toEqual([
      'cycle,op,address,bytes,interface,tensor,layer',
      '0,R,0,64,vmem,X,"a,""relu"""',
      `39,W,${output},64,vmem,Y,"a,""relu"""`,
    ]);
    expect(lines.dramsim3.slice(0, 2)).toEqual(['0x0 READ 0', `0x${output.toString(16)} WRITE 39`]);
    expect(lines.ramulator2.slice(0, 2)).toEqual(['LD 0x0', `ST 0x${output.toString(16)}`]);
  });

  it('go on from layer to layer on the memory’s own clock', () => {
    // The store is over behind the cycle in which it is taken: the next layer begins at 40. Its row is open: RD at 41, CL
    // 14 and two cycles of data later 57, then 6 of compute and one on the link.
    expect(lines.dram.slice(3).map((line) => line.split(',', 1)[0])).toEqual(['40', `${57 + 6 + 1}`]);
  });
});

describe('a replay of recorded requests', () => {
  it('is the run again: ResNet-18 on HI3 over HBM2', () => {
    const hi3 = hardwarePreset('HI3');
    const layers = inferenceLayers('resnet18', hi3);
    const bursts = expectSame(IS_WHOLE ? layers : layers.slice(-2), hi3, banked('HBM2'));
    expect(bursts).toBeGreaterThan(IS_WHOLE ? 900_000 : 8000);
  });

  it('is the run again where layers overlap: their requests in the order in which the memory took them', () => {
    const hi3 = hardwarePreset('HI3');
    // The first waits for nobody; while the others do, their weights come.
    const layers = inferenceLayers('resnet18', hi3).slice(-4);
    const overlapped = { ...HARDWARE, prefetch: true };
    const { lines } = recordedRun(layers, hi3, overlapped, banked('HBM2'));
    const names = lines.dram.slice(1).map((line) => line.split(',').at(-1));
    expect(names.indexOf('fc')).toBeLessThan(names.lastIndexOf(layers[0]!.name));
    expectSame(layers, hi3, banked('HBM2'), overlapped);
  });

  it('is the run again on random layers and memories', () => {
    const anyCase: fc.Arbitrary<Case<Layer>> = fc.oneof(
      saCases({ randomSlots: true, randomOrder: true, mostMacs: 5000 }),
      fc
        .constantFrom(...(Object.keys(SIMD_OPERATIONS) as SimdOp[]))
        .chain((op) => simdCases(op, { randomSlots: true }))
        // SGD writes a parameter where it has read it: at one width.
        .map(({ hardware, layer }) => ({
          hardware,
          layer: { ...layer, bits: { ...layer.bits, output: layer.bits.input } },
        })),
    );
    const memories = fc
      .record({
        preset: fc.constantFrom(...DRAM_PRESETS),
        sharing: fc.constantFrom(...SHARINGS),
        channels: fc.constantFrom(4, 8),
        layout: fc.constantFrom(...LAYOUTS),
      })
      .map(({ preset, sharing, channels, layout }) => banked(preset, sharing, channels, layout));
    const clocks = fc.constantFrom(300, 965, 1000, 4000);
    fc.assert(
      fc.property(anyCase, clocks, assumptionSets, memories, (each, clockPicoseconds, assumptions, dram) => {
        if (!isDefined(each, assumptions)) return;
        expectSame([each.layer, each.layer], { ...each.hardware, clockPicoseconds }, dram, assumptions);
      }),
      sample(IS_WHOLE ? 1000 : 30),
    );
  });

  it('loses the interfaces in DRAMsim3’s format, and the time in Ramulator 2’s', () => {
    const hi3 = hardwarePreset('HI3');
    const dram = banked('HBM2');
    const { lines } = recordedRun(inferenceLayers('resnet18', hi3).slice(-2), hi3, HARDWARE, dram);
    const [whole, dramsim3, ramulator2] = [lines.dram, lines.dramsim3, lines.ramulator2].map((each) =>
      replayedLines(dram.spec, each),
    );
    const { ports, ...figures } = whole!;
    const [read, write] = [added(ports.map((port) => port.read)), added(ports.map((port) => port.write))];
    const askedBits = {
      read: ports.reduce((bits, port) => bits + port.askedBits.read, 0),
      write: ports.reduce((bits, port) => bits + port.askedBits.write, 0),
    };
    expect(dramsim3).toEqual({ ...figures, ports: [{ finishCycle: figures.cycles, askedBits, read, write }] });
    expect(Math.max(...ports.map(({ finishCycle }) => finishCycle))).toBe(figures.cycles);
    expect(ramulator2!.requests).toBe(figures.requests);
    expect(ramulator2!.cycles).toBeLessThan(figures.cycles);
  });
});

describe('lines of requests', () => {
  const spec = dramPreset('HBM2', 1);
  const cyclesOf = (...lines: string[]): number => replayedLines(spec, lines).cycles;

  it('may have their columns in any order, and others beside them', () => {
    // One read of a closed row takes 32 cycles from when it is taken, as above.
    expect(cyclesOf('cycle,op,address', '7,R,0')).toBe(39);
    expect(cyclesOf('note,address,op,cycle', '"x, ""y""",0x40,R,7')).toBe(39);
  });

  it('of more bytes than an access has are one for each access that they touch', () => {
    const requests = (cells: string): number => replayedLines(spec, ['cycle,op,address,bytes', cells]).requests;
    expect(requests('0,R,0,64')).toBe(1);
    expect(requests('0,R,63,2')).toBe(2);
    expect(requests('0,R,0,1024')).toBe(16);
    // As a rule of 16 reads does, taken one a cycle (test/cli/dram.test.ts).
    expect(replayedLines(spec, ['cycle,op,address,bytes', '0,R,0,1024']).cycles).toBe(62);
  });
});

describe('an address trace that may not be larger', () => {
  const request: BurstRequest = {
    memoryCycle: 5,
    cycle: 4,
    isWrite: true,
    address: 128,
    bytes: 64,
    interface: 'psum',
    tensor: 'ofmap',
    layer: inferenceLayers('resnet18', hardwarePreset('HI3'))[0]!,
  };
  const LINE = '5,W,128,64,psum,ofmap,conv1\n';

  it('ends with how many requests there was no room for', () => {
    let text = '';
    const trace = new AddressTrace('dram', {}, 0.002, (piece) => {
      text += piece;
    });
    for (let place = 0; place < 100; place++) trace.add(request);
    // Two thousand bytes, of which the notice may have half, less the head.
    const room = Math.floor((2000 - 1000 - REQUEST_COLUMNS.join().length - 1) / LINE.length);
    const notice = trace.end()!;
    expect(trace.written).toBe(room);
    expect(text).toBe(`${REQUEST_COLUMNS.join()}\n${LINE.repeat(room)}# ${notice}\n`);
    expect(notice).toContain(`${100 - room} requests from memory cycle 5 (conv1) on are left out`);
  });

  it('has the layers, cycles and interfaces that are selected', () => {
    const countOf = (selection: Selection): number => {
      const trace = new AddressTrace('ramulator2', selection, 1, () => {});
      trace.add(request);
      return trace.written;
    };
    const chosen: Selection[] = [
      {},
      { layers: new Set(['conv1']), cycles: { first: 4, last: 4 }, lanes: new Set(['psum-interface']) },
    ];
    const others: Selection[] = [
      { layers: new Set(['fc']) },
      { cycles: { first: 5, last: 9 } },
      { cycles: { first: 0, last: 3 } },
      { lanes: new Set(['pe-array']) },
    ];
    expect([...chosen, ...others].map(countOf)).toEqual([1, 1, 0, 0, 0, 0]);
  });
});
