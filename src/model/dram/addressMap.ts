/** Byte address → channel, bank and row, by the mapping string of a DRAM file. */
import { type AddressField, type DramSpec, fieldsOf } from '../schemas/dram.ts';

/** How many values each field takes. */
function fieldSizes({ organization: org }: DramSpec): Record<AddressField, number> {
  return {
    ro: org.rowsPerBank,
    ra: 1,
    bg: org.bankGroups,
    ba: org.banksPerGroup,
    ch: org.channels,
    co: org.accessesPerRow,
  };
}

/** How many bytes the memory holds, all channels together. */
export function memoryBytes(spec: DramSpec): number {
  const accesses = Object.values(fieldSizes(spec)).reduce((product, size) => product * size, 1);
  return accesses * spec.organization.bytesPerAccess;
}

/** Where an access goes. Decoding overwrites the same object: nothing is allocated per access. */
export class AddressMap {
  channel = 0;
  /** Bank within the channel: group · banks per group + bank. */
  bank = 0;
  row = 0;
  /** Number of the access in the memory: the same exactly for the same access. */
  access = 0;

  private readonly bytesPerAccess: number;
  private readonly banksPerGroup: number;
  private readonly shift: Readonly<Record<AddressField, number>>;
  private readonly mask: Readonly<Record<AddressField, number>>;

  constructor(spec: DramSpec) {
    this.bytesPerAccess = spec.organization.bytesPerAccess;
    this.banksPerGroup = spec.organization.banksPerGroup;
    const sizes = fieldSizes(spec);
    this.mask = { ro: sizes.ro - 1, ra: 0, bg: sizes.bg - 1, ba: sizes.ba - 1, ch: sizes.ch - 1, co: sizes.co - 1 };
    const shift: Record<AddressField, number> = { ro: 0, ra: 0, bg: 0, ba: 0, ch: 0, co: 0 };
    let accesses = 1;
    for (const field of fieldsOf(spec.mapping).reverse()) {
      shift[field] = Math.log2(accesses);
      accesses *= sizes[field];
    }
    this.shift = shift;
  }

  /** Decodes a byte address within the memory: whoever makes addresses refuses those beyond `memoryBytes`. */
  decode(address: number): void {
    const { shift, mask } = this;
    const access = Math.floor(address / this.bytesPerAccess);
    this.access = access;
    this.channel = (access >>> shift.ch) & mask.ch;
    this.bank = ((access >>> shift.bg) & mask.bg) * this.banksPerGroup + ((access >>> shift.ba) & mask.ba);
    this.row = (access >>> shift.ro) & mask.ro;
  }
}
