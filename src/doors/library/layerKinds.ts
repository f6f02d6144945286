/** What the layers of a network must have, by operation: with it they can be linked, which says whether they fit. */
import type { WorkloadLayer } from '../../model/schemas/workload.ts';
import { count, data, flag, type Kind, kind, list, maybe, object, text, word } from './kinds.ts';

const isNumber = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const perDirection = kind('a whole number, or a list of them', (value) =>
  Array.isArray(value) ? value.length > 0 && value.every(isNumber) : isNumber(value),
);
const finite = kind('a finite number', Number.isFinite);

const sizes = (names: string): { readonly dimensions: Kind } => ({
  dimensions: data('an object with sizes', Object.fromEntries(names.split(' ').map((name) => [name, count]))),
});
const window = { stride: perDirection, padding: perDirection, dilation: maybe(perDirection), groups: maybe(count) };
const conv = { ...window, ...sizes('OC IC KH KW OH OW'), bias: maybe(flag) };
const pool = { ...window, ...sizes('C KH KW OH OW') };
const plane = sizes('C H W');
const arithmetic = { ...plane, scalar: maybe(finite) };

/** What an operation has beside what all have. */
const OPERATIONS: Readonly<Record<WorkloadLayer['op'], Readonly<Record<string, Kind>>>> = {
  conv,
  'depthwise-conv': { ...pool, bias: maybe(flag) },
  'transposed-conv': { ...conv, outputPadding: maybe(perDirection) },
  gemm: { ...sizes('OC IC'), groups: maybe(count), bias: maybe(flag) },
  matmul: { ...sizes('G M IC OC'), isSecondTransposed: maybe(flag) },
  relu: plane,
  sigmoid: plane,
  tanh: plane,
  silu: plane,
  gelu: plane,
  'hard-sigmoid': plane,
  'hard-swish': plane,
  clip: { ...plane, min: maybe(finite), max: maybe(finite) },
  'leaky-relu': { ...plane, alpha: finite },
  prelu: { ...plane, isShared: maybe(flag) },
  'tensor-add': arithmetic,
  'tensor-sub': arithmetic,
  'tensor-mul': arithmetic,
  'tensor-div': arithmetic,
  'batch-norm': plane,
  'layer-norm': { ...plane, isAffine: maybe(flag) },
  softmax: { ...plane, groups: maybe(count) },
  lrn: { ...plane, size: count },
  'reduce-mean': plane,
  'max-pool': pool,
  'avg-pool': { ...pool, countIncludePad: maybe(flag) },
  'global-avg-pool': sizes('C IH IW'),
  upsample: { ...sizes('C IH IW OH OW'), mode: word(['nearest', 'bilinear']) },
  'roi-align': { ...sizes('R C IH IW OH OW'), samplingRatio: count },
  flatten: {},
  dropout: {},
  reshape: plane,
  transpose: { ...plane, order: maybe(list('a list of axes', text)) },
  'channel-shuffle': { ...plane, groups: count },
  concat: { ...plane, axis: maybe(text) },
  slice: { ...plane, start: maybe(object), step: maybe(object) },
  pad: { ...plane, padding: perDirection },
  parameter: plane,
};

/** What all layers have. */
const COMMON = {
  name: text,
  op: word(Object.keys(OPERATIONS)),
  unit: maybe(word(['SIMD', 'SA'])),
  tile: maybe(object),
  loopOrder: maybe(list('a list of loops', text)),
  dataTypes: maybe(object),
};

/** A layer of any operation; `more` is what it must have beside what its operation asks for. */
function layer(more: Readonly<Record<string, Kind>>): Kind {
  const unknown = data('a layer', { ...COMMON, ...more });
  const byOperation = new Map<unknown, Kind>(
    Object.entries(OPERATIONS).map(([op, own]) => [op, data('a layer', { ...COMMON, ...more, ...own })]),
  );
  return (value, path, complain) => {
    const { op, name } = (value ?? {}) as { readonly op?: unknown; readonly name?: unknown };
    const layer = typeof name === 'string' && name !== '' ? name : undefined;
    (byOperation.get(op) ?? unknown)(value, path, (at, found, expected) => complain(at, found, expected, layer));
  };
}

/** A layer of a network in which none feeds another. */
export const LISTED_LAYER = layer({});
/** A layer of a network in which layers feed each other. */
export const LINKED_LAYER = layer({ inputs: list('a list of names of layers', text) });
