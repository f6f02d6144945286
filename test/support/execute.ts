/**
 * Executes a derived program literally: every operation in program order, on the tensors that it names, with the sizes
 * that it states. Nothing is looked up in the network. A tensor that does not exist yet, exists already, has another
 * size than the operation says or that nothing reads is an error.
 */
import type { FreeOperation, Layout, Operation, Program, SaOperation } from '../../src/model/workload/program.ts';
import { executeSimd, type Fetch, rearranged } from './executeSimd.ts';
import { at, elementsOf, inWords, read, type Shape4, type Tensor, tensorOf, vector, zeros } from './tensor.ts';

/** Tensors by the names that the program gives them. */
export type Memory = Map<string, Tensor>;

function demandShape(tensor: Tensor, shape: Shape4, what: string): Tensor {
  if (inWords(tensor) !== inWords(shape)) throw new Error(`${what} is ${inWords(tensor)}, not ${inWords(shape)}`);
  return tensor;
}

/** Every position of every image as a row, as a gemm sees it: the same elements, as channels are innermost. */
const asMatrix = (tensor: Tensor): Tensor => ({ ...tensor, n: tensor.n * tensor.h * tensor.w, h: 1, w: 1 });

/** Images of rows × 1 as rows of one pixel, whose channels are those of all images. */
function imagesAsGroups({ n, h, c, ...rest }: Tensor): Tensor {
  return tensorOf({ n: h, h: 1, w: 1, c: n * c }, (row, _y, _x, channel) =>
    read({ n, h, c, ...rest }, Math.floor(channel / c), row, 0, channel % c),
  );
}

/** The blocks of one axis, each transposed by itself. */
function transposedInBlocks({ n, h, w, c, data }: Tensor, { count, along }: NonNullable<Layout['groups']>): Tensor {
  const [a, b] = along === 'images' ? [n / count, c] : [n, c / count];
  const shape = along === 'images' ? { n: count * b, h, w, c: a } : { n: b, h, w, c: count * a };
  return tensorOf(shape, (i, y, x, j) => {
    const [image, channel] =
      along === 'images' ? [Math.floor(i / b) * a + j, i % b] : [j % a, Math.floor(j / a) * b + i];
    return read({ n, h, w, c, data }, image, y, x, channel);
  });
}

function laidOut(given: Tensor, layout: Layout): Tensor {
  const { isTransposed = false, isFlipped = false, distance = { h: 1, w: 1 } } = layout;
  const { groups = { count: 1, along: 'images' } } = layout;
  const viewed = layout.isMatrix ? asMatrix(given) : layout.imagesBecomeGroups ? imagesAsGroups(given) : given;
  const tensor = isTransposed ? transposedInBlocks(viewed, groups) : viewed;
  const { n, h, w, c } = tensor;
  const shape = { n, h: distance.h * (h - 1) + 1, w: distance.w * (w - 1) + 1, c };
  return tensorOf(shape, (i, y, x, j) => {
    const [row, column] = isFlipped ? [shape.h - 1 - y, shape.w - 1 - x] : [y, x];
    if (row % distance.h !== 0 || column % distance.w !== 0) return 0;
    return read(tensor, i, row / distance.h, column / distance.w, j);
  });
}

