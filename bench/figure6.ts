/**
 * Figure 6 of the paper, from a trace: (a) loads, computes and stores of consecutive tiles in parallel; (b) the four
 * cases of a conv layer's segments, as the machine runs them in lockstep. Writes bench/figures/figure6.svg:
 *   node dist/bench/bench/figure6.js
 */
import { writeFileSync } from 'node:fs';
import type { Layer } from '../src/model/layers/layer.ts';
import { type Assumptions, HARDWARE, PAPER } from '../src/model/schedule/assumptions.ts';
import type { Hardware } from '../src/model/schemas/hardware.ts';
import { PAINTS, PALETTE, type Paint, paintOf, textOn } from '../src/views/trace/palette.ts';
import type { Slice } from '../src/views/trace/slice.ts';
import { traceNetwork } from '../src/views/trace/traceNetwork.ts';
import { presetLayers } from './layers.ts';

const NETWORK = 'resnet50';
const HARDWARE_NAME = 'HI1';
/** At its full bandwidth the array hides every transfer of this layer; at a quarter it does not. */
const BANDWIDTH_DIVISOR = 4;
/** It has several tiles in oc, in a reduction loop and in the image, so that all four cases occur. */
const LAYER = 'layer3.1.conv2';

const LANES = ['weight-interface', 'ifmap-interface', 'psum-interface', 'pe-array'];
/** What a paint means here, where nothing waits for an output slot. */
const LEGEND: Readonly<Partial<Record<Paint, string>>> = {
  weight: 'weight, waiting for it',
  bias: 'bias, waiting for it',
  outputSlot: 'psum and ofmap store',
};

/** What a segment loads beside its ifmap, and which case of table IV that is. */
const CASES = [
  { loads: '', name: 'Case 1', what: 'ifmap load, compute, psum store' },
  { loads: 'psum', name: 'Case 2', what: 'and psum load' },
  { loads: 'psum weight', name: 'Case 4', what: 'and weight load, psum load' },
  { loads: 'bias weight', name: 'Case 5', what: 'and weight and bias load' },
];

/** The tiles of (a). */
const FIRST_STEP = 14;
const STEPS = 5;

const WIDTH = 900;
const MARGIN = 12;
const LEFT = 110;
const ROW = 22;
const GAP = 4;
const PANEL = LANES.length * (ROW + GAP);
const SWATCH = 10;
/** About what a character of a label takes. */
const CHARACTER = 6.2;

function trace(layer: Layer, hardware: Hardware, assumptions: Assumptions): Slice[] {
  const slices: Slice[] = [];
  const sink = { slice: (slice: Slice) => slices.push(slice) > 0, flow: () => true, counter: () => true };
  const run = traceNetwork([layer], hardware, assumptions, sink);
  while (run.next().done !== true);
  return slices.filter(({ lane }) => LANES.includes(lane.key));
}

/** The start of a step's compute. */
function computeStart(slices: readonly Slice[], step: number): number {
  return slices.find((slice) => slice.kind === 'compute' && slice.step === step)!.start;
}

interface Segment {
  readonly step: number;
  readonly from: number;
  readonly to: number;
  readonly loads: string;
}

/** In lockstep: segment j lasts from the start of compute j to that of compute j+1. */
function segmentsOf(slices: readonly Slice[]): Segment[] {
  const starts = slices.filter(({ kind }) => kind === 'compute').map(({ start }) => start);
  return starts.slice(0, -1).map((from, step) => {
    const to = starts[step + 1]!;
    const loads = slices.filter(
      ({ kind, start, tensor }) => kind === 'load' && start >= from && start < to && tensor !== 'ifmap',
    );
    return {
      step,
      from,
      to,
      loads: loads
        .map(({ tensor }) => tensor)
        .sort()
        .join(' '),
    };
  });
}

function label({ kind, tensor, step, cause }: Slice): string {
  if (kind === 'compute') return `compute ${step}`;
  if (kind === 'wait') return `wait: ${cause}`;
  return `${tensor} ${kind === 'store' ? 'store ' : ''}${step}`;
}

