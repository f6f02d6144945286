/** As much of the data that the library's functions take as tells them from a name, a file's text or something else. */
import { LAYOUTS } from '../../model/dram/layout.ts';
import { type DramModel, SHARINGS } from '../../model/dram/model.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import type { DramEnergyFile } from '../../model/schemas/dramEnergy.ts';
import { REFRESH_LEVELS, REFRESHES } from '../../model/schemas/dramNames.ts';
import type { EnergyFile } from '../../model/schemas/energy.ts';
import { type Hardware, tooSmallSrams } from '../../model/schemas/hardware.ts';
import type { InterfaceLatency } from '../../model/schemas/latency.ts';
import { SOUND_SPEC } from './bankedSpec.ts';
import { neededToShare } from './dramChoice.ts';
import {
  amount,
  byName,
  count,
  data,
  flag,
  type Kind,
  type KindsOf,
  kind,
  list,
  maybe,
  object,
  positive,
  sound,
  text,
  within,
  word,
} from './kinds.ts';
import { LINKED_LAYER, LISTED_LAYER } from './layerKinds.ts';

const part = (fields: Readonly<Record<string, Kind>>): Kind => data('an object', fields);

const HARDWARE_FIELDS: KindsOf<Hardware> = {
  $schema: maybe(text),
  name: text,
  description: maybe(text),
  array: part({ rows: count, columns: count } satisfies KindsOf<Hardware['array']>),
  bits: part({ weight: count, ifmap: count, psum: count, bias: count } satisfies KindsOf<Hardware['bits']>),
  sramKiB: part({
    ...{ wbuf: positive, ibuf: positive, obuf: positive, bbuf: positive, vmem: positive, imem: positive },
  } satisfies KindsOf<Hardware['sramKiB']>),
  slots: part({ wbuf: count, ibuf: count, obuf: count, bbuf: count, vmem: count } satisfies KindsOf<Hardware['slots']>),
  bitsPerCycle: part({
    ...{ weight: positive, ifmap: positive, psum: positive, vmem: positive },
  } satisfies KindsOf<Hardware['bitsPerCycle']>),
  aluCycles: part({
    ...{ add: count, sub: count, mul: count, div: count, max: count, exp: count, invSqrt: count, condMove: count },
    // A file may leave these out.
    ...{ min: maybe(count), mac: maybe(count) },
  } satisfies KindsOf<Hardware['aluCycles']>),
  instructionLoading: maybe(part({ bitsPerCycle: positive })),
  clockPicoseconds: positive,
};

/** No SRAM of a hardware point is smaller than the reader of files allows. */
const largeSrams: Kind = (value, path, complain) => {
  for (const { path: at, value: found, expected } of tooSmallSrams(value as Hardware, '')) {
    complain(within(path, at), found, expected);
  }
};

/** A hardware point: every number of it. */
export const HARDWARE = sound(
  data('the data of a hardware point, as loadHardware or parseHardware give', HARDWARE_FIELDS),
  largeSrams,
);

/** A hardware point with what its file may leave out: the data of a file need not have gone through `parseHardware`. */
export function completed(hardware: Hardware): Hardware {
  const { min, mac } = hardware.aluCycles as Partial<Hardware['aluCycles']>;
  if (min !== undefined && mac !== undefined) return hardware;
  return { ...hardware, aluCycles: { ...hardware.aluCycles, min: min ?? 1, mac: mac ?? 1 } };
}

const A_WORKLOAD = 'the data of a network, as loadWorkload or parseWorkload give';
const SOME_LAYERS = 'a list of at least one layer';
const LIST_OF_LAYERS = data(A_WORKLOAD, { name: text, layers: list(SOME_LAYERS, LISTED_LAYER, 1) });
const GRAPH = data(A_WORKLOAD, {
  name: text,
  graph: maybe(word(['list'])),
  input: part({ C: count, H: count, W: count }),
  layers: list(SOME_LAYERS, LINKED_LAYER, 1),
});

/** A network; whether its layers fit together is for whoever links them. */
export const WORKLOAD: Kind = (value, path, complain) => {
  const isList = (value as { readonly graph?: unknown } | null | undefined)?.graph === 'list';
  (isList ? LIST_OF_LAYERS : GRAPH)(value, path, complain);
};

