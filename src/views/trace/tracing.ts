/** A network that is being traced, and who watches it. */
import type { Machine } from '../../model/machine/machine.ts';
import type { RunOptions } from '../../model/network/network.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { TraceRecorder } from './recorder.ts';
import type { TracedLayer, TraceSink } from './slice.ts';
import type { TracedUnit } from './tracedUnits.ts';

/** A network to be traced, and the machine with those who watch it. */
export interface Tracing {
  readonly hardware: Hardware;
  readonly assumptions: Assumptions;
  readonly options: RunOptions;
  readonly units: readonly TracedUnit[];
  readonly sink: TraceSink;
  readonly machine: Machine;
  readonly recorder: TraceRecorder;
  /** By the number of a layer of the program: members of a group are its two sides. Grows as layers begin. */
  readonly numbered: TracedLayer[];
  /** Whether the recorder watches from now on; what nobody watches is not stepped cycle by cycle. */
  watch(isWatched: boolean): void;
}
