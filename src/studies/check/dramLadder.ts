/**
 * From ideal to real DRAM, one effect at a time (CONTROLLER.md): first pipes no wider than the memory at its peak, then
 * banked memory with the timing parameters of the effects to come set to zero. Until the last step each interface has a
 * copy of the memory to itself.
 */
import { type DramModel, peakBitsPerCycle } from '../../model/dram/model.ts';
import { type MemoryShare, memorySharesOf } from '../../model/machine/offChipSide.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { SimulatedStep } from './ladder.ts';

type Timing = DramSpec['timing'];

/** The effects of banked memory in order, and the parameters that each brings. */
const EFFECTS: readonly {
  readonly name: string;
  readonly brings: readonly (keyof Timing)[];
  readonly meaning: string;
}[] = [
  { name: 'dram-bursts', brings: [], meaning: 'whole bursts, one channel after the other; stores end when accepted' },
  { name: 'dram-latency', brings: ['CL', 'CWL'], meaning: 'cycles from a command to its data' },
  {
    name: 'dram-rows',
    brings: ['RCD_RD', 'RCD_WR', 'RP', 'RAS', 'RC', 'RRD_S', 'RRD_L', 'FAW', 'RTP', 'WR', 'CCD_S', 'CCD_L'],
    meaning: 'rows must be opened and closed',
  },
  { name: 'dram-turnaround', brings: ['WTR_S', 'WTR_L', 'RTW'], meaning: 'the bus turns between reads and writes' },
  { name: 'dram-refresh', brings: ['REFI', 'RFC'], meaning: 'all banks refresh' },
];

/** Digits behind the point that a reader of the meanings wants of a bandwidth, at most. */
const BANDWIDTH_DIGITS = 1;

/** The pipes that a memory of this peak leaves of ideal ones. */
function bandwidthStep(dram: DramModel & { kind: 'peak' }, assumptions: Assumptions): SimulatedStep {
  const bitsPerCycle = Number(dram.bitsPerCycle.toFixed(BANDWIDTH_DIGITS));
  const meaning = `an interface moves at most the memory's peak, ${bitsPerCycle} bits per cycle`;
  return { name: 'dram-bandwidth', meaning, assumptions, dram };
}

/** The steps from a step with ideal DRAM on `hardware` to this model; none if the model is ideal itself. */
export function dramSteps(dram: DramModel, assumptions: Assumptions, hardware: Hardware): SimulatedStep[] {
  switch (dram.kind) {
    case 'ideal':
      return [];
    case 'peak':
      return [bandwidthStep(dram, assumptions)];
    case 'latency':
      return [{ name: 'dram-latency', assumptions, dram, meaning: 'latency, bursts and efficiency per interface' }];
    case 'banked': {
      const apart = { ...dram, sharing: dram.sharing === 'split' ? 'split' : 'private' } as const;
      const effects = EFFECTS.map(({ name, meaning }, place): SimulatedStep => {
        const later = EFFECTS.slice(place + 1).flatMap(({ brings }) => brings);
        return { name, meaning, assumptions, dram: { ...apart, spec: without(dram.spec, later) } };
      });
      const peak = { kind: 'peak', bitsPerCycle: peakBitsOfOneInterface(apart, hardware) } as const;
      const steps = [bandwidthStep(peak, assumptions), ...effects];
      if (dram.sharing !== 'shared') return steps;
      return [...steps, { name: 'dram-shared', meaning: 'the interfaces share the channels', assumptions, dram }];
    }
  }
}

/** Peak of the channels that an interface has to itself, in bits per accelerator cycle. */
function peakBitsOfOneInterface(dram: DramModel & { kind: 'banked' }, hardware: Hardware): number {
  const { spec } = dram;
  const [{ channels }] = memorySharesOf(dram) as [MemoryShare];
  const own = { ...spec, organization: { ...spec.organization, channels } };
  return peakBitsPerCycle(own, hardware.clockPicoseconds);
}

/** The memory with some of its timing parameters at zero. */
function without(spec: DramSpec, parameters: readonly (keyof Timing)[]): DramSpec {
  const zeros = Object.fromEntries(parameters.map((parameter) => [parameter, 0]));
  return { ...spec, timing: { ...spec.timing, ...zeros } };
}