/** What the array reads, laid out for it; a gemm's weights are ic × G·oc. */
export function arrayOperands(
  operation: SaOperation,
  memory: ReadonlyMap<string, Tensor>,
): { ifmap: Tensor; weight: Tensor; bias: Tensor } {
  const { groups, sizes, reads, op, name, layouts } = operation;
  const { oc, ic, kh, kw, n } = sizes;
  const isGemm = op === 'gemm';
  const operandOf = (role: 'ifmap' | 'weight'): Tensor => {
    const tensor = laidOut(memory.get(reads[role])!, layouts?.[role] ?? {});
    return isGemm ? asMatrix(tensor) : tensor;
  };
  const [givenIfmap, givenWeight] = [operandOf('ifmap'), operandOf('weight')];
  const weightShape = isGemm ? { n: ic, h: kh, w: kw, c: groups * oc } : { n: groups * oc, h: kh, w: kw, c: ic };
  const weight = demandShape(givenWeight, weightShape, `${name}: weight ${reads.weight}`);
  // A conv's rows and columns are what its windows and padding make of them; a gemm has one of each.
  const ifmapShape = { n, h: isGemm ? 1 : givenIfmap.h, w: isGemm ? 1 : givenIfmap.w, c: groups * ic };
  const ifmap = demandShape(givenIfmap, ifmapShape, `${name}: ifmap ${reads.ifmap}`);
  const bias = reads.bias === undefined ? zeros(vector(groups * oc)) : memory.get(reads.bias)!;
  demandShape(bias, vector(groups * oc), `${name}: bias`);
  return { ifmap, weight, bias };
}

/** The loops of a conv, group by group; a gemm's are the same on one row and one column. */
function executeSa(operation: SaOperation, memory: Memory, batch: number): Tensor {
  const { groups, sizes, stride, dilation, padding, op } = operation;
  const { oc, ic, kh, kw, n, oh, ow } = sizes;
  const isGemm = op === 'gemm';
  const { ifmap, weight, bias } = arrayOperands(operation, memory);
  const ofmap = tensorOf({ n, h: oh, w: ow, c: groups * oc }, (image, y, x, o) => {
    const firstInput = Math.floor(o / oc) * ic;
    let sum = bias.data[o]!;
    for (let row = 0; row < kh; row++) {
      for (let column = 0; column < kw; column++) {
        for (let i = 0; i < ic; i++) {
          const inputRow = y * stride.h + row * dilation.h - padding.h;
          const inputColumn = x * stride.w + column * dilation.w - padding.w;
          const pixel = read(ifmap, image, inputRow, inputColumn, firstInput + i);
          sum += pixel * (isGemm ? weight.data[i * groups * oc + o]! : read(weight, o, row, column, i));
        }
      }
    }
    return sum;
  });
  return storedOfmap(operation, ofmap, batch);
}

/** The tensor that the array's ofmap, with the channels of all groups, is stored as. */
export function storedOfmap(operation: SaOperation, computed: Tensor, batch: number): Tensor {
  const { groups, sizes, positions, name } = operation;
  const { oc, n } = sizes;
  const ofmap = operation.isOfmapTransposed === true ? laidOut(computed, { isTransposed: true }) : computed;
  if (operation.areGroupsImages === true) {
    demandShape(asMatrix(ofmap), ofmap, `${name}: rows of one pixel`);
    const channels = (groups * oc) / batch;
    return tensorOf({ n: batch, h: n, w: 1, c: channels }, (image, row, _x, channel) =>
      read(ofmap, row, 0, 0, image * channels + channel),
    );
  }
  if (positions === undefined) return ofmap;
  const images = { ...ofmap, ...positions, n: n / (positions.h * positions.w) };
  demandShape(asMatrix(images), ofmap, `${name}: images as rows`);
  return images;
}

/** A tensor that lies as the array's ofmap is stored, as the array computes it. Throws for rows of one image. */
export function asComputed(operation: SaOperation, stored: Tensor): Tensor {
  if (operation.areGroupsImages === true) throw new Error(`${operation.name}: its groups are images`);
  const matrix = operation.positions === undefined ? stored : asMatrix(stored);
  return operation.isOfmapTransposed === true ? laidOut(matrix, { isTransposed: true }) : matrix;
}

/** Elements of each image in the order channels, rows, columns, put into images of another shape. */
function reshaped(tensor: Tensor, shape: Shape4): Tensor {
  return tensorOf(shape, (n, h, w, c) => {
    const place = (c * shape.h + h) * shape.w + w;
    const [column, above] = [place % tensor.w, Math.floor(place / tensor.w)];
    return read(tensor, n, above % tensor.h, column, Math.floor(above / tensor.h));
  });
}

