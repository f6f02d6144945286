/** The cases of the fuzzer: each is made of a seed and a number alone. */
import seedrandom from 'seedrandom';
import { choose } from '../../src/model/engine/random.ts';
import { mutateBytes, mutateModel } from '../support/mutations.ts';
import { commandFor } from './commands.ts';
import { drawnNetwork } from './drawnNetwork.ts';
import { mutateJson } from './jsonMutations.ts';
import { mutateArgs } from './options.ts';
import { KINDS, type Kind, type SeedFile } from './seeds.ts';
import { mutateLines } from './textMutations.ts';

type Random = seedrandom.PRNG;

/** What is run in a folder of its own. */
export interface FuzzCase {
  readonly kind: Kind;
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly args: readonly string[];
  /** As a process of its own, with stdout and stderr of its own. */
  readonly isProcess: boolean;
}

const TEXT_KINDS: readonly Kind[] = ['SCALE-Sim topology', 'predictions', 'request trace'];

function mutated(random: Random, kind: Kind, { bytes }: SeedFile): Uint8Array {
  if (kind === 'ONNX model') return random() < 0.5 ? mutateBytes(random, bytes) : mutateModel(random, bytes);
  if (TEXT_KINDS.includes(kind)) return mutateLines(random, Buffer.from(bytes).toString());
  return mutateJson(random, Buffer.from(bytes).toString());
}

/** A search starts threads of its own and takes as long as twenty other cases. */
const SWEEP_SHARE = 0.015;
const OTHERS = KINDS.filter((kind) => kind !== 'sweep');

function kindOf(random: Random): Kind {
  return random() < SWEEP_SHARE ? 'sweep' : choose(random, OTHERS);
}

/** The share of the networks whose sizes are drawn, small ones and some at the ends of what a layer may be. */
const DRAWN_SHARE = 0.5;

/** What cases are drawn from. */
export interface Drawn {
  readonly seed: string;
  /** The share of the cases that are processes of their own. */
  readonly processShare: number;
  /** Only of these kinds, where given. */
  readonly kinds?: readonly Kind[] | undefined;
}

/** Case number `index` of a seed: the same whenever it is made. */
export function fuzzCase(
  { seed, processShare, kinds }: Drawn,
  index: number,
  seeds: Readonly<Record<Kind, readonly SeedFile[]>>,
): FuzzCase {
  const random = seedrandom.alea(`${seed} ${index}`);
  const isProcess = random() < processShare;
  const kind = kinds === undefined ? kindOf(random) : choose(random, kinds);
  const isDrawn = kind === 'workload' && random() < DRAWN_SHARE;
  const file = isDrawn ? drawnNetwork(random) : choose(random, seeds[kind]);
  const { args, files = {} } = commandFor(random, kind, file.name);
  const others = Object.entries(files).map(([name, value]) => [name, Buffer.from(JSON.stringify(value))] as const);
  const more = kind === 'result of a run' ? [['b.json', choose(random, seeds[kind]).bytes] as const] : [];
  const isOddCommand = random() < 0.03;
  return {
    kind,
    files: {
      ...Object.fromEntries([...others, ...more]),
      [file.name]: isDrawn ? file.bytes : mutated(random, kind, file),
    },
    args: isOddCommand ? mutateArgs(random, args) : args,
    isProcess,
  };
}
