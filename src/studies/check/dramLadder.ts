/**
 * From ideal to real DRAM, one effect at a time (CONTROLLER): a step is banked memory with the timing parameters of
 * the effects to come set to zero, and until the last step each interface has a copy of the memory to itself.
 */
import type { DramModel } from '../../model/dram/model.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import type { LadderStep } from './ladder.ts';

type Timing = DramSpec['timing'];

/** The effects in order, and the parameters that each brings. */
const EFFECTS: readonly {
  readonly name: string;
  readonly brings: readonly (keyof Timing)[];
  readonly meaning: string;
}[] = [
  { name: 'dram-bursts', brings: [], meaning: 'whole bursts, one channel after the other' },
  { name: 'dram-latency', brings: ['CL', 'CWL'], meaning: 'cycles from a command to its data' },
  {
    name: 'dram-rows',
    brings: ['RCD_RD', 'RCD_WR', 'RP', 'RAS', 'RC', 'RRD_S', 'RRD_L', 'FAW', 'RTP', 'WR', 'CCD_S', 'CCD_L'],
    meaning: 'rows must be opened and closed',
  },
  { name: 'dram-turnaround', brings: ['WTR_S', 'WTR_L', 'RTW'], meaning: 'the bus turns between reads and writes' },
  { name: 'dram-refresh', brings: ['REFI', 'RFC'], meaning: 'all banks refresh' },
];

/** The steps from a step with ideal DRAM to this model; none if the model is ideal itself. */
export function dramSteps(dram: DramModel, assumptions: Assumptions): LadderStep[] {
  switch (dram.kind) {
    case 'ideal':
      return [];
    case 'latency':
      return [{ name: 'dram-latency', assumptions, dram, meaning: 'latency, bursts and efficiency per interface' }];
    case 'banked': {
      const apart = dram.sharing === 'split' ? 'split' : 'private';
      const steps = EFFECTS.map(({ name, meaning }, place): LadderStep => {
        const later = EFFECTS.slice(place + 1).flatMap(({ brings }) => brings);
        return { name, meaning, assumptions, dram: { ...dram, spec: without(dram.spec, later), sharing: apart } };
      });
      if (dram.sharing !== 'shared') return steps;
      return [...steps, { name: 'dram-shared', meaning: 'the interfaces share the channels', assumptions, dram }];
    }
  }
}

/** The memory with some of its timing parameters at zero. */
function without(spec: DramSpec, parameters: readonly (keyof Timing)[]): DramSpec {
  const zeros = Object.fromEntries(parameters.map((parameter) => [parameter, 0]));
  return { ...spec, timing: { ...spec.timing, ...zeros } };
}