/** An element that must be there. */
function demandInside(tensor: Tensor, n: number, h: number, w: number, c: number): number {
  if (n >= tensor.n || h >= tensor.h || w >= tensor.w || c >= tensor.c)
    throw new Error(`nothing at ${n}, ${h}, ${w}, ${c}`);
  return read(tensor, n, h, w, c);
}

/** Tensors that follow each other along an axis; a parameter is the same for all images. */
function joined(axis: 'C' | 'H' | 'W', parts: readonly Tensor[], batch: number): Tensor {
  const key = ({ C: 'c', H: 'h', W: 'w' } as const)[axis];
  const shape = { ...parts[0]!, n: batch, [key]: parts.reduce((sum, part) => sum + part[key], 0) };
  return tensorOf(shape, (n, h, w, c) => {
    const place = { h, w, c };
    for (const part of parts) {
      if (place[key] < part[key]) return demandInside(part, part.n === 1 ? 0 : n, place.h, place.w, place.c);
      place[key] -= part[key];
    }
    throw new Error('behind the last part');
  });
}

/** What a free operation makes of what it reads. */
export function executeFree(
  operation: FreeOperation,
  memory: Memory,
  batch: number,
  cotangents: Memory,
): Map<string, Tensor> {
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
        break;
      }
      case 'permute':
      case 'shuffle':
        results.set(name, rearranged(memory.get(Object.values(reads)[0]!)!, operation));
        break;
      case 'concat':
        results.set(
          name,
          joined(
            operation.axis,
            Object.values(reads).map((each) => memory.get(each)!),
            batch,
          ),
        );
        break;
      case 'slice': {
        const { shape, start, step } = operation;
        const given = memory.get(Object.values(reads)[0]!)!;
        const like = { n: given.n, h: shape.H, w: shape.W, c: shape.C };
        results.set(
          name,
          tensorOf(like, (n, h, w, c) =>
            demandInside(given, n, start.H + h * step.H, start.W + w * step.W, start.C + c * step.C),
          ),
        );
        break;
      }
      case 'pad':
      case 'embed': {
        const { shape, start, step } = operation;
        const given = memory.get(Object.values(reads)[0]!)!;
        const whole = zeros({ n: given.n, h: shape.H, w: shape.W, c: shape.C });
        tensorOf(given, (n, h, w, c) => {
          const [y, x, z] = [start.H + h * step.H, start.W + w * step.W, start.C + c * step.C];
          demandInside(whole, n, y, x, z);
          whole.data[at(whole, n, y, x, z)] = read(given, n, h, w, c);
          return 0;
        });
        results.set(name, whole);
      }
    }
  }
  return results;
}

function executeOne(operation: Operation, memory: Memory, batch: number, cotangents: Memory): Map<string, Tensor> {
  switch (operation.unit) {
    case 'SA': {
      return new Map([[operation.writes.ofmap, executeSa(operation, memory, batch)]]);
    }
    case 'SIMD': {
      const fetch: Fetch = (role, shape) => {
        const name = operation.reads[role];
        if (name === undefined) throw new Error(`${operation.name}: has no ${role}`);
        const tensor = memory.get(name)!;
        return shape === undefined ? tensor : demandShape(tensor, shape, `${operation.name}: ${role} ${name}`);
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
const MAY_STAY_UNREAD: ReadonlySet<string> = new Set([
  ...['index', 'Xhat', 'dX of bn-grad', 'dX of prelu-grad'],
  ...['dX of layer-norm-grad', 'dX of layer-norm-plain-grad'],
]);

/** Runs a program on `initial` (input and parameters); `cotangents` are the gradients of the outputs. */
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
  // An inference's outputs are read by nobody.
  if (unread.size > 0 && program.phase === 'training') throw new Error(`nothing reads ${[...unread].join(', ')}`);
  return memory;
}
