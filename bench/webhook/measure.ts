// Measures a server's CPU per review: the time that its process used, divided by the number of
// reviews that it answered.
import { readdirSync, readFileSync } from 'node:fs';
import { webhookPaths } from '../../src/admission/webhooks.ts';
import { median } from '../statistics.ts';
import { type LoadOptions, sendLoad } from './load.ts';

/** A server under test: its process and its address. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
}

/**
 * One measurement: the server's processor time for each review (µs), the latency (ms), and reviews
 * a second.
 */
export interface Measured {
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
}

/**
 * Sends `requests` reviews over `connections`, and reads the processor time that the server used.
 */
export async function measure(
  server: Server,
  request: Pick<LoadOptions, 'path' | 'body' | 'requests' | 'connections'>,
): Promise<Measured> {
  const { requests } = request;
  const before = processorSeconds(server.pid);
  const { latencies, seconds } = await sendLoad({ ...server, ...request });
  const used = processorSeconds(server.pid) - before;
  const sorted = latencies.sort();
  return {
    cpuMicroseconds: (used * 1e6) / requests,
    p50Ms: sorted[Math.floor(requests * 0.5)] ?? 0,
    p99Ms: sorted[Math.floor(requests * 0.99)] ?? 0,
    perSecond: requests / seconds,
  };
}

/**
 * The cost of a review for Ringfence and for the floor: medians of alternating rounds, so that
 * other load on the machine affects both.
 */
export interface Comparison {
  /** The ratio of the processor times, computed for each round. */
  readonly ratio: number;
  readonly cpuMicroseconds: number;
  readonly floorMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Rounds before those that count. With 6,000 reviews each, they are the 18,000 for which V8 still
 * compiles and collects its first garbage.
 */
const warmUpRounds = 3;

/** Measures both servers `rounds` times, after some rounds that warm them up. */
export async function compareWithFloor(
  ringfence: Server,
  floor: Server,
  { body, mode, requests, rounds, connections = together }: ComparisonOptions,
): Promise<Comparison> {
  const measured: { readonly floor: Measured; readonly ringfence: Measured }[] = [];
  for (let round = 0; round < warmUpRounds + rounds; round += 1) {
    const given = { body, connections, requests };
    const both = {
      floor: await measure(floor, { ...given, path: '/' }),
      ringfence: await measure(ringfence, { ...given, path: reviewPath(mode) }),
    };
    if (round >= warmUpRounds) measured.push(both);
  }
  const of = (figure: (one: (typeof measured)[number]) => number): number => median(measured.map(figure));
  return {
    ratio: of((one) => one.ringfence.cpuMicroseconds / one.floor.cpuMicroseconds),
    cpuMicroseconds: of((one) => one.ringfence.cpuMicroseconds),
    floorMicroseconds: of((one) => one.floor.cpuMicroseconds),
    p50Ms: of((one) => one.ringfence.p50Ms),
    p99Ms: of((one) => one.ringfence.p99Ms),
  };
}

export interface ComparisonOptions {
  readonly body: string;
  readonly mode: 'observe' | 'enforce';
  readonly requests: number;
  readonly rounds: number;
  /** The number of reviews at the same time. The default is `together`. */
  readonly connections?: number;
}

/** The path to which the API server sends reviews of Pods, with its query. */
export function reviewPath(mode: 'observe' | 'enforce'): string {
  return `${mode === 'enforce' ? webhookPaths.enforced : webhookPaths.unenforced}?timeout=5s`;
}

/** The number of connections that send reviews at the same time. */
export const together = 16;

/**
 * The processor time of a process and all its threads, in seconds. (proc(5) schedstat counts
 * nanoseconds, while utime and stime count in steps of ten milliseconds.)
 */
export function processorSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((id) =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
}

/** The resident memory of a process, in MB (2^20 bytes). */
export interface Resident {
  readonly all: number;
  /**
   * The part of it that are pages of files: the Node binary and its libraries, which the processes
   * of a node share.
   */
  readonly files: number;
}

/** proc(5) status: VmRSS, and the RssFile in it. */
export function readResident(pid: number): Resident {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytesOf = (name: string): number => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
    return Number(kilobytes ?? Number.NaN) / 1024;
  };
  return { all: megabytesOf('VmRSS'), files: megabytesOf('RssFile') };
}
