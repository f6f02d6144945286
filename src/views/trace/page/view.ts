/** The part of the network's time that the timeline shows. */

/** The closest view. */
const FEWEST_CYCLES = 16;

export interface View {
  readonly from: number;
  readonly to: number;
}

/** A view of `span` cycles or so from about `from` on, moved and cut to fit into [0, cycles). */
export function viewWithin(from: number, span: number, cycles: number): View {
  const shown = Math.min(Math.max(span, FEWEST_CYCLES), cycles);
  const start = Math.min(Math.max(from, 0), cycles - shown);
  return { from: start, to: start + shown };
}

/** The view moved by a share of what it shows. */
export function panned({ from, to }: View, share: number, cycles: number): View {
  return viewWithin(from + share * (to - from), to - from, cycles);
}

/** The view with `factor` times as much in it; what is at `cycle` stays where it is. */
export function zoomed({ from, to }: View, cycle: number, factor: number, cycles: number): View {
  const span = Math.min(Math.max((to - from) * factor, FEWEST_CYCLES), cycles);
  const share = (cycle - from) / (to - from);
  return viewWithin(cycle - share * span, span, cycles);
}

/** The whole cycles between two ends of a drag, one at least, within [0, cycles). */
export function rangeOf(one: number, other: number, cycles: number): View {
  const within = (cycle: number): number => Math.min(Math.max(Math.round(cycle), 0), cycles);
  const [from, to] = [within(Math.min(one, other)), within(Math.max(one, other))];
  return to > from ? { from, to } : { from: Math.min(from, cycles - 1), to: Math.min(from, cycles - 1) + 1 };
}

/** Holds the view; tells everybody who listens when it changes. */
export class ViewState {
  view: View;
  readonly cycles: number;
  private readonly listeners: (() => void)[] = [];

  constructor(cycles: number) {
    this.cycles = cycles;
    this.view = { from: 0, to: cycles };
  }

  listen(listener: () => void): void {
    this.listeners.push(listener);
  }

  show(view: View): void {
    this.view = view;
    for (const listener of this.listeners) listener();
  }

  /** Shows [from, to) with a little around it. */
  showRange(from: number, to: number): void {
    const margin = (to - from) * 0.03;
    this.show(viewWithin(from - margin, to - from + 2 * margin, this.cycles));
  }
}