/** The part [from, to) of a trace, a row per lane. */
function panel(slices: readonly Slice[], from: number, to: number, top: number, scale: number): string {
  const x = (cycle: number): number => LEFT + (Math.min(Math.max(cycle, from), to) - from) * scale;
  const rows = LANES.map((key, row) => {
    const y = top + row * (ROW + GAP);
    const inLane = slices.filter(({ lane, start, end }) => lane.key === key && start < to && end > from);
    const name = inLane[0]?.lane.name ?? key.replace('-', ' ');
    const bars = inLane.map((slice) => bar(slice, x(slice.start), x(slice.end), y));
    return `<text x="${LEFT - 8}" y="${y + ROW - 7}" text-anchor="end">${name}</text>${bars.join('')}`;
  });
  const height = PANEL - GAP;
  const frame = `<rect x="${LEFT}" y="${top}" width="${round(x(to) - LEFT)}" height="${height}" class="frame"/>`;
  return frame + rows.join('\n');
}

function bar(slice: Slice, left: number, right: number, y: number): string {
  const paint = paintOf(slice, 'SA');
  const isWait = slice.kind === 'wait';
  const height = isWait ? ROW / 2 : ROW;
  const rect = `<rect x="${round(left)}" y="${y + ROW - height}" width="${round(right - left - 1)}" height="${height}" class="${paint}"/>`;
  // Where the name has no room the step has, and the colour tells the rest.
  const inside = [label(slice), String(slice.step)].find((each) => right - left >= CHARACTER * each.length + 4);
  if (inside === undefined) return rect;
  const place = `x="${round((left + right) / 2)}"`;
  // What waits is half as high, and its name stands above it.
  if (isWait) return rect + text(inside, y + ROW / 2 - 2, `${place} class="inside"`);
  return rect + text(inside, y + ROW - 7, `${place} class="inside on-${paint}"`);
}

