/**
 * What every transfer, compute and grant of a run has waited for. A node begins in the cycle in which the last of those
 * it waits for has ended; so from the end of a run back, along what came last, every cycle belongs to one node.
 */

/** What a node occupies while it lasts. */
export const RESOURCES = ['peArray', 'simdPipeline', 'weight', 'ifmap', 'psum', 'vmem', 'imem'] as const;
export type PathResource = (typeof RESOURCES)[number];

/**
 * Why a node began when it did. `first`: nothing came before; `unit`: its unit's previous tile; `interface`: its
 * interface's previous transfer; `operand`: a load's arrival; `slot`: a slot came free; `tile`: the PE array handed over
 * a tile; `result`: a store follows its compute; `hazard`: the store of the same psum; `phase`: a part of the operation
 * follows the one before; `producer`: the last store of a layer that makes the tensor; `barrier`: the segment before, in
 * lockstep; `instructions`: their load; `order`: another request of the layer that goes first. Of a load's stretch in
 * banked memory: `row`, until one was open; `refresh`.
 */
export const REASONS = [
  'first',
  'unit',
  'interface',
  'operand',
  'slot',
  'tile',
  'result',
  'hazard',
  'phase',
  'producer',
  'barrier',
  'instructions',
  'order',
  'row',
  'refresh',
] as const;
export type PathReason = (typeof REASONS)[number];

/** No node. */
export const NONE = -1;
/** On the way to another reason: what a node waits for waits itself. */
const PASSED_ON: number = REASONS.length;
/** A node that takes no time: a grant, a request. */
const NO_RESOURCE: number = RESOURCES.length;
const UNKNOWN = -1;
const INITIAL_CAPACITY = 1024;

type Column = Int32Array | Float64Array | Uint8Array;

/** The tile that a node is about. */
export interface NodeTile {
  /** Place of the tile's layer in its program. */
  readonly layer: number;
  /** The first step of the tile's use. */
  readonly step: number;
  /** What travels, weight and bias together as one; empty for a compute. */
  readonly tensor: string;
  readonly direction: 'load' | 'store' | 'compute';
}

const DIRECTIONS = ['load', 'store', 'compute'] as const;

/** Nodes in the order in which they are asked for, which no dependency goes against. */
export class DependencyGraph {
  size = 0;
  private edges = 0;
  private resources = new Uint8Array(INITIAL_CAPACITY);
  private directions = new Uint8Array(INITIAL_CAPACITY);
  private tensors = new Uint8Array(INITIAL_CAPACITY);
  private layers = new Int32Array(INITIAL_CAPACITY);
  private steps = new Int32Array(INITIAL_CAPACITY);
  private starts = new Float64Array(INITIAL_CAPACITY);
  private ends = new Float64Array(INITIAL_CAPACITY);
  /** Of each node, its first edge; its last is the one before the next node's first. */
  private firstEdges = new Int32Array(INITIAL_CAPACITY + 1);
  private sources = new Int32Array(INITIAL_CAPACITY);
  private reasons = new Uint8Array(INITIAL_CAPACITY);
  private readonly tensorNames: string[] = [];

  /** The node that is added next has waited for another, if that is over; without a reason, for what that waited for. */
  waitFor(source: number, reason: PathReason | undefined): void {
    if (source !== NONE && this.isOver(source))
      this.addEdge(source, reason === undefined ? PASSED_ON : REASONS.indexOf(reason));
  }

  /** The transfer that is added next waits for another of its interface, which may be under way or wait too. */
  waitForTransfer(source: number): void {
    if (source !== NONE) this.addEdge(source, REASONS.indexOf('interface'));
  }

  private addEdge(source: number, reason: number): void {
    if (this.edges === this.sources.length) {
      this.sources = grown(this.sources);
      this.reasons = grown(this.reasons);
    }
    this.sources[this.edges] = source;
    this.reasons[this.edges] = reason;
    this.edges++;
  }

  /** When the last of those that the next node waits for ended; 0 if it waits for none. */
  awaitedCycle(): number {
    return this.latestEnd(this.firstEdges[this.size]!, this.edges);
  }

  /** Adds what takes no time, once all that it waits for is over. */
  addMoment(): number {
    const node = this.add(NO_RESOURCE);
    this.starts[node] = this.latestEnd(this.firstEdges[node]!, this.edges);
    this.ends[node] = this.starts[node]!;
    return node;
  }

  /** Adds what occupies a resource from the cycle on in which all that it waits for is over. */
  addWork(resource: PathResource, tile: NodeTile): number {
    const node = this.add(RESOURCES.indexOf(resource));
    this.layers[node] = tile.layer;
    this.steps[node] = tile.step;
    this.directions[node] = DIRECTIONS.indexOf(tile.direction);
    this.tensors[node] = this.tensorNumber(tile.tensor);
    this.ends[node] = UNKNOWN;
    return node;
  }

