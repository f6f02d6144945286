/** What a point of a design space stands for: all that a run takes, and where each part of it comes from. */
import type { Variant } from '../../model/analytical/multipliers.ts';
import type { DramModel } from '../../model/dram/model.ts';
import type { Fusion } from '../../model/fusion/groups.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InternalError } from '../../model/schemas/inputError.ts';
import type { DepthwiseUnit } from '../../model/workload/depthwise.ts';
import type { Expansion } from '../../model/workload/expansion.ts';
import type { Program } from '../../model/workload/program.ts';
import { memoryField } from './memories.ts';

/** A parameter that varies: a setting by its name, or a path in the hardware file (`sramKiB.wbuf`) or, behind `dram.`, in the memory's. */
export interface Axis {
  readonly parameter: string;
  readonly values: readonly (number | string)[];
}

/** The place of a point's value on every axis. */
export type Digits = Int32Array;

/** A parameter whose value follows from others. */
export interface Derived {
  readonly parameter: string;
  readonly type: 'number' | 'string';
  /** The expression, for results. */
  readonly text: string;
  /** The axes on which it depends. */
  readonly reads: readonly string[];
  readonly evaluate: (digits: Digits) => number | string;
}

/** All that a run takes. What is not there is as it is unless asked for. */
export interface Setting {
  readonly hardware: Hardware;
  readonly workload: string;
  readonly phase: Program['phase'];
  readonly batch: number;
  readonly expansion?: Expansion;
  readonly depthwise?: DepthwiseUnit;
  /** How the closed form rounds. */
  readonly closedForm?: Variant;
  /** Names of assumptions, as the command line takes them. */
  readonly assume?: string;
  readonly fuse?: Fusion;
  /** The energy data, by name. */
  readonly energy?: string;
  /** The memory, by name. */
  readonly dram?: string;
  /** What is changed in that memory, by path in its file; `layout` and `sharing` too. */
  readonly memory?: Readonly<Record<string, number | string>>;
}

/** The settings that have a name of their own, as they are unless asked for. */
export const SETTINGS = {
  hardware: '',
  workload: '',
  phase: 'inference',
  batch: 1,
  expansion: 'exact',
  depthwise: 'as given',
  closedForm: 'published',
  assume: 'hardware',
  fuse: 'none',
  energy: '',
  dram: 'ideal',
} as const satisfies Record<Exclude<keyof Setting, 'memory'>, number | string>;

/** Whether a parameter is a setting with a name of its own. */
export const isSetting = (parameter: string): parameter is keyof typeof SETTINGS => Object.hasOwn(SETTINGS, parameter);

const MEMORY = 'dram.';

/** Whether a parameter is the memory or something in it. */
export const isOfMemory = (parameter: string): boolean => parameter === 'dram' || parameter.startsWith(MEMORY);

/** The path in the memory's file; undefined for a parameter of something else. */
export function memoryPath(parameter: string): string | undefined {
  return parameter.startsWith(MEMORY) ? parameter.slice(MEMORY.length) : undefined;
}

/** Where the values of points come from. */
export interface Spanned {
  readonly base: Setting;
  readonly axes: readonly Axis[];
  readonly derived?: readonly Derived[];
  /** Hardware and memories by name, where they vary. */
  readonly hardwares?: Readonly<Record<string, Hardware>>;
  readonly drams?: Readonly<Record<string, DramModel>>;
}

/** How a parameter is read off a point, and the axes on which that depends. */
export interface Reading {
  readonly type: 'number' | 'string';
  readonly reads: readonly string[];
  readonly read: (digits: Digits) => number | string;
}

function constant(value: unknown): Reading | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  return { type: typeof value === 'number' ? 'number' : 'string', reads: [], read: () => value };
}

/** A number of the hardware file; undefined where it has none of that name. */
function fieldOf(hardware: Hardware, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], hardware);
}

