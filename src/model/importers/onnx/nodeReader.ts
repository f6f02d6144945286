/** What the reading of one ONNX operator needs of its node: attributes, constants, and the tensors that flow in. */
import { InputError } from '../../schemas/inputError.ts';
import { type Activation, type LayerBuilder, Unsupported } from './layerBuilder.ts';
import type { ConstantTensor, OnnxNode } from './model.ts';

/** What an output of a node is: known at once, or computed by a layer. */
export type Value = ConstantTensor | Activation;

export const isConstant = (value: Value): value is ConstantTensor => 'dims' in value;

/** A node with the values of its inputs; undefined where one is left out. */
export class NodeReader {
  readonly node: OnnxNode;
  readonly opset: number;
  readonly values: readonly (Value | undefined)[];
  private readonly build: LayerBuilder;
  private readonly file: string;

  constructor(
    node: OnnxNode,
    values: readonly (Value | undefined)[],
    model: { readonly opset: number; readonly file: string },
    build: LayerBuilder,
  ) {
    this.node = node;
    this.values = values;
    this.opset = model.opset;
    this.file = model.file;
    this.build = build;
  }

  get name(): string {
    return this.node.name;
  }

  get op(): string {
    return this.node.op;
  }

  /** The file contradicts itself here. */
  complain(path: string, value: unknown, expected: string): never {
    throw new InputError({ file: this.file, path: path === '' ? this.name : `${this.name}: ${path}`, value, expected });
  }

  number(attribute: string, otherwise: number): number {
    const value = this.node.attributes.get(attribute);
    if (value === undefined) return otherwise;
    return typeof value === 'number' ? value : this.complain(attribute, value, 'a number');
  }

  text(attribute: string, otherwise: string): string {
    const value = this.node.attributes.get(attribute);
    if (value === undefined) return otherwise;
    return typeof value === 'string' ? value : this.complain(attribute, value, 'a string');
  }

  /** A list that is an attribute in older versions and a constant input in newer ones; undefined if left out. */
  numbers(attribute: string, input = Number.POSITIVE_INFINITY): readonly number[] | undefined {
    const value = this.node.attributes.get(attribute);
    if (Array.isArray(value)) return value as readonly number[];
    if (value !== undefined) return this.complain(attribute, value, 'a list of numbers');
    const given = this.values[input];
    if (given === undefined) return undefined;
    if (!isConstant(given) || given.values === undefined)
      throw new Unsupported(`${this.op} with a computed ${attribute}`);
    return given.values;
  }

  /** A number that is an attribute in older versions and a constant input in newer ones; undefined if left out. */
  scalar(attribute: string, input: number): number | undefined {
    const value = this.node.attributes.get(attribute);
    if (value !== undefined) return this.number(attribute, 0);
    return this.numbers('', input)?.[0];
  }

  /** A constant, or undefined where the input is left out; unsupported where it is computed. */
  constant(input: number, what: string): ConstantTensor | undefined {
    const value = this.values[input];
    if (value === undefined) return undefined;
    if (!isConstant(value)) throw new Unsupported(`${this.op} with a computed ${what}`);
    return value;
  }

  /** A constant of one of these ranks that must be there: complains where it is not. */
  weight(input: number, rank: readonly number[], what = 'weight'): ConstantTensor {
    const found = this.constant(input, what) ?? this.complain(what, undefined, `input ${input} (it is missing)`);
    return rank.includes(found.dims.length)
      ? found
      : this.complain(what, found.dims, `a tensor of ${rank.join(' or ')} axes`);
  }

  /** A tensor that flows, with the zeros of a Pad before it still to be added. */
  unpadded(input: number): Activation {
    const value = this.values[input];
    if (value === undefined) return this.complain('', undefined, `input ${input} of ${this.op} (it is missing)`);
    if (isConstant(value)) throw new Unsupported(`${this.op} of a constant`);
    return value;
  }

  /** A tensor that flows. */
  activation(input: number): Activation {
    return this.build.withPadding(this.unpadded(input));
  }
}

/** Reads an operator: makes its layers and gives its outputs, of which the first ones matter. */
export type Lowering = (read: NodeReader, build: LayerBuilder) => Value | readonly Value[];
