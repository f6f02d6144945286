/** What there is to choose from: hardware, networks, memories, operations, formulas and the names that these can read. */
import { type DramModel, peakBitsPerCycle } from '../../model/dram/model.ts';
import type { Formula } from '../../model/formulas/formula.ts';
import { HARDWARE_QUANTITIES, TEXT_QUANTITIES, VOCABULARY } from '../../model/formulas/vocabulary.ts';
import { SIMD_OPERATIONS, type SimdOp, simdOperation } from '../../model/operations/simdTable.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { WORKLOAD_OPS, type Workload } from '../../model/schemas/workload.ts';
import type { Program } from '../../model/workload/program.ts';
import { type Column, names, numbers, sentences } from './columnFit.ts';
import { integer } from './numbers.ts';
import { type Row, tableLines } from './plainTable.ts';
import { wrapped } from './wrapped.ts';

/** A hardware point, without where its schema lies. */
export type HardwareEntry = Omit<Hardware, '$schema'>;

/** A hardware file as an entry of the list. */
export function hardwareEntry({ $schema, ...hardware }: Hardware): HardwareEntry {
  return hardware;
}

/** A network of the presets. */
export interface NetworkEntry {
  readonly name: string;
  readonly description: string;
  readonly layers: number;
  /** Trained numbers. */
  readonly parameters: number;
  /** Useful MACs of one image. */
  readonly macs: number;
  /** For which the machine has all of its operations. */
  readonly runsIn: readonly Program['phase'][];
}

/** What a workload states of itself. */
export function networkEntry(workload: Workload, runsIn: NetworkEntry['runsIn']): NetworkEntry {
  const { name, description = '', layers, parameters = 0, macs = 0 } = workload;
  return { name, description, layers: layers.length, parameters, macs, runsIn };
}

/** A memory of the presets; a pipe with latency has no channels and no peak of its own. */
export interface DramEntry {
  readonly name: string;
  readonly description: string;
  readonly kind: 'banked' | 'latency';
  readonly channels: number | null;
  /** Of one channel, over all its ranks and bank groups. */
  readonly banks: number | null;
  readonly bytesPerAccess: number | null;
  readonly clockPicoseconds: number | null;
  readonly peakGigabytesPerSecond: number | null;
}

const PICOSECONDS_PER_NANOSECOND = 1000;
const BITS_PER_BYTE = 8;

/** What a memory's data come to. */
export function dramEntry(dram: DramModel & { kind: 'banked' | 'latency' }): DramEntry {
  const { name, description = '' } = dram.spec;
  const none = { channels: null, banks: null, bytesPerAccess: null, clockPicoseconds: null };
  if (dram.kind === 'latency') return { name, description, kind: 'latency', ...none, peakGigabytesPerSecond: null };
  const { organization, clockPicoseconds } = dram.spec;
  const { channels, ranks, bankGroups, banksPerGroup, bytesPerAccess } = organization;
  return {
    name,
    description,
    kind: 'banked',
    channels,
    banks: ranks * bankGroups * banksPerGroup,
    bytesPerAccess,
    clockPicoseconds,
    // A bit per nanosecond is a gigabit per second.
    peakGigabytesPerSecond: peakBitsPerCycle(dram.spec, PICOSECONDS_PER_NANOSECOND) / BITS_PER_BYTE,
  };
}

/** An operation by its name in workload files and results. */
export interface OperationEntry {
  readonly op: string;
  /** The array that runs it; null for what only workload files name, which becomes others or moves nothing. */
  readonly unit: 'SA' | 'SIMD' | null;
  /** Whether a layer of a workload file may be it; the others come of training, or of such layers. */
  readonly isInFiles: boolean;
  /** Tensors that its tiles are loaded from and stored to. */
  readonly loads: readonly string[];
  readonly stores: readonly string[];
}

const ON_PE_ARRAY = { loads: ['weight', 'bias', 'ifmap', 'psum'], stores: ['psum', 'ofmap'] } as const;