const A_MEMORY = 'the data of a memory, as loadDram or parseDram give';
const latency = part({
  ...{ latencyCycles: amount, jitterCycles: amount, burstBytes: count, efficiency: positive },
} satisfies KindsOf<InterfaceLatency>);
/** The fields of a banked memory; what a file may leave out has been filled in. */
const BANKED_FIELDS: KindsOf<DramSpec> = {
  ...{ $schema: maybe(text), name: text, description: maybe(text), isValidated: flag, mapping: text },
  ...{
    commandBus: text,
    activate: text,
    dataClock: text,
    refresh: word(REFRESHES),
    refreshLevel: word(REFRESH_LEVELS),
  },
  ...{ clockPicoseconds: positive, ticksPerClock: count },
  organization: part({
    ...{ channels: count, pseudoChannels: count, ranks: count, stacks: count, bankGroups: count, banksPerGroup: count },
    ...{ rowsPerBank: count, accessesPerRow: count, bytesPerAccess: count },
  } satisfies KindsOf<DramSpec['organization']>),
  queues: part({
    ...{ read: count, write: count, drainAbove: positive, drainBelow: positive },
  } satisfies KindsOf<DramSpec['queues']>),
  timing: byName(maybe(amount)),
  commandCycles: byName(maybe(count)),
  constraints: list('a list of at least one constraint', object, 1),
};
const MEMORIES: Readonly<Record<string, Kind>> = {
  ideal: object,
  peak: data(A_MEMORY, { bitsPerCycle: positive }),
  latency: data(A_MEMORY, {
    spec: part({
      name: text,
      interfaces: part({ weight: latency, ifmap: latency, psum: latency, vmem: latency }),
    }),
    seed: text,
  }),
  banked: sound(
    data(A_MEMORY, {
      spec: sound(part(BANKED_FIELDS), SOUND_SPEC),
      layout: word(LAYOUTS),
      sharing: word(SHARINGS),
      changes: maybe(list('a list of words', text, 0)),
    }),
    (value, path, complain) => {
      const { sharing, spec } = value as Extract<DramModel, { kind: 'banked' }>;
      const needed = neededToShare(sharing, spec);
      if (needed !== undefined) complain(within(path, 'sharing'), sharing, needed);
    },
  ),
};

/** A memory of any kind; a banked one is as sound as one from a file. */
export const DRAM: Kind = (value, path, complain) => {
  const name = (value as { readonly kind?: unknown } | null | undefined)?.kind;
  const of = typeof name === 'string' && Object.hasOwn(MEMORIES, name) ? MEMORIES[name] : undefined;
  if (of === undefined) complain(path, value, A_MEMORY);
  else of(value, path, complain);
};

const unit: Kind = (value, path, complain) => {
  const isWhole = (value as { readonly per?: unknown } | null | undefined)?.per === 'array';
  const numbers = isWhole
    ? { dynamicMilliwatts: amount, leakageMilliwatts: amount }
    : { dynamicPicojoules: amount, leakageMicrowatts: amount };
  part({ per: word(['array', 'element']), ...numbers })(value, path, complain);
};
const table = list(
  'a number ≥ 0 or a table of {kib, femtojoulesPerBit}',
  part({ kib: positive, femtojoulesPerBit: amount }),
  1,
);
const perBit: Kind = (value, path, complain) => (Array.isArray(value) ? table : amount)(value, path, complain);
const sought = kind('a text, a number, or an object with some', (value) => value !== null);

/** Energy data: every number of them. */
export const ENERGY = data('the data of an energy file, as loadEnergy or parseEnergy give', {
  name: text,
  description: text,
  points: list(
    'a list of hardware points with their energy',
    part({
      hardware: byName(sought),
      clockPicoseconds: maybe(positive),
      peArray: unit,
      simd: unit,
      sramFemtojoulesPerBit: part({
        ...{ wbuf: perBit, ibuf: perBit, obuf: perBit, bbuf: perBit, vmem: perBit, imem: perBit },
      } satisfies KindsOf<EnergyFile['points'][number]['sramFemtojoulesPerBit']>),
      dramPicojoulesPerBit: amount,
    } satisfies KindsOf<EnergyFile['points'][number]>),
  ),
} satisfies Omit<KindsOf<EnergyFile>, '$schema'>);

/** The currents of a memory. */
export const DRAM_ENERGY = data('the currents of a memory, as loadDramEnergy or parseDramEnergy give', {
  name: text,
  source: text,
  volts: positive,
  devices: count,
  milliamperes: part({
    ...{ IDD0: amount, IDD2N: amount, IDD3N: amount, IDD4R: amount, IDD4W: amount, IDD5AB: amount },
    IDD5PB: maybe(amount),
  } satisfies KindsOf<DramEnergyFile['milliamperes']>),
} satisfies Omit<KindsOf<DramEnergyFile>, '$schema'>);
