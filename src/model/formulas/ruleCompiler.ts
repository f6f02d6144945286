/**
 * The expressions of a rule, compiled: what each output needs is filled into a frame of numbers, in the order in which
 * values depend on each other, and nothing that it does not need.
 */
import {
  compileExpression,
  ExpressionError,
  type Parameter,
  TYPE_IN_WORDS,
  type ValueType,
} from '../expressions/expression.ts';
import type { Layer } from '../layers/layer.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { InputError } from '../schemas/inputError.ts';
import { namesOf, type Vocabulary } from './vocabulary.ts';

/** Where expressions find their values. */
export interface Frame {
  readonly numbers: Float64Array;
  readonly texts: string[];
}

/** Fills a place of a frame. */
export type Fill = (frame: Frame, layer: Layer, hardware: Hardware) => void;

/** Something that has a name, and what must be filled in before it can be read. */
interface Known {
  readonly parameter: Parameter<Frame>;
  readonly fill: Fill | undefined;
  /** Names that it is made of. */
  readonly needs: readonly string[];
}

/** An expression of the file, and where it stands there. */
export interface Written {
  readonly text: string;
  readonly path: string;
}

/** A compiled expression with what it needs, in order. */
export interface Output {
  readonly path: string;
  readonly text: string;
  readonly fills: readonly Fill[];
  readonly evaluate: (frame: Frame) => number | boolean;
}

const NUMBER_OR_RELATION: readonly ValueType[] = ['number', 'boolean'];

/** Compiles the expressions of one rule for the layers of one array. */
export class RuleCompiler {
  private readonly vocabulary: Vocabulary;
  private readonly unit: Layer['unit'];
  private readonly file: string;
  private readonly defined: ReadonlyMap<string, Written>;
  private readonly known = new Map<string, Known>();
  private readonly beingDefined = new Set<string>();
  /** What depends on the hardware alone. */
  readonly hardwareFills: Fill[] = [];
  private numbers = 0;
  private texts = 0;

  /** `defined`: the values that the rule may read beside the vocabulary, by name. */
  constructor(unit: Layer['unit'], vocabulary: Vocabulary, defined: ReadonlyMap<string, Written>, file: string) {
    this.unit = unit;
    this.vocabulary = vocabulary;
    this.defined = defined;
    this.file = file;
  }

  /** Compiles an output; throws an InputError for whatever is wrong with it, or with what it reads. */
  output(written: Written, wanted: ValueType): Output {
    const { type, evaluate, names } = this.compiled(written);
    if (type !== wanted) this.complain(written, `${TYPE_IN_WORDS[wanted]}; it is ${TYPE_IN_WORDS[type]}`);
    return { ...written, fills: this.fillsFor(names), evaluate: evaluate as Output['evaluate'] };
  }

  /** Compiles a defined value whether anything reads it or not. */
  define(name: string): void {
    this.lookUp(name);
  }

  /** A frame for everything that was compiled. */
  frame(hardware: Hardware): Frame {
    const frame: Frame = { numbers: new Float64Array(this.numbers), texts: new Array<string>(this.texts).fill('') };
    for (const fill of this.hardwareFills) fill(frame, undefined as unknown as Layer, hardware);
    return frame;
  }

  private complain({ text, path }: Written, expected: string): never {
    throw new InputError({ file: this.file, path, value: text, expected });
  }

  private compiled(written: Written) {
    const known = { [Symbol.iterator]: () => [...this.defined.keys(), ...namesOf(this.vocabulary)].values() };
    try {
      return compileExpression<Frame>(written.text, { read: (name) => this.lookUp(name)?.parameter, known });
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      const whose = this.unit === 'SA' ? 'a conv or gemm' : 'a layer on the SIMD array';
      return this.complain(
        written,
        `an expression of what is known of ${whose} (${error.message}) at character ${error.character}`,
      );
    }
  }

  private lookUp(name: string): Known | undefined {
    const before = this.known.get(name);
    if (before !== undefined) return before;
    const found = this.inVocabulary(name) ?? this.inDefinitions(name);
    if (found !== undefined) this.known.set(name, found);
    return found;
  }

  private inVocabulary(name: string): Known | undefined {
    const { hardware, layer, texts } = this.vocabulary;
    if (Object.hasOwn(texts, name)) {
      const { text } = texts[name]!;
      const place = this.texts++;
      return {
        parameter: { type: 'string', read: (frame) => frame.texts[place]! },
        fill: (frame, of) => {
          frame.texts[place] = text(of);
        },
        needs: [],
      };
    }
    const isOfHardware = Object.hasOwn(hardware, name);
    if (!isOfHardware && !Object.hasOwn(layer, name)) return undefined;
    const { read } = (isOfHardware ? hardware : layer)[name]!;
    const place = this.numbers++;
    const fill: Fill = (frame, of, on) => {
      frame.numbers[place] = read(of, on);
    };
    if (isOfHardware) this.hardwareFills.push(fill);
    return { parameter: numberAt(place), fill: isOfHardware ? undefined : fill, needs: [] };
  }

  private inDefinitions(name: string): Known | undefined {
    const written = this.defined.get(name);
    if (written === undefined) return undefined;
    if (this.beingDefined.has(name)) {
      this.complain(written, `a value that is not made of itself (${[...this.beingDefined, name].join(' → ')})`);
    }
    this.beingDefined.add(name);
    const { type, evaluate, names } = this.compiled(written);
    this.beingDefined.delete(name);
    if (!NUMBER_OR_RELATION.includes(type))
      this.complain(written, `a number or a relation; it is ${TYPE_IN_WORDS[type]}`);
    const place = this.numbers++;
    const isRelation = type === 'boolean';
    return {
      parameter: isRelation ? { type, read: (frame) => frame.numbers[place] !== 0 } : numberAt(place),
      fill: isRelation
        ? (frame) => {
            frame.numbers[place] = evaluate(frame) === true ? 1 : 0;
          }
        : (frame) => {
            frame.numbers[place] = evaluate(frame) as number;
          },
      needs: names,
    };
  }

  /** All that must be filled in before what reads these names, each once, what others need first. */
  private fillsFor(names: readonly string[]): Fill[] {
    const seen = new Set<string>();
    const fills: Fill[] = [];
    const visit = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      const { fill, needs } = this.known.get(name)!;
      needs.forEach(visit);
      if (fill !== undefined) fills.push(fill);
    };
    names.forEach(visit);
    return fills;
  }
}

function numberAt(place: number): Parameter<Frame> {
  return { type: 'number', read: (frame) => frame.numbers[place]! };
}
