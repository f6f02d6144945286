/** What an explanation calls the parts of the accelerator. */

import type { Layer } from '../../model/layers/layer.ts';
import { isInterface, type ResourceName } from '../../studies/explain/resources.ts';
import { integer } from './numbers.ts';

const NAMES: Readonly<Record<string, string>> = {
  wbuf: 'WBuf',
  ibuf: 'IBuf',
  obuf: 'OBuf',
  bbuf: 'BBuf',
  vmem: 'VMem',
  rows: 'array rows',
  columns: 'array columns',
  channels: 'DRAM channels',
};

/** An SRAM, an interface or a size as the reports name it. */
export function nameOf(part: string): string {
  return NAMES[part] ?? part;
}

/** `the ifmap interface`, `the weight interface and the array rows`; a SIMD layer's lanes are the columns. */
export function resourcesInWords(resources: readonly ResourceName[], unit: Layer['unit']): string {
  const inWords = (name: ResourceName): string =>
    isInterface(name)
      ? `the ${nameOf(name)} interface`
      : name === 'columns' && unit === 'SIMD'
        ? 'the SIMD lanes (array columns)'
        : `the ${nameOf(name)}`;
  return resources.map(inWords).join(' and ');
}

/** Hardware files may give fractions of a bit per cycle. */
export function amountInWords(amount: number): string {
  return Number.isInteger(amount) ? integer(amount) : `${amount}`;
}

/** `512 bits per cycle`, `512 bits per cycle and 64 rows`. */
export function amountsInWords(resources: readonly ResourceName[], amounts: readonly number[]): string {
  const unitOf = (name: ResourceName): string => (isInterface(name) ? 'bits per cycle' : name);
  return resources.map((name, place) => `${amountInWords(amounts[place]!)} ${unitOf(name)}`).join(' and ');
}

/** What the array can take of the weight interface, whatever that could bring. */
export function weightCapInWords(takenBitsPerCycle: number): string {
  return `The array takes at most J · b_w = ${amountInWords(takenBitsPerCycle)} bits of weights per cycle`;
}
