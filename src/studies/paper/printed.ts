/** What the paper prints: tables VI, VII, VIII and X, what its text says of table IX and figures 5 and 12. */

/** A row of tables VI and VII; shares in percent, of the non-conv layers in the whole. */
export interface PrintedNetwork {
  readonly runtimePct: number;
  readonly onChipPct: number;
  readonly offChipPct: number;
  readonly energyPct: number;
  readonly watts: number;
  readonly seconds: number;
}

/** The hardware of tables VI and VII in the order of their rows. */
export const NETWORK_TABLE_HARDWARE = ['HT1', 'HT2', 'HT3', 'HI1', 'HI2', 'HI3'] as const;
export type NetworkTableHardware = (typeof NETWORK_TABLE_HARDWARE)[number];

function network(...columns: [number, number, number, number, number, number]): PrintedNetwork {
  const [runtimePct, onChipPct, offChipPct, energyPct, watts, seconds] = columns;
  return { runtimePct, onChipPct, offChipPct, energyPct, watts, seconds };
}

/** Table VI: ResNet-50. */
export const TABLE_VI: Readonly<Record<NetworkTableHardware, PrintedNetwork>> = {
  HT1: network(41.9, 4.1, 44.8, 50.3, 0.63, 6.86),
  HT2: network(56.6, 4.1, 59.3, 52.3, 1.58, 2.54),
  HT3: network(59.5, 2.7, 56.2, 49.4, 3.94, 1.21),
  HI1: network(30.1, 1.9, 38.7, 33.2, 0.46, 0.028),
  HI2: network(41.6, 2.0, 54.4, 40.3, 1.02, 0.01),
  HI3: network(49.3, 1.8, 56.6, 38.2, 2.55, 0.004),
};

/** Table VII: ResNet-18. */
export const TABLE_VII: Readonly<Record<NetworkTableHardware, PrintedNetwork>> = {
  HT1: network(30.5, 2.7, 41.8, 42.7, 0.57, 2.5),
  HT2: network(41.8, 2.4, 60.0, 40.9, 1.56, 0.91),
  HT3: network(45.4, 1.5, 56.1, 36.9, 4.22, 0.42),
  HI1: network(17.4, 1.2, 31.3, 24.1, 0.36, 0.011),
  HI2: network(24.7, 1.1, 46.0, 26.6, 0.91, 0.004),
  HI3: network(30.0, 0.9, 46.5, 22.0, 2.64, 0.002),
};

/** Section IV-D: by how much figure 5's estimates fall short at most, in percent of the cycles. */
export const FIGURE_5 = { noStallPct: 80.7, simplifiedPct: 46.7 } as const;

/** Sizes of WBuf, IBuf, OBuf, VMem in KiB and bandwidths of their interfaces in bits per cycle. */
export interface PrintedAllocation {
  readonly sramKiB: readonly [number, number, number, number];
  readonly bitsPerCycle: readonly [number, number, number, number];
}

/** Table VIII: ResNet-50's optimum per array side. */
export const TABLE_VIII: readonly (PrintedAllocation & { readonly side: number; readonly worstOverBest: number })[] = [
  { side: 16, sramKiB: [128, 256, 64, 64], bitsPerCycle: [64, 64, 128, 256], worstOverBest: 9.64 },
  { side: 32, sramKiB: [256, 256, 128, 256], bitsPerCycle: [128, 128, 256, 512], worstOverBest: 14.45 },
  { side: 64, sramKiB: [256, 512, 256, 1024], bitsPerCycle: [256, 256, 512, 1024], worstOverBest: 18.43 },
  { side: 128, sramKiB: [512, 512, 512, 2048], bitsPerCycle: [512, 512, 1024, 2048], worstOverBest: 25.55 },
];

/** Table IX: the cells are not legible in the paper's text; this figure is in its prose. */
export const TABLE_IX = { vgg16WorstOverBest: 19.94 } as const;

/** Table X: the economic points, ResNet-50 on 64×64. */
export const TABLE_X = {
  smallestSram: { sramKiB: [128, 128, 128, 64], bitsPerCycle: [256, 256, 512, 1024], penaltyPct: 13.1 },
  smallestBandwidth: { sramKiB: [256, 256, 256, 256], bitsPerCycle: [256, 256, 256, 1024], penaltyPct: 14.6 },
} as const satisfies Record<string, PrintedAllocation & { penaltyPct: number }>;

/** Section VII-B on figure 12: cycles over the optimum's with the smallest IBuf, and with the smallest BW_i. */
export const FIGURE_12 = { smallestIBuf: 1.23, smallestIfmapBandwidth: 11.4 } as const;
