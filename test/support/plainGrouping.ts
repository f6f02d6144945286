/**
 * Which layers of a program are fused, from the page alone (FUSION.md, Groups; Steps, 7; Modes): by the names of the
 * tensors that operations read and write, without what `src/` knows of producers and rows.
 */

/** An operation of a program, as far as this needs it. */
export interface PlainOperation {
  readonly unit: 'SA' | 'SIMD' | 'free';
  readonly name: string;
  readonly op: string;
  readonly reads: Readonly<Record<string, string>>;
  readonly writes: Readonly<Record<string, string>>;
}

/** What works element by element on one tensor, or on two of the same sizes. */
const FUNCTIONS = /^(relu|clip(-below|-above)?|leaky-relu|sigmoid|tanh|silu|gelu|hard-sigmoid|hard-swish)$/;
const OF_TWO = /^tensor-(add|sub|mul|div)(-scalar)?$/;
const UPDATE = /^sgd-[24]d$/;
const STATISTICS = 'bn-statistics';

const isElementwise = ({ op }: PlainOperation): boolean => FUNCTIONS.test(op) || OF_TWO.test(op) || UPDATE.test(op);

function isPublishedPair(sa: PlainOperation, { op }: PlainOperation): boolean {
  if (UPDATE.test(op)) return sa.name.endsWith('.dW');
  return sa.op === 'conv' && ['relu', 'tensor-add', STATISTICS].includes(op);
}

/** The names of the layers of each group; in the paper's loop order, where an oc tile's visits follow each other. */
export function plainGroups(operations: readonly PlainOperation[], fusion: 'pairs' | 'chains'): string[][] {
  const layers = operations.filter(({ unit }) => unit !== 'free');
  /** Who has made what lies under a name now: all that went into it, and the one layer whose result it is as it was. */
  const behind = new Map<string, ReadonlySet<string>>();
  const direct = new Map<string, string | undefined>();
  const readers = new Map<string, string[]>(layers.map(({ name }) => [name, []]));
  const readsDirectly = new Map<string, Set<string | undefined>>();
  for (const { unit, name, op, reads, writes } of operations) {
    const from = Object.values(reads);
    const makers = new Set(from.flatMap((tensor) => [...(behind.get(tensor) ?? [])]));
    if (unit === 'free') {
      for (const tensor of Object.values(writes)) {
        behind.set(tensor, makers);
        direct.set(tensor, op === 'dropout' ? direct.get(from[0]!) : undefined);
      }
      continue;
    }
    for (const maker of makers) readers.get(maker)!.push(name);
    readsDirectly.set(name, new Set(from.map((tensor) => direct.get(tensor))));
    for (const tensor of Object.values(writes)) {
      behind.set(tensor, new Set([name]));
      direct.set(tensor, name);
    }
  }
  const groups: string[][] = [];
  for (const [place, sa] of layers.entries()) {
    if (sa.unit !== 'SA') continue;
    const group = [sa.name];
    for (const layer of layers.slice(place + 1)) {
      const before = group.at(-1)!;
      const mayFollow =
        fusion === 'chains' ? isElementwise(layer) || layer.op === STATISTICS : isPublishedPair(sa, layer);
      if (!mayFollow || layer.unit !== 'SIMD' || !readsDirectly.get(layer.name)!.has(before)) break;
      if (group.length > 1 && readers.get(before)!.some((reader) => reader !== layer.name)) break;
      group.push(layer.name);
      if (fusion === 'pairs' || layer.op === STATISTICS) break;
    }
    if (group.length > 1) groups.push(group);
  }
  return groups;
}
