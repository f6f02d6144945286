/** Reads the data that the page carries. */
import { HEAD_ID, type LaneSlices, type PageHead, PIECE_CLASS, unpackLanes } from '../pageData.ts';
import { PAINTS, paintOf } from '../palette.ts';
import { buildPyramid, type Pyramid } from '../pyramid.ts';
import { type SliceKind, sliceFields, sliceName } from '../slice.ts';
import { byId } from './elements.ts';

export interface PageData {
  readonly head: PageHead;
  /** Network cycles. */
  readonly cycles: number;
  /** Per lane. */
  readonly pyramids: readonly Pyramid[];
}

/** A slice of a lane in words. */
export interface ShownSlice {
  readonly title: string;
  readonly kind: SliceKind;
  readonly fields: Readonly<Record<string, string | number>>;
}

function decodeBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let place = 0; place < binary.length; place++) bytes[place] = binary.charCodeAt(place);
  return bytes;
}

function paintsOf(slices: LaneSlices, head: PageHead): Uint8Array {
  const table = (['SA', 'SIMD'] as const).map((unit) => head.whats.map((what) => PAINTS.indexOf(paintOf(what, unit))));
  const unitOf = head.layers.map(({ layer }) => (layer.unit === 'SA' ? 0 : 1));
  return slices.whats.map((what, place) => table[unitOf[slices.layers[place]!]!]![what]!);
}

/** Everything in the page, ready to draw. */
export function readData(): PageData {
  const head = JSON.parse(byId(HEAD_ID).textContent ?? '') as PageHead;
  const elements = [...document.getElementsByClassName(PIECE_CLASS)];
  const lanes = unpackLanes(
    head.lanes.length,
    elements.map((each) => decodeBase64(each.textContent ?? '')),
  );
  for (const each of elements) each.remove();
  const last = head.layers.at(-1)!;
  return {
    head,
    cycles: last.start + last.totalCycles,
    pyramids: lanes.map((slices) => buildPyramid(slices, paintsOf(slices, head), PAINTS.length)),
  };
}

/** A slice with the same fields as in the JSON trace, and when it starts and ends. */
export function shownSlice({ head, pyramids }: PageData, lane: number, place: number): ShownSlice {
  const { slices } = pyramids[lane]!;
  const { kind, tensor, cause } = head.whats[slices.whats[place]!]!;
  const index = slices.layers[place]!;
  const { layer, start } = head.layers[index]!;
  const slice = {
    kind,
    tensor,
    cause,
    traced: { index, layer, start },
    step: slices.steps[place]!,
    bits: slices.bits[place]!,
    start: slices.starts[place]!,
    end: slices.ends[place]!,
  };
  const fields = { lane: head.lanes[lane]!.name, start: slice.start, end: slice.end, ...sliceFields(slice) };
  return { title: sliceName(slice), kind, fields };
}
