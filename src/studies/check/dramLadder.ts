/**
 * From ideal to real DRAM, one effect at a time (CONTROLLER.md): first pipes no wider than the memory at its peak, then
 * banked memory with the timing parameters of the effects to come set to zero. Until the last step each interface has a
 * copy of the memory to itself.
 */
import { type DramModel, peakBitsPerCycle } from '../../model/dram/model.ts';
import { type MemoryShare, memorySharesOf } from '../../model/machine/memoryShares.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import type { Command } from '../../model/schemas/dramNames.ts';
import type { Constraint } from '../../model/schemas/dramRowSchema.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { SimulatedStep } from './ladder.ts';

/** The effects of banked memory in the order in which they are brought. */
const EFFECTS = [
  { name: 'dram-bursts', meaning: 'whole bursts, one channel after the other; stores end when accepted' },
  { name: 'dram-latency', meaning: 'cycles from a command to its data' },
  { name: 'dram-rows', meaning: 'rows must be opened and closed' },
  { name: 'dram-turnaround', meaning: 'the bus turns between reads and writes' },
  { name: 'dram-refresh', meaning: 'all banks refresh' },
] as const;
type Effect = (typeof EFFECTS)[number]['name'];

/** What no row of constraints says. */
const WITHOUT_ROWS: Readonly<Record<string, Effect>> = {
  CL: 'dram-latency',
  CWL: 'dram-latency',
  WCKPST: 'dram-latency',
  AAD: 'dram-rows',
  REFI: 'dram-refresh',
  REFIpb: 'dram-refresh',
  RFC: 'dram-refresh',
  RFCpb: 'dram-refresh',
};

const isRefresh = (command: Command): boolean => command.startsWith('REF');
const movesData = (command: Command): boolean => command === 'RD' || command === 'WR';

/** The parameters that a row's cycles come from. */
function parametersOf({ cycles }: Constraint): readonly string[] {
  return cycles.match(/[A-Za-z_]\w*/g) ?? [];
}

/**
 * The effect that a timing parameter belongs to, by the commands of the rows that name it: refreshes alone; rows, where
 * one opens or closes one; a bus that turns, where data change their direction or come from another rank. What is left
 * are distances between columns, which come with rows; what a burst takes is no effect.
 */
export function effectOf(parameter: string, constraints: readonly Constraint[]): Effect {
  const known = WITHOUT_ROWS[parameter];
  if (known !== undefined) return known;
  if (parameter.startsWith('burst')) return 'dram-bursts';
  const rows = constraints.filter((row) => parametersOf(row).includes(parameter));
  const refreshes = ({ from, to }: Constraint): boolean => from.every(isRefresh) || to.every(isRefresh);
  if (rows.length > 0 && rows.every(refreshes)) return 'dram-refresh';
  const turns = ({ from, to, other }: Constraint): boolean =>
    other === true || (from.every(movesData) && to.every(movesData) && from.join() !== to.join());
  return rows.length > 0 && rows.every(turns) ? 'dram-turnaround' : 'dram-rows';
}

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
        const later = new Set(EFFECTS.slice(place + 1).map((effect) => effect.name));
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

/** The memory without some effects: their timing parameters at zero, and what brings them switched off. */
function without(spec: DramSpec, effects: ReadonlySet<Effect>): DramSpec {
  const zeros = Object.keys(spec.timing)
    .filter((parameter) => effects.has(effectOf(parameter, spec.constraints)))
    .map((parameter) => [parameter, 0] as const);
  return {
    ...spec,
    timing: { ...spec.timing, ...Object.fromEntries(zeros) },
    ...(effects.has('dram-latency') && { dataClock: 'always on' as const }),
    ...(effects.has('dram-rows') && { activate: 'at once' as const }),
    ...(effects.has('dram-refresh') && { refresh: 'off' as const }),
  };
}
