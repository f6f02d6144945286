/** Which memory stands behind the off-chip interfaces. */
import type { DramSpec } from '../schemas/dram.ts';
import type { LatencySpec } from '../schemas/latency.ts';
import type { Layout } from './layout.ts';

/** How the interfaces share a banked memory: all channels together, some each, or a whole copy each (for comparison). */
export const SHARINGS = ['shared', 'split', 'private'] as const;
export type Sharing = (typeof SHARINGS)[number];

/**
 * The paper's pipe, the same where no interface gets more than a memory's peak (in bits per accelerator cycle), a pipe
 * with latency, or banked memory.
 */
export type DramModel =
  | { readonly kind: 'ideal' }
  | { readonly kind: 'peak'; readonly bitsPerCycle: number }
  | { readonly kind: 'latency'; readonly spec: LatencySpec; readonly seed: string }
  | {
      readonly kind: 'banked';
      readonly spec: DramSpec;
      readonly layout: Layout;
      readonly sharing: Sharing;
      /** In words what a user has changed of the file that reports would not show otherwise. */
      readonly changes?: readonly string[] | undefined;
    };

/** The seed of a memory's jitter unless another is given. */
export const DEFAULT_SEED = '1';

/** The paper's assumption. */
export const IDEAL: DramModel = { kind: 'ideal' };

/** Whether what a transfer takes depends on its bits alone, whatever was transferred before. */
export function isRegular(dram: DramModel): boolean {
  switch (dram.kind) {
    case 'ideal':
    case 'peak':
      return true;
    case 'latency':
      return Object.values(dram.spec.interfaces).every(({ jitterCycles }) => jitterCycles === 0);
    case 'banked':
      return false;
  }
}

/**
 * What a memory moves at most, every data bus busy in every cycle: bits per accelerator cycle, a fraction where the two
 * clocks say so.
 */
export function peakBitsPerCycle(
  { organization, timing, clockPicoseconds }: DramSpec,
  acceleratorPicoseconds: number,
): number {
  const dataBuses = organization.channels * organization.pseudoChannels;
  const bitsPerMemoryCycle = (dataBuses * 8 * organization.bytesPerAccess) / timing.burst;
  return (bitsPerMemoryCycle * acceleratorPicoseconds) / clockPicoseconds;
}

/** A model as heads of reports name it. */
export function dramInWords(dram: DramModel): string {
  switch (dram.kind) {
    case 'ideal':
      return 'ideal';
    case 'peak':
      return `ideal up to ${dram.bitsPerCycle} bits per cycle`;
    case 'latency':
      return dram.seed === DEFAULT_SEED ? dram.spec.name : `${dram.spec.name} (seed ${dram.seed})`;
    case 'banked': {
      const { spec, sharing, layout, changes = [] } = dram;
      const { channels, ranks } = spec.organization;
      const notes = [
        ...(ranks === 1 ? [] : [`${ranks} ranks`]),
        ...(spec.refresh === 'all-bank' ? [] : [`refresh ${spec.refresh}`]),
        ...changes,
        ...(spec.isValidated ? [] : ['unvalidated']),
      ];
      return `${spec.name} (${[`${channels} channels ${sharing}`, `${layout} layout`, ...notes].join(', ')})`;
    }
  }
}