/** How a value that does not vary by itself is read: from the base or from the hardware or memory that varies. */
function baseReading(spanned: Spanned, parameter: string): Reading | undefined {
  const { base, hardwares = {}, drams = {} } = spanned;
  if (isSetting(parameter)) {
    return constant(parameter === 'hardware' ? base.hardware.name : (base[parameter] ?? SETTINGS[parameter]));
  }
  const path = memoryPath(parameter);
  if (path === undefined) {
    const hardware = varyingReading(spanned, 'hardware');
    if (hardware === undefined) return constant(fieldOf(base.hardware, parameter));
    return {
      ...hardware,
      type: 'number',
      read: (digits) => fieldOf(hardwares[hardware.read(digits)]!, parameter) as number,
    };
  }
  const fields = Object.values(drams).map((dram) => memoryField(dram, path));
  const known = fields.find((field) => field !== undefined);
  const memory = readingOf(spanned, 'dram');
  if (known === undefined || memory === undefined) return undefined;
  const none = typeof known === 'number' ? Number.NaN : '';
  return {
    ...memory,
    type: typeof known === 'number' ? 'number' : 'string',
    read: (digits) => memoryField(drams[memory.read(digits)]!, path) ?? none,
  };
}

function varyingReading({ axes, derived = [] }: Spanned, parameter: string): Reading | undefined {
  const place = axes.findIndex((axis) => axis.parameter === parameter);
  if (place >= 0) {
    const { values } = axes[place]!;
    const type = typeof values[0] === 'number' ? 'number' : 'string';
    return { type, reads: [parameter], read: (digits) => values[digits[place]!]! };
  }
  const found = derived.find((each) => each.parameter === parameter);
  return found && { type: found.type, reads: found.reads, read: found.evaluate };
}

/** How a parameter is read off a point; undefined where there is none of that name. */
export function readingOf(spanned: Spanned, parameter: string): Reading | undefined {
  return varyingReading(spanned, parameter) ?? baseReading(spanned, parameter);
}

/** How a parameter that there is, is read off a point. */
export function parameterReader(spanned: Spanned, parameter: string): Reading['read'] {
  const reading = readingOf(spanned, parameter);
  if (reading === undefined) throw new InternalError(`no parameter ${parameter}`);
  return reading.read;
}

/** Whether a parameter of the hardware is not the same at all points. */
export function varies(spanned: Spanned, parameter: string): boolean {
  if (varyingReading(spanned, parameter) !== undefined) return true;
  if (isSetting(parameter) || isOfMemory(parameter) || varyingReading(spanned, 'hardware') === undefined) return false;
  return new Set(Object.values(spanned.hardwares ?? {}).map((hardware) => fieldOf(hardware, parameter))).size > 1;
}

/** The setting of a point: the base with the values of all axes, and what follows from them, in place. */
export function settingAt(spanned: Spanned, digits: Digits): Setting {
  const { base, axes, derived = [], hardwares = {} } = spanned;
  const named = varyingReading(spanned, 'hardware');
  const hardware = named === undefined ? base.hardware : hardwares[named.read(digits)]!;
  const changed: Record<string, unknown> = {
    ...hardware,
    array: { ...hardware.array },
    bits: { ...hardware.bits },
    sramKiB: { ...hardware.sramKiB },
    slots: { ...hardware.slots },
    bitsPerCycle: { ...hardware.bitsPerCycle },
    aluCycles: { ...hardware.aluCycles },
    ...(hardware.instructionLoading && { instructionLoading: { ...hardware.instructionLoading } }),
  };
  const setting: Record<string, unknown> = { ...base, hardware: changed };
  let memory: Record<string, unknown> | undefined;
  const put = (parameter: string, value: number | string): void => {
    const dot = parameter.indexOf('.');
    if (dot < 0) {
      if (!isSetting(parameter)) changed[parameter] = value;
      else if (parameter !== 'hardware') setting[parameter] = value;
      return;
    }
    const path = memoryPath(parameter);
    if (path === undefined) {
      (changed[parameter.slice(0, dot)] as Record<string, unknown>)[parameter.slice(dot + 1)] = value;
      return;
    }
    memory ??= {};
    memory[path] = value;
  };
  for (let place = 0; place < axes.length; place++) put(axes[place]!.parameter, axes[place]!.values[digits[place]!]!);
  for (const { parameter, evaluate } of derived) put(parameter, evaluate(digits));
  if (memory !== undefined) setting['memory'] = memory;
  return setting as unknown as Setting;
}
