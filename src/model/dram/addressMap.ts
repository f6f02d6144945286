/** Byte address → channel, bank and row, by the mapping string of a DRAM file. */
import type { DramSpec } from '../schemas/dram.ts';
import { ADDRESS_FIELDS, type AddressField, fieldSizes, fieldsOf } from '../schemas/dramNames.ts';

/** How many bytes the memory holds, all channels together. */
export function memoryBytes(spec: DramSpec): number {
  const accesses = Object.values(fieldSizes(spec)).reduce((product, size) => product * size, 1);
  return accesses * spec.organization.bytesPerAccess;
}

/** The fields that tell the banks of a channel apart, outermost first. */
const BANK_FIELDS = ['pc', 'ra', 'si', 'bg', 'ba'] as const;

/**
 * Where an access goes. Decoding overwrites the same object: nothing is allocated per access. Whoever asks for one
 * access after the other has a map of its own, which does not look again while they stay in a row.
 */
export class AddressMap {
  channel = 0;
  /** Bank within the channel: those of a group, a stack id, a rank and a pseudo channel follow each other. */
  bank = 0;
  row = 0;
  /** Number of the access in the memory: the same exactly for the same access. */
  access = 0;

  private readonly perAccess: number;
  /** The bits of an access by which only its column changes, from the lowest on. */
  private readonly columnMask: number;
  private readonly channelShift: number;
  private readonly channelMask: number;
  private readonly rowShift: number;
  private readonly rowMask: number;
  /** Of the fields that make up a bank: where each is in the access and, as a factor, in the bank. */
  private readonly bankShift: Int32Array;
  private readonly bankMask: Int32Array;
  private readonly bankFactor: Int32Array;

  constructor(spec: DramSpec) {
    const sizes = fieldSizes(spec);
    const shift = Object.fromEntries(ADDRESS_FIELDS.map((field) => [field, 0])) as Record<AddressField, number>;
    let bits = 0;
    for (const field of fieldsOf(spec.mapping).reverse()) {
      shift[field] = bits;
      bits += Math.log2(sizes[field]);
    }
    this.perAccess = 1 / spec.organization.bytesPerAccess;
    const others = ADDRESS_FIELDS.filter((field) => field !== 'co' && sizes[field] > 1);
    this.columnMask = 2 ** Math.min(31, ...others.map((field) => shift[field])) - 1;
    this.channelShift = shift.ch;
    this.channelMask = sizes.ch - 1;
    this.rowShift = shift.ro;
    this.rowMask = sizes.ro - 1;
    const parts = BANK_FIELDS.filter((field) => sizes[field] > 1);
    this.bankShift = Int32Array.from(parts, (field) => shift[field]);
    this.bankMask = Int32Array.from(parts, (field) => sizes[field] - 1);
    this.bankFactor = Int32Array.from(parts, (_, place) =>
      parts.slice(place + 1).reduce((factor, field) => factor * sizes[field], 1),
    );
  }

  /** Accesses that follow the decoded one in its row. */
  get ahead(): number {
    return this.columnMask - (this.access & this.columnMask);
  }

  /** Decodes a byte address within the memory: whoever makes addresses refuses those beyond `memoryBytes`. */
  decode(address: number): void {
    this.decodeAccess((address * this.perAccess) | 0);
  }

  /** Decodes the access of a number: as `access` has it, 32 bits with a sign. */
  decodeAccess(access: number): void {
    if (access === this.access) return;
    const isNext = access === this.access + 1 && (access & this.columnMask) !== 0;
    this.access = access;
    if (isNext) return;
    const { bankShift, bankMask, bankFactor } = this;
    this.channel = (access >>> this.channelShift) & this.channelMask;
    this.row = (access >>> this.rowShift) & this.rowMask;
    let bank = 0;
    for (let part = 0; part < bankShift.length; part++) {
      bank += ((access >>> bankShift[part]!) & bankMask[part]!) * bankFactor[part]!;
    }
    this.bank = bank;
  }
}
