/** Broken and odd JSON: values of good ones deleted, doubled, exchanged, retyped, nested, and text that is none. */
import type seedrandom from 'seedrandom';
import { choose, integer } from '../../src/model/engine/random.ts';
import { mutateBytes } from '../support/mutations.ts';

type Random = seedrandom.PRNG;
type Json = unknown;

/** Text that stands in JSON as it is: no value of JavaScript's is written so. */
class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An object as its entries, so that a key can stand in it twice. */
class Entries {
  readonly list: [key: string, value: Json][];

  constructor(list: [key: string, value: Json][]) {
    this.list = list;
  }
}

/** Numbers at the ends of what a field may be, and beyond. */
const ODD_NUMBERS = [
  '0',
  '-0',
  '-1',
  '1',
  '2',
  '3',
  '7',
  '0.5',
  '1.5',
  '64',
  '255',
  '1000',
  '65536',
  '1048576',
  '1073741824',
  '2147483647',
  '4294967296',
  '999999937',
  '1000000000',
  '9007199254740991',
  '9007199254740993',
  '1e15',
  '1e21',
  '1e300',
  '1e999',
  '-1e999',
  '1e-9',
  '1e-300',
  '5e-324',
];

/** Texts that a terminal, a spreadsheet, a page or JavaScript takes for more than text. */
const ODD_TEXTS = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  'input',
  '\u0000',
  '\u001b[2J\u001b[H',
  '\u009b31m',
  'two\nlines',
  'a\rb\tc',
  '\u202eright to left',
  '\u2028',
  '\ud800',
  '\ufeff',
  '=1+1',
  '@SUM(A1)',
  '-1',
  '+1',
  '"',
  "'",
  ',',
  '\\',
  '</script><script>alert(1)</script>',
  '../../x',
  '/',
  'é',
  '😀',
  'x'.repeat(300),
  'x'.repeat(5000),
];

const DEEP = 3000;
const SOMEWHAT_DEEP = 30;

/** Values of other types. */
const ODD_VALUES: readonly Json[] = [null, true, false, [], {}, [[]], { a: 1 }, [1, 2], '1', 0, ''];

/** One of them, of its own: it may be changed in turn. */
const oddValue = (random: Random): Json => opened(choose(random, ODD_VALUES));

/** Where a value stands. */
interface Place {
  readonly holder: Json[] | Entries;
  readonly at: number;
}

const valueAt = ({ holder, at }: Place): Json => (holder instanceof Entries ? holder.list[at]![1] : holder[at]);

function put({ holder, at }: Place, value: Json): void {
  if (holder instanceof Entries) holder.list[at]![1] = value;
  else holder[at] = value;
}

/** A copy in which objects are lists of entries. */
function opened(value: Json): Json {
  if (Array.isArray(value)) return value.map(opened);
  if (value instanceof Entries) return new Entries(value.list.map(([key, item]) => [key, opened(item)]));
  if (value instanceof Raw || typeof value !== 'object' || value === null) return value;
  return new Entries(Object.entries(value).map(([key, item]) => [key, opened(item)]));
}

/** Every place within a value. */
function placesIn(value: Json, found: Place[] = []): Place[] {
  const holder = value instanceof Entries || Array.isArray(value) ? value : undefined;
  if (holder === undefined) return found;
  const length = holder instanceof Entries ? holder.list.length : holder.length;
  for (let at = 0; at < length; at++) {
    found.push({ holder, at });
    placesIn(valueAt({ holder, at }), found);
  }
  return found;
}

function written(value: Json): string {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  if (value instanceof Entries) {
    return `{${value.list.map(([key, item]) => `${JSON.stringify(key)}:${written(item)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** A number near another: what is accepted is the larger part of what must not go wrong. */
function nearNumber(random: Random, value: number): Json {
  switch (integer(random, 0, 6)) {
    case 0:
      return value + 1;
    case 1:
      return value - 1;
    case 2:
      return 2 * value;
    case 3:
      return value / 2;
    case 4:
      return integer(random, 1, 16);
    case 5:
      return 2 ** integer(random, 0, 12);
    default:
      return new Raw(choose(random, ODD_NUMBERS));
  }
}

/** Another value in the place of one. */
function otherValue(random: Random, value: Json, root: Json): Json {
  const kind = random();
  if (typeof value === 'number') {
    if (kind < 0.85) return nearNumber(random, value);
  } else if (typeof value === 'string' && kind < 0.7) {
    if (kind < 0.2) return choose(random, ODD_TEXTS);
    // A name that stands elsewhere in the file.
    const texts = placesIn(root)
      .map(valueAt)
      .filter((each) => typeof each === 'string');
    return kind < 0.6 ? choose(random, texts) : `${value}${choose(random, ODD_TEXTS)}`;
  }
  if (kind < 0.9) return oddValue(random);
  if (kind < 0.95) return new Raw(choose(random, ODD_NUMBERS));
  const depth = random() < 0.5 ? DEEP : SOMEWHAT_DEEP;
  return new Raw(
    random() < 0.5 ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
  );
}

function changeOnce(random: Random, root: Json): void {
  const places = placesIn(root);
  if (places.length === 0) return;
  const place = choose(random, places);
  const { holder, at } = place;
  const list: unknown[] = holder instanceof Entries ? holder.list : holder;
  switch (integer(random, 0, 19)) {
    case 0:
      list.splice(at, 1);
      break;
    case 1: // twice: of an object that is the same key
      list.splice(
        at,
        0,
        holder instanceof Entries ? [holder.list[at]![0], opened(valueAt(place))] : opened(valueAt(place)),
      );
      break;
    case 2: {
      const other = choose(random, places);
      const [a, b] = [opened(valueAt(place)), opened(valueAt(other))];
      put(place, b);
      if (placesIn(root).some((each) => each.holder === other.holder)) put(other, a);
      break;
    }
    case 3:
      if (holder instanceof Entries) holder.list[at]![0] = choose(random, ODD_TEXTS);
      else list.push(opened(choose(random, holder)));
      break;
    case 4:
      if (holder instanceof Entries) holder.list.push([choose(random, ODD_TEXTS), oddValue(random)]);
      else list.splice(at, 0, oddValue(random));
      break;
    default: {
      // Numbers are what most of a file's meaning is in.
      const numbers = places.filter((each) => typeof valueAt(each) === 'number');
      const chosen = numbers.length > 0 && random() < 0.75 ? choose(random, numbers) : place;
      put(chosen, otherValue(random, valueAt(chosen), root));
    }
  }
}

const ODD_ENCODINGS: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
  (bytes) => Buffer.concat([Buffer.from('\ufeff'), bytes]),
  (bytes) => Buffer.from(Buffer.from(bytes).toString('utf8'), 'utf16le'),
  (bytes) => bytes.subarray(0, bytes.length - 1),
  () => new Uint8Array(),
  (bytes) => Buffer.concat([bytes, bytes]),
];

/** A JSON file with one to three changes, sometimes of its bytes too. */
export function mutateJson(random: Random, text: string): Uint8Array {
  const root = opened([JSON.parse(text)]);
  const holder = root as Json[];
  for (let count = choose(random, [0, 1, 1, 1, 1, 1, 2, 2, 3]); count > 0; count--) changeOnce(random, holder);
  const bytes = Buffer.from(written(holder[0]) ?? '');
  const kind = random();
  if (kind < 0.04) return mutateBytes(random, bytes);
  if (kind < 0.06) return choose(random, ODD_ENCODINGS)(bytes);
  return bytes;
}
