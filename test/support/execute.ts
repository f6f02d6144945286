/**
 * Executes a derived program literally: every operation in program order, on the tensors that it names, with the sizes
 * that it states. Nothing is looked up in the network. A tensor that does not exist yet, exists already, has another
 * size than the operation says or that nothing reads is an error.
 */
import type { FreeOperation, Layout, Operation, Program, SaOperation } from '../../src/model/workload/program.ts';
import { executeSimd, type Fetch } from './executeSimd.ts';
import { elementsOf, inWords, read, type Shape4, type Tensor, tensorOf, vector, zeros } from './tensor.ts';

/** Tensors by the names that the program gives them. */
export type Memory = Map<string, Tensor>;

function demandShape(tensor: Tensor, shape: Shape4, what: string): Tensor {
  if (inWords(tensor) !== inWords(shape)) throw new Error(`${what} is ${inWords(tensor)}, not ${inWords(shape)}`);
  return tensor;
}

/** Every position of every image as a row, as a gemm sees it: the same elements, as channels are innermost. */
const asMatrix = (tensor: Tensor): Tensor => ({ ...tensor, n: tensor.n * tensor.h * tensor.w, h: 1, w: 1 });

function laidOut(given: Tensor, layout: Layout): Tensor {
  const { isMatrix = false, isTransposed = false, isFlipped = false, dilation = 1 } = layout;
  const tensor = isMatrix ? asMatrix(given) : given;
  const { n, h, w, c } = tensor;
  const spread = (extent: number): number => dilation * (extent - 1) + 1;
  const shape = { n: isTransposed ? c : n, h: spread(h), w: spread(w), c: isTransposed ? n : c };
  return tensorOf(shape, (i, y, x, j) => {
    const [row, column] = isFlipped ? [shape.h - 1 - y, shape.w - 1 - x] : [y, x];
    if (row % dilation !== 0 || column % dilation !== 0) return 0;
    const [image, channel] = isTransposed ? [j, i] : [i, j];
    return read(tensor, image, row / dilation, column / dilation, channel);
  });
}

/** The seven loops of a conv; a gemm's are the same on one row and one column, with weights ic × oc. */
function executeSa(operation: SaOperation, memory: Memory): Tensor {
  const { sizes, stride, padding, positions, reads, op, name } = operation;
  const { oc, ic, kh, kw, n, oh, ow } = sizes;
  const isGemm = op === 'gemm';
  const [givenIfmap, givenWeight] = [memory.get(reads.ifmap)!, memory.get(reads.weight)!].map((tensor) =>
    isGemm ? asMatrix(tensor) : tensor,
  ) as [Tensor, Tensor];
  const weightShape = isGemm ? { n: ic, h: kh, w: kw, c: oc } : { n: oc, h: kh, w: kw, c: ic };
  const weight = demandShape(givenWeight, weightShape, `${name}: weight ${reads.weight}`);
  // A conv's rows and columns are what its windows and padding make of them; a gemm has one of each.
  const ifmapShape = { n, h: isGemm ? 1 : givenIfmap.h, w: isGemm ? 1 : givenIfmap.w, c: ic };
  const ifmap = demandShape(givenIfmap, ifmapShape, `${name}: ifmap ${reads.ifmap}`);
  const bias = reads.bias === undefined ? zeros(vector(oc)) : memory.get(reads.bias)!;
  demandShape(bias, vector(oc), `${name}: bias`);
  const ofmap = tensorOf({ n, h: oh, w: ow, c: oc }, (image, y, x, o) => {
    let sum = bias.data[o]!;
    for (let row = 0; row < kh; row++) {
      for (let column = 0; column < kw; column++) {
        for (let i = 0; i < ic; i++) {
          const pixel = read(ifmap, image, y * stride + row - padding.h, x * stride + column - padding.w, i);
          sum += pixel * (isGemm ? weight.data[i * oc + o]! : read(weight, o, row, column, i));
        }
      }
    }
    return sum;
  });
  if (positions === undefined) return ofmap;
  const images = { ...ofmap, ...positions, n: n / (positions.h * positions.w) };
  demandShape(asMatrix(images), ofmap, `${name}: images as rows`);
  return images;
}

