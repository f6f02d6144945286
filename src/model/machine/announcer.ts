/** Who watches the machine, and whether anybody must know which tiles a transfer moves. */
import type { MachineObserver } from './observer.ts';

export class Announcer {
  /** Who watches, if anybody. */
  observer: MachineObserver | undefined = undefined;
  private readonly placesTiles: boolean;

  /** `placesTiles`: the memory looks for tiles by what they are. */
  constructor(placesTiles: boolean) {
    this.placesTiles = placesTiles;
  }

  /** Whether requests must say which tiles they move. Asked at a layer's start: nobody comes or goes in the middle of one. */
  isWanted(): boolean {
    return this.placesTiles || this.observer !== undefined;
  }
}
