/** What the writers of all formats have in common. */
import type { Layer } from '../../model/layers/layer.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import type { Work } from '../../model/network/work.ts';
import type { CounterSample, TraceSink } from './slice.ts';

/** What was run, for the head of a trace. */
export interface TraceSettings {
  /** Of the Systole that made it. */
  readonly version: string;
  readonly hardware: string;
  readonly workload: string;
  readonly phase: 'inference' | 'training';
  readonly batch: number;
  readonly assumptions: readonly string[];
  /** What stands behind the interfaces, in words. */
  readonly dram: string;
  /** The real clock: a cycle takes this long. */
  readonly clockPicoseconds: number;
  /** What the user selected, option by option; empty for everything. */
  readonly selection: Readonly<Record<string, string>>;
}

/** When a layer has run, in cycles of the network. */
export interface RunTime {
  /**
   * From the end of the one before or, where layers overlap, from its first tile's slot on, to its last store. Either side
   * of a fused group has the group's.
   */
  readonly start: number;
  readonly end: number;
  /** When its unit computed it, or waited for its next step or its last store. */
  readonly unitStart: number;
  readonly unitEnd: number;
}

/** A layer that has run, whatever of it was selected. */
export interface LayerRun extends RunTime {
  readonly layer: Layer;
  /** Its `totalCycles` are those that it adds to the run, up to `end`. */
  readonly result: SimulatedResult;
  readonly work: Work;
  /** Of a fused group: its SIMD side, which runs while the SA side before it does. Either takes the group's cycles. */
  readonly isSecondSide?: true;
}

/** What is known when the run is over. */
export interface TraceEnd {
  readonly runs: readonly LayerRun[];
  /** What was left out for size, in words. */
  readonly notice: string | undefined;
  /** Samples that end the counters of a trace that was cut. */
  readonly counterEnds: readonly CounterSample[];
}

/** How large a file may become, and what its end depends on. */
export interface TraceLimit {
  readonly megabytes: number;
  readonly longestNotice: string;
  /** The run's. */
  readonly layers: readonly Layer[];
}

/** Writes a trace as it comes; takes nothing more once the file is as large as it may be. */
export interface TraceWriter extends TraceSink {
  /** Completes the file: room for that is kept. */
  end(end: TraceEnd): void;
}

/** Takes the next piece of a file's text. */
export type WriteText = (text: string) => void;

/** Takes the next piece of a file of bytes; whoever hands it over does not change it any more. */
export type WriteBytes = (bytes: Uint8Array) => void;