/** Elements of each image in the order channels, rows, columns, put into images of another shape. */
function reshaped(tensor: Tensor, shape: Shape4): Tensor {
  return tensorOf(shape, (n, h, w, c) => {
    const place = (c * shape.h + h) * shape.w + w;
    const [column, above] = [place % tensor.w, Math.floor(place / tensor.w)];
    return read(tensor, n, above % tensor.h, column, Math.floor(above / tensor.h));
  });
}

function executeFree(operation: FreeOperation, memory: Memory, batch: number, cotangents: Memory): Map<string, Tensor> {
  const { reads, writes } = operation;
  const results = new Map<string, Tensor>();
  for (const [role, name] of Object.entries(writes)) {
    switch (operation.op) {
      case 'transpose':
        results.set(name, laidOut(memory.get(reads[role]!)!, operation.layouts[role as 'ifmap' | 'weight']));
        break;
      case 'loss':
        // L = Σ output · cotangent, so the cotangent is the gradient.
        results.set(name, cotangents.get(role)!);
        break;
      case 'dropout':
        results.set(name, memory.get(Object.values(reads)[0]!)!);
        break;
      case 'reshape': {
        const { C, H, W } = operation.shape;
        const given = memory.get(Object.values(reads)[0]!)!;
        const shape = { n: batch, h: H, w: W, c: C };
        if (elementsOf(given) !== elementsOf(shape))
          throw new Error(`${operation.name}: ${inWords(given)} does not fit`);
        results.set(name, reshaped(given, shape));
      }
    }
  }
  return results;
}

function executeOne(operation: Operation, memory: Memory, batch: number, cotangents: Memory): Map<string, Tensor> {
  switch (operation.unit) {
    case 'SA': {
      const ofmap = executeSa(operation, memory);
      const stored = operation.isOfmapTransposed === true ? laidOut(ofmap, { isTransposed: true }) : ofmap;
      return new Map([[operation.writes.ofmap, stored]]);
    }
    case 'SIMD': {
      const fetch: Fetch = (role, shape) => {
        const name = operation.reads[role];
        if (name === undefined) throw new Error(`${operation.name}: has no ${role}`);
        return demandShape(memory.get(name)!, shape, `${operation.name}: ${role} ${name}`);
      };
      const outputs = executeSimd(operation, fetch);
      return new Map(
        Object.entries(operation.writes).map(([role, name]) => {
          const tensor = outputs[role];
          if (tensor === undefined) throw new Error(`${operation.name}: does not compute ${role}`);
          return [name, tensor];
        }),
      );
    }
    case 'free':
      return executeFree(operation, memory, batch, cotangents);
  }
}

/** What an operation computes along with what is needed, and nobody need read. */
const MAY_STAY_UNREAD: ReadonlySet<string> = new Set(['index', 'Xhat', 'dX of bn-grad']);

/** Runs a training program on `initial` (input and parameters); `cotangents` are the gradients of the outputs. */
export function executeProgram(program: Program, initial: Memory, cotangents: Memory): Memory {
  const memory = new Map(initial);
  const written = new Set<string>();
  const unread = new Set<string>();
  for (const operation of program.operations) {
    for (const name of Object.values<string>(operation.reads)) {
      if (!memory.has(name)) throw new Error(`${operation.name}: reads ${name}, which does not exist yet`);
      unread.delete(name);
    }
    const isLoss = operation.unit === 'free' && operation.op === 'loss';
    const results = executeOne(operation, memory, program.batch, cotangents);
    for (const [role, name] of Object.entries<string>(operation.writes)) {
      if (written.has(name)) throw new Error(`${operation.name}: writes ${name}, which was written before`);
      if (initial.has(name) && !Object.values<string>(operation.reads).includes(name)) {
        throw new Error(`${operation.name}: writes over ${name}`);
      }
      written.add(name);
      memory.set(name, results.get(name)!);
      const isUpdate = initial.has(name);
      const isByProduct =
        MAY_STAY_UNREAD.has(role) || (operation.unit === 'SIMD' && MAY_STAY_UNREAD.has(`${role} of ${operation.op}`));
      if (!isUpdate && !isByProduct && !isLoss) unread.add(name);
    }
  }
  if (unread.size > 0) throw new Error(`nothing reads ${[...unread].join(', ')}`);
  return memory;
}
