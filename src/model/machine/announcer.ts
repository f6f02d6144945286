/** Passes on which tiles a request moves, to whoever must know before it is made. */
import type { InterfaceName, MachineObserver, TileMove } from './observer.ts';

/** A memory that places tiles by what they are. */
export interface MoveListener {
  /** The next request of an interface moves these tiles. */
  expect(name: InterfaceName, moves: readonly TileMove[]): void;
}

export class Announcer {
  /** Who watches, if anybody. */
  observer: MachineObserver | undefined;
  private readonly memory: MoveListener | undefined;

  constructor(memory: MoveListener | undefined) {
    this.memory = memory;
  }

  /** Whether anybody must know. Asked at the start of a layer, as nobody comes or goes in the middle of one. */
  isWanted(): boolean {
    return this.observer !== undefined || this.memory !== undefined;
  }

  /** The next request of an interface, made in this cycle, moves these tiles. */
  announce(name: InterfaceName, moves: readonly TileMove[], cycle: number): void {
    this.observer?.transferRequested(name, moves, cycle);
    this.memory?.expect(name, moves);
  }
}