function tensorsOf(op: SimdOp, of: 'loads' | 'stores'): string[] {
  return [...new Set(simdOperation(op).parts.flatMap((part) => part[of].map(({ tensor }) => tensor)))];
}

/** All operations: those of the PE array, of the SIMD array, and those that only files name. */
export function operationEntries(): OperationEntry[] {
  const inFiles: readonly string[] = WORKLOAD_OPS;
  const onPeArray = ['conv', 'gemm'] as const;
  const onSimdArray = Object.keys(SIMD_OPERATIONS) as SimdOp[];
  const onEither: readonly string[] = [...onPeArray, ...onSimdArray];
  const isInFiles = (op: string): boolean => inFiles.includes(op);
  return [
    ...onPeArray.map((op) => ({ op, unit: 'SA', isInFiles: isInFiles(op), ...ON_PE_ARRAY }) as const),
    ...onSimdArray.map((op) => {
      const [loads, stores] = [tensorsOf(op, 'loads'), tensorsOf(op, 'stores')];
      return { op, unit: 'SIMD', isInFiles: isInFiles(op), loads, stores } as const;
    }),
    ...inFiles
      .filter((op) => !onEither.includes(op))
      .map((op) => ({ op, unit: null, isInFiles: true, loads: [], stores: [] }) as const),
  ];
}

/** A formula that comes along. */
export interface FormulaEntry {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly columns: readonly string[];
}

/** What a formula says of itself. */
export function formulaEntry({ name, description = '', source = '', columns }: Formula): FormulaEntry {
  return { name, description, source, columns };
}

/** A name that expressions of formulas can read. */
export interface NameEntry {
  readonly name: string;
  /** The layers of which it is known: convs and gemms (SA), others (SIMD), or all. */
  readonly of: 'SA' | 'SIMD' | 'any';
  readonly unit: string;
  readonly meaning: string;
}

/** All names that formulas can read: those of convs and gemms, of other layers, of the hardware, and texts. */
export function nameEntries(): NameEntry[] {
  const own = (['SA', 'SIMD'] as const).flatMap((of) => [
    ...Object.entries(VOCABULARY[of].layer).map(([name, { unit, meaning }]) => ({ name, of, unit, meaning })),
    ...Object.entries(VOCABULARY[of].texts)
      .filter(([name]) => !Object.hasOwn(TEXT_QUANTITIES, name))
      .map(([name, { meaning }]) => ({ name, of, unit: 'text', meaning })),
  ]);
  const ofAll = [
    ...Object.entries(TEXT_QUANTITIES).map(([name, { meaning }]) => ({ name, unit: 'text', meaning })),
    ...Object.entries(HARDWARE_QUANTITIES).map(([name, { unit, meaning }]) => ({ name, unit, meaning })),
  ];
  return [...own, ...ofAll.map((entry) => ({ ...entry, of: 'any' as const }))];
}

/** Lists by what they are of; those that were not asked for are not there. */
export interface Catalogue {
  readonly hardware?: readonly HardwareEntry[];
  readonly workloads?: readonly NetworkEntry[];
  readonly dram?: readonly DramEntry[];
  readonly operations?: readonly OperationEntry[];
  readonly formulas?: readonly FormulaEntry[];
  readonly names?: readonly NameEntry[];
}
export type CatalogueKind = keyof Catalogue;

const SRAMS = ['wbuf', 'ibuf', 'obuf', 'bbuf', 'vmem'] as const;
const INTERFACES = ['weight', 'ifmap', 'psum', 'vmem'] as const;
const SRAM_TITLES = { wbuf: 'WBuf', ibuf: 'IBuf', obuf: 'OBuf', bbuf: 'BBuf', vmem: 'VMem' } as const;

const orNothing = (value: number | null): string => (value === null ? '' : integer(value));

/** How a list is shown: its caption, its columns and the cells of an entry. */
interface Table<Entry> {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly row: (entry: Entry) => Row;
}

