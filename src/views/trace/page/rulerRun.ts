/** A run on the timeline's ruler, beside which another may be. */
import type { PageData } from './data.ts';
import type { View } from './view.ts';

export interface RulerRun {
  readonly data: PageData;
  /** What tells it from the other run; empty where it is alone. */
  readonly name: '' | 'A' | 'B';
  /** The cycle of the ruler at which it begins: 0, unless it is shifted so that a layer begins in both at the same. */
  readonly shift: number;
}

/** A name of a run's own as it stands among those of both: the second run's with a B. */
export function nameAmong({ name: run }: RulerRun, name: string): string {
  return run === 'B' ? `${name} B` : name;
}

/** A stretch of the ruler in the run's own cycles. */
export function inRun({ shift }: RulerRun, { from, to }: View): View {
  return { from: from - shift, to: to - shift };
}

/** A stretch of the run's own cycles on the ruler. */
export function onRuler({ shift }: RulerRun, { from, to }: View): View {
  return { from: from + shift, to: to + shift };
}

/** The part of a stretch of the ruler in which there is something of the run, in its own cycles; undefined if none. */
export function partOf(run: RulerRun, stretch: View): View | undefined {
  const { from, to } = inRun(run, stretch);
  const part = { from: Math.max(from, 0), to: Math.min(to, run.data.cycles) };
  return part.from < part.to ? part : undefined;
}
