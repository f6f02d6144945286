/** The queue's Redis: by its URL, with libraries that come only to those who ask for a queue. */
import { InvalidArgumentError } from '@commander-js/extra-typings';
import type * as BullMQ from 'bullmq';
import type { Redis } from 'ioredis';
import { InputError } from '../../../../model/schemas/inputError.ts';
import { say } from '../../stderr.ts';

const MILLISECONDS_TO_ANSWER = 3000;
const MOST_MILLISECONDS_BETWEEN_TRIES = 500;

/** Parses `redis://host:6379` or, encrypted, `rediss://…`. */
export function parseQueue(text: string): string {
  const url = URL.parse?.(text) ?? (URL.canParse(text) ? new URL(text) : null);
  if (url === null || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    throw new InvalidArgumentError('expected the URL of a Redis, such as redis://host:6379.');
  }
  return text;
}

/** A URL without its password, for messages. */
export function shownUrl(text: string): string {
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}

/** The libraries of a queue; an InputError says how to get them. */
export async function queueLibraries(): Promise<{ bullmq: typeof BullMQ; Redis: typeof Redis }> {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, Redis: ioredis.Redis };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const expected = 'the packages bullmq and ioredis beside systole: npm install bullmq@6 ioredis@6';
    throw new InputError({ file: '--queue', path: '', expected });
  }
}

/** Why a Redis cannot be had, in words. */
function expectedOf({ message }: Error): string {
  // The client ends so what it says of an answer in no protocol that it knows.
  if (message.endsWith('Please report this.')) return 'a Redis; what answers there is none';
  return `a Redis that answers (${message})`;
}

/** A connection that waits for a Redis which is away, and says so once each time. */
export interface Connection {
  readonly redis: Redis;
  /** Is called each time that it answers again. */
  readonly onReturn: (act: () => void) => void;
  readonly close: () => void;
}

/** Connects; an InputError where nothing answers at first. Afterwards a Redis that goes away is waited for. */
export async function connect(url: string): Promise<Connection> {
  const { Redis: Client } = await queueLibraries();
  let isAway = false;
  let lastError = 'it does not answer';
  const redis = new Client(url, {
    maxRetriesPerRequest: null,
    retryStrategy: (tries) => Math.min(20 * 2 ** tries, MOST_MILLISECONDS_BETWEEN_TRIES),
  });
  let isOpen = false;
  const returns: (() => void)[] = [];
  redis.on('error', (error: Error) => {
    lastError = error.message || String((error as NodeJS.ErrnoException).code);
  });
  redis.on('close', () => {
    if (isOpen && !isAway) say(`systole: ${shownUrl(url)} is away; waiting for it\n`);
    isAway = true;
  });
  redis.on('ready', () => {
    if (isOpen && isAway) say(`systole: ${shownUrl(url)} is back\n`);
    isAway = false;
    if (isOpen) for (const act of returns) act();
  });
  const close = (): void => {
    isOpen = false;
    redis.disconnect();
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(lastError)), MILLISECONDS_TO_ANSWER);
  });
  try {
    await Promise.race([redis.ping(), late]);
  } catch (error) {
    close();
    throw new InputError({ file: '--queue', path: '', value: shownUrl(url), expected: expectedOf(error as Error) });
  } finally {
    clearTimeout(timer);
  }
  isOpen = true;
  return { redis, onReturn: (act) => returns.push(act), close };
}
