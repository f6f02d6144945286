/** A table or figure of the paper, recomputed: printed figures beside ours. */

import type { EnergyModel } from '../../model/energy/constants.ts';
import type { Fusion } from '../../model/fusion/groups.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { Graph } from '../../model/workload/graph.ts';

/** Tables by their Roman numbers, figures by their Arabic ones, as in the paper; and what it says of two networks, of all. */
export const PAPER_TARGETS = ['VI', 'VII', 'VIII', 'IX', 'X', '5', '11', '12', 'networks'] as const;
export type PaperTargetName = (typeof PAPER_TARGETS)[number];

/** One figure; what the paper does not print is null. */
export interface PaperRow {
  /** With its unit. */
  readonly name: string;
  readonly printed: number | null;
  /** By the published closed form. */
  readonly computed: number;
  /** computed − printed. */
  readonly difference: number | null;
  /** Digits after the point that the paper prints, or that are worth printing. */
  readonly digits: number;
  /** What the simulation makes of the figure, where it can. */
  readonly simulated?: number;
  readonly note?: string;
  /** The energy data on which the figure rests, where it does: their name and where they come from. */
  readonly energyData?: string;
}

/** A figure's data: records of equal keys, units in the keys. */
export type FigureData = readonly Readonly<Record<string, string | number>>[];

/** What of them can be recomputed with fused layers. */
export const FUSIBLE_TARGETS: readonly PaperTargetName[] = ['VI', 'VII', 'networks'];

/** A recomputed target. */
export interface PaperTarget<Data extends FigureData = FigureData> {
  readonly target: PaperTargetName;
  /** Where its layers are fused: how. */
  readonly fuse?: Fusion;
  readonly title: string;
  /** What a reader must know to judge the rows. */
  readonly notes: readonly string[];
  readonly rows: readonly PaperRow[];
  /** Of figures. */
  readonly data?: Data;
  /** What the plot shows, if not the data as they are. */
  readonly plotted?: FigureData;
}

/** Where presets and energy data come from. */
export interface PaperInputs {
  readonly hardware: (name: string) => Hardware;
  readonly network: (name: string) => Graph;
  /** The names of all networks. */
  readonly networks: () => readonly string[];
  readonly energy: (hardware: Hardware) => EnergyModel;
}

/** A computed figure beside the printed one. */
export function beside(
  name: string,
  printed: number | null,
  computed: number,
  digits: number,
  simulated?: number,
): PaperRow {
  const note = printed === null ? undefined : roundedTwice(printed, computed, digits);
  return {
    name,
    printed,
    computed,
    difference: printed === null ? null : computed - printed,
    digits,
    ...(simulated === undefined ? {} : { simulated }),
    ...(note === undefined ? {} : { note }),
  };
}

/** Whether a figure, rounded to the printed digits, is the printed one. */
export function isAsPrinted(row: PaperRow): boolean {
  return row.printed !== null && row.computed.toFixed(row.digits) === row.printed.toFixed(row.digits);
}

/** Two of the printed shares come from figures that had been rounded already: 59.247 → 59.25 → 59.3. */
function roundedTwice(printed: number, computed: number, digits: number): string | undefined {
  const once = computed.toFixed(digits + 1);
  const twice = Number(once).toFixed(digits);
  const isTwice = computed.toFixed(digits) !== printed.toFixed(digits) && twice === printed.toFixed(digits);
  return isTwice ? `rounded twice in print: ${computed.toFixed(digits + 2)} → ${once} → ${twice}` : undefined;
}

/** The item of the largest size, the first of equals; there must be one. */
export function largest<Item>(items: readonly Item[], size: (item: Item) => number): Item {
  return items.reduce((most, item) => (size(item) > size(most) ? item : most));
}