  /** A node is over; all that it has waited for is. */
  end(node: number, cycle: number): void {
    this.starts[node] = this.latestEnd(this.firstEdges[node]!, this.firstEdges[node + 1]!);
    this.ends[node] = cycle;
  }

  isOver(node: number): boolean {
    return this.ends[node] !== UNKNOWN;
  }

  startOf(node: number): number {
    return this.starts[node]!;
  }

  endOf(node: number): number {
    return this.ends[node]!;
  }

  /** What a node occupies; undefined if it takes no time. */
  resourceOf(node: number): PathResource | undefined {
    return RESOURCES[this.resources[node]!];
  }

  tileOf(node: number): NodeTile {
    return {
      layer: this.layers[node]!,
      step: this.steps[node]!,
      tensor: this.tensorNames[this.tensors[node]!]!,
      direction: DIRECTIONS[this.directions[node]!]!,
    };
  }

  /**
   * The node that ended when this one began, and why this one waited for it. Of several its own resource's goes first,
   * then the one that is named first. `source` is none for a node that waited for nothing.
   */
  bindingOf(node: number): { readonly source: number; readonly reason: PathReason | undefined } {
    const start = this.starts[node]!;
    let [source, reason, rank] = [NONE, PASSED_ON, Number.POSITIVE_INFINITY];
    for (let edge = this.firstEdges[node]!; edge < this.firstEdges[node + 1]!; edge++) {
      const from = this.sources[edge]!;
      if (this.ends[from] !== start) continue;
      const isSame = this.resources[from] === this.resources[node] && this.resources[from] !== NO_RESOURCE;
      const own = isSame ? -1 : edge;
      if (own >= rank) continue;
      [source, reason, rank] = [from, this.reasons[edge]!, own];
    }
    return { source, reason: REASONS[reason] };
  }

  /** Per node, the latest cycle in which it could end without the last of all ending later. */
  latestEnds(): Float64Array {
    const { size, starts, ends, firstEdges, sources } = this;
    const latest = new Float64Array(size).fill(this.totalCycles());
    for (let node = size - 1; node >= 0; node--) {
      const latestStart = latest[node]! - (ends[node]! - starts[node]!);
      for (let edge = firstEdges[node]!; edge < firstEdges[node + 1]!; edge++) {
        const source = sources[edge]!;
        if (latestStart < latest[source]!) latest[source] = latestStart;
      }
    }
    return latest;
  }

  /** When the last node would end if those of one resource took `shorter` of their cycles and all waited as they do. */
  totalWith(resource: PathResource, shorter: (cycles: number) => number): number {
    const { size, starts, ends, firstEdges, sources, resources } = this;
    const changed = RESOURCES.indexOf(resource);
    const newEnds = new Float64Array(size);
    let total = 0;
    for (let node = 0; node < size; node++) {
      let start = 0;
      for (let edge = firstEdges[node]!; edge < firstEdges[node + 1]!; edge++) {
        const end = newEnds[sources[edge]!]!;
        if (end > start) start = end;
      }
      const cycles = ends[node]! - starts[node]!;
      newEnds[node] = start + (resources[node] === changed ? shorter(cycles) : cycles);
      if (newEnds[node]! > total) total = newEnds[node]!;
    }
    return total;
  }

  /** When the last node ended. */
  totalCycles(): number {
    let total = 0;
    for (let node = 0; node < this.size; node++) if (this.ends[node]! > total) total = this.ends[node]!;
    return total;
  }

  private add(resource: number): number {
    if (this.size === this.starts.length) this.growNodes();
    const node = this.size++;
    this.resources[node] = resource;
    this.firstEdges[node + 1] = this.edges;
    return node;
  }

  private growNodes(): void {
    this.resources = grown(this.resources);
    this.directions = grown(this.directions);
    this.tensors = grown(this.tensors);
    this.layers = grown(this.layers);
    this.steps = grown(this.steps);
    this.starts = grown(this.starts);
    this.ends = grown(this.ends);
    const { firstEdges } = this;
    this.firstEdges = new Int32Array(2 * firstEdges.length);
    this.firstEdges.set(firstEdges);
  }

  private latestEnd(from: number, to: number): number {
    let latest = 0;
    for (let edge = from; edge < to; edge++) {
      const end = this.ends[this.sources[edge]!]!;
      if (end > latest) latest = end;
    }
    return latest;
  }

  private tensorNumber(name: string): number {
    const place = this.tensorNames.indexOf(name);
    return place >= 0 ? place : this.tensorNames.push(name) - 1;
  }
}

function grown<Values extends Column>(values: Values): Values {
  const more = new (values.constructor as new (length: number) => Values)(2 * values.length);
  more.set(values);
  return more;
}
