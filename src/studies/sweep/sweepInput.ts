/** All that decides a sweep's results, as plain data: it can be posted to a thread, written as JSON, sent to another host. */
import type { DramModel } from '../../model/dram/model.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { Workload } from '../../model/schemas/workload.ts';
import type { EnergySource } from './energyData.ts';
import type { SweepSpec } from './sweepSpec.ts';

/** A network and where it is from, for messages. */
export interface WorkloadSource {
  readonly file: string;
  /** What the file calls its layers, if not that. */
  readonly list?: string;
  readonly workload: Workload;
}

/** A sweep with all that it names, under the names that the spec uses. */
export interface SweepInput {
  /** The sweep file, for messages. */
  readonly file: string;
  readonly spec: SweepSpec;
  readonly hardwares: Readonly<Record<string, Hardware>>;
  readonly workloads: Readonly<Record<string, WorkloadSource>>;
  readonly drams: Readonly<Record<string, DramModel>>;
  readonly energies: Readonly<Record<string, EnergySource>>;
  /** Names that expressions may compare with though nothing in the sweep has them: other presets, values replaced. */
  readonly otherNames?: readonly string[];
}

/** Without the words for readers, on which no result depends. */
function bare<Thing extends object>(thing: Thing): object {
  const { $schema: _, name: __, description: ___, ...rest } = thing as Record<string, unknown>;
  return rest;
}

/** What of a spec decides evaluations: not what is drawn or written of them. */
function evaluated({ plots: _, heatMap: __, points: ___, ...rest }: SweepSpec): object {
  return bare(rest);
}

function each<Value>(record: Readonly<Record<string, Value>>, of: (value: Value) => unknown): object {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));
}

/** What evaluations depend on, as text: other text, another sweep. */
export function identityOf({ spec, hardwares, workloads, drams, energies }: SweepInput): string {
  return JSON.stringify({
    spec: evaluated(spec),
    hardwares: each(hardwares, bare),
    // A network's name decides a quirk of the published expansion.
    workloads: each(workloads, ({ workload: { name, ...rest } }) => ({ name, ...bare(rest) })),
    drams: each(drams, (dram) => ('spec' in dram ? { ...dram, spec: bare(dram.spec) } : dram)),
    energies: each(energies, ({ constants }) => bare(constants)),
  });
}
