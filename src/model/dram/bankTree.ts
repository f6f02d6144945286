/** The tree of a channel: how many nodes each level has, and to which node of a level a bank belongs. */
import type { DramSpec } from '../schemas/dram.ts';
import { LEVELS, type Level } from '../schemas/dramNames.ts';

export class BankTree {
  readonly banks: number;
  /** Per level, in the order of LEVELS: its nodes in the whole channel. */
  private readonly nodes: readonly number[];

  constructor({ organization: org }: DramSpec) {
    const within = [1, org.pseudoChannels, org.ranks, org.stacks, org.bankGroups, org.banksPerGroup];
    let nodes = 1;
    this.nodes = within.map((size) => {
      nodes *= size;
      return nodes;
    });
    this.banks = nodes;
  }

  /** Nodes of a level in the channel. */
  nodesOf(level: Level): number {
    return this.nodes[LEVELS.indexOf(level)]!;
  }

  /** Banks under each node of a level. Banks are numbered so that those of a node follow each other. */
  banksPer(level: Level): number {
    return this.banks / this.nodesOf(level);
  }

  /** The level above; the channel is its own. */
  above(level: Level): Level {
    return LEVELS[Math.max(0, LEVELS.indexOf(level) - 1)]!;
  }

  /** Whichever of two levels is nearer to the channel. */
  higher(a: Level, b: Level): Level {
    return LEVELS.indexOf(a) < LEVELS.indexOf(b) ? a : b;
  }
}
