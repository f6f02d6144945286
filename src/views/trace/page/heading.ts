/** The head of the page: what was run, and what of it is not in the file. */
import type { Compared } from './compared.ts';
import type { PageData } from './data.ts';
import { byId, element } from './elements.ts';
import { inDigits } from './numbers.ts';

const PICOSECONDS_PER_MILLISECOND = 1e9;

/** Says what the page shows of its run, and of a second one. */
export function showHeading(data: PageData, compared: Compared | undefined): void {
  const { workload, phase, batch, hardware } = data.head.settings;
  const title = compared?.names.join(' ↔ ') ?? `${workload} ${phase}, batch ${batch}, on ${hardware}`;
  document.title = `${title} · Systole trace`;
  byId('title').textContent = title;
  document.querySelector('header')?.classList.toggle('two', compared !== undefined);
  if (compared === undefined) {
    byId('summary').textContent = summaryOf(data);
  } else {
    const ofB =
      compared.data === undefined ? `${inDigits(compared.cycles)} cycles, from a file` : summaryOf(compared.data);
    byId('summary').replaceChildren(`A: ${summaryOf(data)}`, element('br'), `B: ${ofB}`);
  }
  const runs: [string, PageData | undefined][] =
    compared === undefined
      ? [['', data]]
      : [
          ['A: ', data],
          ['B: ', compared.data],
        ];
  const said = (words: (data: PageData) => string): string =>
    runs
      .map(([name, run]) => [name, run === undefined ? '' : words(run)])
      .filter(([, text]) => text !== '')
      .map((each) => each.join(''))
      .join(' ');
  showLine('notice', said(noticeOf));
  showLine('left-out', compared?.data === undefined && compared ? withoutRows(data, compared) : said(leftOutOf));
}

function summaryOf({ head, cycles, sliceCount }: PageData): string {
  const { assumptions, dram, clockPicoseconds, selection } = head.settings;
  const milliseconds = (cycles * clockPicoseconds) / PICOSECONDS_PER_MILLISECOND;
  return [
    `${inDigits(cycles)} cycles of ${clockPicoseconds} ps, ${milliseconds.toPrecision(4)} ms`,
    `${inDigits(sliceCount)} slices`,
    `assumptions: ${assumptions.join(', ')}`,
    `DRAM: ${dram}`,
    ...Object.entries(selection).map(([name, value]) => `--${name} ${value}`),
  ].join(' · ');
}

function noticeOf({ head: { notice } }: PageData): string {
  return notice === undefined ? '' : `Not everything is in this file: ${notice}.`;
}

function leftOutOf({ head, recorded }: PageData): string {
  const leftOut = head.lanes.filter((lane) => lane.kind !== 'layers' && !recorded.lanes.includes(lane));
  return leftOut.length === 0 ? '' : `Lanes not recorded: ${leftOut.map(({ name }) => name).join(', ')}.`;
}

/** That a second run from a file has no rows, and how to get them. */
function withoutRows(data: PageData, { optionsOfB }: Compared): string {
  const options = optionsOfB === undefined ? 'its options' : `its options (${optionsOfB})`;
  const words = `B has no rows: it comes from a file, which holds figures of layers and no tiles. With ${options} in place of the file, --compare runs it and has its timeline too.`;
  return [words, leftOutOf(data)].filter((each) => each !== '').join(' ');
}

function showLine(id: string, text: string): void {
  byId(id).hidden = text === '';
  byId(id).textContent = text;
}
