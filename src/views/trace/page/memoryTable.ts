/** What each DRAM channel did, over the run or the range that is measured: row hits, row misses, refresh. */

import type { PageLane } from '../pageData.ts';
import { firstEndingAfter } from '../pyramid.ts';
import type { PageData } from './data.ts';
import { byId, element, legendEntry } from './elements.ts';
import { inDigits, percent } from './numbers.ts';
import type { PageState } from './pageState.ts';
import type { View } from './view.ts';

/** What a channel did. Bursts count where the stretch that they belong to begins. */
export interface ChannelSums {
  readonly lane: PageLane;
  readonly rowHits: number;
  readonly rowMisses: number;
  readonly forwarded: number;
  /** Cycles within the range in which it serves bursts, and in which it refreshes. */
  readonly servingCycles: number;
  readonly refreshCycles: number;
}

/** The sums of a channel's lane. */
export function channelSums({ head, slices }: PageData, lane: PageLane, { from, to }: View): ChannelSums {
  const own = slices[lane.index]!;
  const { starts, ends, count, whats, bursts } = own;
  const isRefresh = head.whats.map(({ kind }) => kind === 'refresh');
  const sums = { rowHits: 0, rowMisses: 0, forwarded: 0, servingCycles: 0, refreshCycles: 0 };
  for (let place = firstEndingAfter(own, from); place < count && starts[place]! < to; place++) {
    const cycles = Math.min(ends[place]!, to) - Math.max(starts[place]!, from);
    if (isRefresh[whats[place]!]) sums.refreshCycles += cycles;
    else sums.servingCycles += cycles;
    if (bursts === undefined || starts[place]! < from) continue;
    sums.rowHits += bursts.rowHits[place]!;
    sums.rowMisses += bursts.rowMisses[place]!;
    sums.forwarded += bursts.forwarded[place]!;
  }
  return { lane, ...sums };
}

const HEADS = ['channel', 'row hits', 'row misses', 'hits', 'forwarded', 'serves', 'refreshes'];

/** Shows the table, if any channel was recorded. */
export function startMemoryTable(data: PageData, { range, view }: PageState): void {
  const channels = data.recorded.lanes.filter(({ kind }) => kind === 'channel');
  byId('memory-section').hidden = channels.length === 0;
  if (channels.length === 0) return;
  byId('memory-heads').replaceChildren(...HEADS.map(headOf));
  byId('memory-legend').replaceChildren(legendEntry('rowMiss'), legendEntry('refresh'));
  const show = (): void => {
    const within = range.value ?? { from: 0, to: view.cycles };
    byId('memory-range').textContent =
      range.value === undefined
        ? 'Over the whole run; a range dragged on the ruler is looked at alone.'
        : `From cycle ${inDigits(within.from)} to ${inDigits(within.to)}.`;
    byId('memory').replaceChildren(...channels.map((lane) => rowOf(channelSums(data, lane, within), within)));
  };
  range.listen(show);
  show();
}

function headOf(title: string, place: number): HTMLTableCellElement {
  const head = element('th', title);
  head.scope = 'col';
  head.classList.toggle('number', place > 0);
  return head;
}

function rowOf(sums: ChannelSums, { from, to }: View): HTMLTableRowElement {
  const { lane, rowHits, rowMisses, forwarded, servingCycles, refreshCycles } = sums;
  const share = (cycles: number): string => percent(cycles / (to - from));
  const hits = rowHits + rowMisses === 0 ? '' : percent(rowHits / (rowHits + rowMisses));
  const cells = [
    inDigits(rowHits),
    inDigits(rowMisses),
    hits,
    inDigits(forwarded),
    share(servingCycles),
    share(refreshCycles),
  ].map((text) => {
    const cell = element('td', text);
    cell.className = 'number';
    return cell;
  });
  return element('tr', '', element('td', lane.name), ...cells);
}