/** What the colours of some drawings mean, in a row. */
function legend(drawings: readonly string[], y: number): string[] {
  let x = 0;
  return PAINTS.filter((paint) => drawings.some((each) => each.includes(`class="${paint}"`))).map((paint) => {
    const name = LEGEND[paint] ?? PALETTE[paint].text;
    const swatch = `<rect x="${round(x)}" y="${y - SWATCH + 1}" width="${SWATCH}" height="${SWATCH}" rx="2" class="${paint}"/>`;
    const entry = swatch + text(name, y, `x="${round(x + SWATCH + 5)}"`);
    x += SWATCH + 5 + CHARACTER * name.length + 22;
    return entry;
  });
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** The hardware with so many times less bandwidth. */
function slower(preset: Hardware): Hardware {
  const { weight, ifmap, psum, vmem } = preset.bitsPerCycle;
  const slow = (bandwidth: number): number => bandwidth / BANDWIDTH_DIVISOR;
  const bitsPerCycle = { weight: slow(weight), ifmap: slow(ifmap), psum: slow(psum), vmem: slow(vmem) };
  return { ...preset, bitsPerCycle };
}

function text(content: string, y: number, attributes = 'x="0"'): string {
  return `<text y="${y}" ${attributes}>${content}</text>`;
}

/** (a): some consecutive tiles of the machine as it runs. */
function parallelTiles(slices: readonly Slice[], top: number): string[] {
  const [from, to] = [computeStart(slices, FIRST_STEP), computeStart(slices, FIRST_STEP + STEPS)];
  const where = `${NETWORK}'s ${LAYER} on ${HARDWARE_NAME} at a quarter of its bandwidth`;
  return [
    text(`(a) ${STEPS} tiles of ${where}, cycles ${from}–${to} of the layer`, top, 'x="0" class="title"'),
    text('As the machine runs: while tile j computes, tile j+1 is loaded and what tile j−1 gave is stored.', top + 17),
    panel(slices, from, to, top + 28, (WIDTH - LEFT) / (to - from)),
  ];
}

/** (b): a segment of each case, in lockstep. */
function fourCases(slices: readonly Slice[], top: number): string[] {
  // The first segment has nothing to store: it is none of the four cases.
  const segments = segmentsOf(slices).slice(1);
  const kinds = new Set(segments.map(({ loads }) => loads));
  if (kinds.size !== CASES.length) throw new Error(`expected four cases, found ${[...kinds].join(' | ')}`);
  const chosen = CASES.map(({ loads }) => segments.find((each) => each.loads === loads && each.step > 10)!);
  const scale = (WIDTH - LEFT) / Math.max(...chosen.map(({ from, to }) => to - from));
  const panels = CASES.flatMap(({ name, what, loads }, place) => {
    const { step, from, to } = chosen[place]!;
    const count = segments.filter((each) => each.loads === loads).length;
    const y = top + 44 + place * (PANEL + 28);
    const facts = `segment ${step}, ${to - from} cycles; ${count} of ${segments.length} segments`;
    return [
      text(`${name}: ${what}`, y, `x="${LEFT}" class="title"`),
      text(facts, y, `x="${WIDTH}" text-anchor="end"`),
      panel(slices, from, to, y + 8, scale),
    ];
  });
  return [
    text('(b) The four cases, in lockstep', top, 'x="0" class="title"'),
    text('A segment lasts until its compute and all its transfers are over.', top + 17),
    ...panels,
  ];
}

/** The colours of a scheme: the figure brings its own background, because the page around it may be of either. */
function schemeStyle(name: 'light' | 'dark', background: string, quiet: string, strong: string): string {
  const paints = PAINTS.map((paint) => {
    const colour = PALETTE[paint][name];
    return `.${paint}{fill:${colour}}.on-${paint}{fill:${textOn(colour)}}`;
  });
  return `.background{fill:${background}}text{fill:${quiet}}.title{fill:${strong}}${paints.join('')}`;
}

const STYLE = [
  'text{font:12px system-ui,sans-serif}.title{font-weight:600}.inside{text-anchor:middle;font-size:11px}.frame{fill:#8882}',
  schemeStyle('light', '#fff', '#5b6472', '#1a1d23'),
  `@media(prefers-color-scheme:dark){${schemeStyle('dark', '#15181e', '#9aa4b4', '#e6e9ef')}}`,
].join('\n');

const { hardware: preset, layers } = presetLayers(NETWORK, HARDWARE_NAME);
const hardware = slower(preset);
const layer = layers.find(({ name }) => name === LAYER)!;
const legendTop = 12;
const parallelTop = legendTop + 48;
const casesTop = parallelTop + 28 + PANEL + 28;
const height = casesTop + 52 + CASES.length * (PANEL + 28) - 28;
const panels = [
  ...parallelTiles(trace(layer, hardware, HARDWARE), parallelTop),
  ...fourCases(trace(layer, hardware, PAPER), casesTop),
];
const parts = [...legend(panels, legendTop), text("Numbers are the tiles' steps.", legendTop + 20), ...panels];
const [fullWidth, fullHeight] = [WIDTH + 2 * MARGIN, height + 2 * MARGIN];
const box = `viewBox="${-MARGIN} ${-MARGIN} ${fullWidth} ${fullHeight}" width="${fullWidth}" height="${fullHeight}"`;
const head = `<svg xmlns="http://www.w3.org/2000/svg" ${box} role="img" aria-label="Figure 6 of the paper from a simulation">`;
const background = `<rect x="${-MARGIN}" y="${-MARGIN}" width="${fullWidth}" height="${fullHeight}" rx="6" class="background"/>`;
const svg = [head, `<style>${STYLE}</style>`, background, ...parts, '</svg>', ''].join('\n');
writeFileSync(new URL('../../../bench/figures/figure6.svg', import.meta.url), svg);
