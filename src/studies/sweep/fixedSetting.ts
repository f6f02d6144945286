/** What is the same at all points of a sweep: a result says with it what it is of. */
import type { Setting } from './setting.ts';
import { reranksOf, type SweepSpec } from './sweepSpec.ts';

/** What a run takes that is the same at all points of a sweep, in the words of the specification; what varies is not there. */
export interface FixedSetting {
  /** Preset or file; values of parameters stand in place of its own. */
  readonly hardware?: string;
  /** Preset or file. */
  readonly workload?: string;
  readonly phase?: Setting['phase'];
  /** Images per batch. */
  readonly batch?: number;
  /** What a training iteration consists of; in inference alone there is none. */
  readonly expansion?: NonNullable<Setting['expansion']>;
  /** Where depthwise convs run, if the sweep says so. */
  readonly depthwise?: NonNullable<Setting['depthwise']>;
  /** How the closed form rounds, where points are priced or ranked again by it. */
  readonly closedForm?: NonNullable<Setting['closedForm']>;
  /** The assumptions, where points are simulated. */
  readonly assume?: string;
  /** What is fused, where points are simulated. */
  readonly fuse?: NonNullable<Setting['fuse']>;
  /** The memory of the sweep's own model: ideal, preset or file; values of parameters stand in place of its own. */
  readonly dram?: string;
  /** The energy data, where there are some. */
  readonly energy?: string;
}

/** What is the same at all points of a sweep whose points have `base` where nothing varies. */
export function fixedSetting(spec: SweepSpec, base: Setting): FixedSetting {
  const { parameters, model, hardware } = spec;
  const models = [model, ...reranksOf(spec).map((again) => again.model)];
  const { workload, phase, batch, expansion, depthwise, closedForm, assume, fuse, dram, energy } = base;
  const trains = phase === 'training' || 'phase' in parameters;
  const all = {
    ...{ hardware, workload, phase, batch },
    ...(trains && { expansion }),
    ...(depthwise && { depthwise }),
    ...(models.includes('closed-form') && { closedForm }),
    ...(models.includes('simulated') && { assume, fuse }),
    dram,
    ...(energy && { energy }),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => !Object.hasOwn(parameters, name)));
}
