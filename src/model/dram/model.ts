/** Which memory stands behind the off-chip interfaces. */
import type { DramSpec } from '../schemas/dram.ts';
import type { LatencySpec } from '../schemas/latency.ts';
import type { Layout } from './placement.ts';

/** How the interfaces share a banked memory: all channels together, some each, or a whole copy each (for comparison). */
export const SHARINGS = ['shared', 'split', 'private'] as const;
export type Sharing = (typeof SHARINGS)[number];

/** The paper's pipe, a pipe with latency, or banked memory. */
export type DramModel =
  | { readonly kind: 'ideal' }
  | { readonly kind: 'latency'; readonly spec: LatencySpec; readonly seed: string }
  | { readonly kind: 'banked'; readonly spec: DramSpec; readonly layout: Layout; readonly sharing: Sharing };

/** The paper's assumption. */
export const IDEAL: DramModel = { kind: 'ideal' };

/** Whether what a transfer takes depends on its bits alone, whatever was transferred before. */
export function isRegular(dram: DramModel): boolean {
  switch (dram.kind) {
    case 'ideal':
      return true;
    case 'latency':
      return Object.values(dram.spec.interfaces).every(({ jitterCycles }) => jitterCycles === 0);
    case 'banked':
      return false;
  }
}

/** A model as heads of reports name it. */
export function dramInWords(dram: DramModel): string {
  switch (dram.kind) {
    case 'ideal':
      return 'ideal';
    case 'latency':
      return dram.spec.name;
    case 'banked': {
      const { spec, sharing, layout } = dram;
      const note = spec.isValidated ? '' : ', unvalidated';
      return `${spec.name} (${spec.organization.channels} channels ${sharing}, ${layout} layout${note})`;
    }
  }
}