const TABLES: { readonly [Kind in CatalogueKind]-?: Table<NonNullable<Catalogue[Kind]>[number]> } = {
  hardware: {
    caption: 'hardware: the array, KiB per SRAM, bits per cycle of the interfaces',
    columns: [
      names('name'),
      numbers('array'),
      ...SRAMS.map((sram) => numbers(`${SRAM_TITLES[sram]}\nKiB`)),
      ...INTERFACES.map((name) => numbers(`${name}\nbit/c`)),
      numbers('clock\nps'),
    ],
    row: ({ name, array, sramKiB, bitsPerCycle, clockPicoseconds }) => [
      name,
      `${array.rows}×${array.columns}`,
      ...SRAMS.map((sram) => String(sramKiB[sram])),
      ...INTERFACES.map((each) => String(bitsPerCycle[each])),
      String(clockPicoseconds),
    ],
  },
  workloads: {
    caption: 'networks: trained parameters, useful MACs of one image, and the phases that run',
    columns: [
      names('name'),
      numbers('layers'),
      numbers('parameters'),
      numbers('useful MACs'),
      sentences('runs in'),
      sentences('what it is', 1),
    ],
    row: ({ name, layers, parameters, macs, runsIn, description }) => [
      name,
      String(layers),
      integer(parameters),
      integer(macs),
      runsIn.join(' ') || 'not yet',
      description,
    ],
  },
  dram: {
    caption: 'memories: channels, banks of a channel, bytes of an access, the peak of all channels',
    columns: [
      names('name'),
      numbers('channels'),
      numbers('banks'),
      numbers('bytes'),
      numbers('GB/s'),
      sentences('what it is'),
    ],
    row: ({ name, channels, banks, bytesPerAccess, peakGigabytesPerSecond: peak, description }) => [
      name,
      orNothing(channels),
      orNothing(banks),
      orNothing(bytesPerAccess),
      peak === null ? '' : peak.toFixed(1),
      description,
    ],
  },
  operations: {
    caption:
      'operations: the array that runs them (none: it becomes others, or moves nothing), whether workload files name them, their tensors',
    columns: [names('operation'), names('unit'), names('in files'), sentences('loads'), sentences('stores')],
    row: ({ op, unit, isInFiles, loads, stores }) => [
      op,
      unit ?? '',
      isInFiles ? 'yes' : '',
      loads.join(' '),
      stores.join(' '),
    ],
  },
  formulas: {
    caption: 'formulas: what each says, where it is from, and how many columns it gives (cycles, traffic, accesses)',
    columns: [names('name'), numbers('columns'), sentences('what it says, and where it is from')],
    row: ({ name, columns, description, source }) => [name, integer(columns.length), `${description} ${source}`],
  },
  names: {
    caption:
      'names that formulas can read: of convs and gemms (SA), of other layers (SIMD), of any; beside them min max abs ceil floor log2 if, + - * / %, comparisons, && || ! ?:',
    columns: [names('name'), names('of'), names('unit'), sentences('meaning')],
    row: ({ name, of, unit, meaning }) => [name, of, unit, meaning],
  },
};

function* listLines<Kind extends CatalogueKind>(kind: Kind, catalogue: Catalogue, room: number): Generator<string> {
  const { columns, row } = TABLES[kind] as Table<NonNullable<Catalogue[Kind]>[number]>;
  const entries = (catalogue[kind] ?? []) as readonly NonNullable<Catalogue[Kind]>[number][];
  yield* tableLines(columns, entries.map(row), room);
}

/** The lists as tables, each under its caption. */
export function* catalogueTable(catalogue: Catalogue, room: number): Generator<string> {
  for (const [place, kind] of (Object.keys(catalogue) as CatalogueKind[]).entries()) {
    yield `${place === 0 ? '' : '\n'}${wrapped(TABLES[kind].caption, room)}\n\n`;
    yield* listLines(kind, catalogue, room);
  }
}
